internal import Foundation
internal import Glibc

/// A Redis of one test's own: without a disk, on a free loopback port, gone with this process.
///
/// A shell watches over it with the read end of a pipe as its input; when this process ends, however it ends, the shell
/// stops the server and removes the folder.
package final class PrivateRedis: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let port: Int
    private let watchdog: Process
    private let lifeline: Pipe

    /// - Parameter options: as on redis-server's command line.
    package init(_ options: [String] = []) throws {
        var attempts = 0
        while true {
            let port = try PrivatePostgres.freePort()
            do {
                (watchdog, lifeline) = try PrivateRedis.start(port: port, options)
                self.port = port
                return
            } catch let failure as Failure {
                // Between finding a free port and taking it, somebody else may take it.
                attempts += 1
                if attempts == 5 { throw failure }
            }
        }
    }

    deinit { try? lifeline.fileHandleForWriting.close() }

    /// Ends the server at once, as a crash would.
    package func kill() throws {
        try lifeline.fileHandleForWriting.close()
        watchdog.waitUntilExit()
    }

    /// Sends one command by `redis-cli`: the other side of what is tested.
    @discardableResult
    package func run(_ arguments: String...) throws -> String {
        try PrivateRedis.output("/usr/bin/redis-cli", ["-e", "-p", String(port)] + arguments)
    }

    /// Sends lines by `redis-cli`.
    package func load(_ lines: String) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("zlh-\(UUID().uuidString).redis")
        try lines.write(to: file, atomically: true, encoding: .utf8)
        defer { _ = try? FileManager.default.removeItem(at: file) }
        let said = try PrivateRedis.output("/usr/bin/redis-cli", ["-p", String(port)], input: file)
        if said.contains("ERR") { throw Failure(description: said) }
    }

    /// The read-only user of the documentation.
    package func addReader(_ name: String = "gsr", password: String, queues: [String]) throws {
        let keys = queues.map { "%R~bull:\($0):*" }
        let arguments =
            ["-e", "-p", String(port), "ACL", "SETUSER", name, "on", ">\(password)", "resetkeys"] + keys
            + "resetchannels -@all +@read +ping +hello +info +time +role +client|list +client|setname"
            .split(separator: " ").map(String.init)
        _ = try PrivateRedis.output("/usr/bin/redis-cli", arguments)
    }

    private static let script = """
        set -eu
        trap '' INT HUP TERM
        dir=$1 port=$2
        shift 2
        cd "$dir"
        redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$dir" "$@" </dev/null >log 2>&1 &
        pid=$!
        while kill -0 $pid 2>/dev/null; do
            # The answer has to be of this process: somebody else's Redis may have the port.
            if redis-cli -p "$port" info server 2>/dev/null | tr -d '\\r' | grep -qx "process_id:$pid"; then
                echo ready
                read -r _ || true
                break
            fi
            sleep 0.02
        done
        kill -KILL $pid 2>/dev/null || true
        wait $pid || true
        tail -n 3 log 2>/dev/null || true
        cd /
        rm -rf "$dir"
        """

    private static func start(port: Int, _ options: [String]) throws -> (Process, Pipe) {
        let folder = "/tmp/zlh-redis-" + String(UInt64.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let (lifeline, said) = (Pipe(), Pipe())
        // No other child may hold the lifeline, or it would outlive us.
        for end in [lifeline.fileHandleForWriting, said.fileHandleForReading] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, "sh", folder, String(port)] + options
        shell.standardInput = lifeline.fileHandleForReading
        shell.standardOutput = said.fileHandleForWriting
        try shell.run()
        try said.fileHandleForWriting.close()
        var text = ""
        while !text.hasPrefix("ready\n") {
            let data = said.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(description: "Redis did not start: \(text)") }
            text += String(decoding: data, as: UTF8.self)
        }
        return (shell, lifeline)
    }

    private static func output(_ program: String, _ arguments: [String], input: URL? = nil) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard process.terminationStatus == 0 else { throw Failure(description: text) }
        return text
    }
}

/// BullMQ's official Python port, which writes the queues of the tests: `scripts/prepare-tests` installs both versions.
package struct BullMQWriter: Sendable {
    /// 5 or 6: the layout.
    package let layout: Int
    private let python: String

    /// - Throws: when `ZLH_BULLMQ` does not name the folder with the two installations: a check that cannot run fails.
    package init(layout: Int) throws {
        self.layout = layout
        guard let folder = ProcessInfo.processInfo.environment["ZLH_BULLMQ"] else {
            throw PrivateRedis.Failure(
                description: "ZLH_BULLMQ is not set; run scripts/test, or scripts/prepare-tests and set what it prints")
        }
        python = "\(folder)/v\(layout)/bin/python3"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw PrivateRedis.Failure(description: "there is no \(python); run scripts/prepare-tests")
        }
    }

    /// Runs a scenario to its end: statements in an async function with `queue`, `Queue`, `Worker`, `opts` and `asyncio`.
    package func run(_ body: String, queue: String, on redis: PrivateRedis) throws {
        let said = try start(body, queue: queue, on: redis).finish()
        guard said.isEmpty else { throw PrivateRedis.Failure(description: said) }
    }

    /// Begins a scenario and waits until it prints `ready`.
    package func begin(_ body: String, queue: String, on redis: PrivateRedis) throws -> BullMQRun {
        let run = try start(body, queue: queue, on: redis)
        try run.waitUntilReady()
        return run
    }

    private func start(_ body: String, queue: String, on redis: PrivateRedis) throws -> BullMQRun {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
        let program = """
            import asyncio
            from bullmq import Queue, Worker
            opts = {"connection": "redis://127.0.0.1:\(redis.port)"}
            async def main():
                queue = Queue("\(queue)", opts)
            \(lines.joined(separator: "\n"))
                await queue.close()
            asyncio.run(main())
            """
        return try BullMQRun(python: python, program: program)
    }
}

/// One process of the writer; killed when nobody holds it any more.
package final class BullMQRun: Sendable {
    private let process: Process
    private let said = Pipe()

    init(python: String, program: String) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-W", "ignore", "-c", program]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = said
        process.standardError = said
        _ = fcntl(said.fileHandleForReading.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try process.run()
        try said.fileHandleForWriting.close()
    }

    deinit { kill() }

    /// As `kill -9` would.
    package func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func waitUntilReady() throws {
        var text = ""
        while !text.contains("ready\n") {
            let data = said.fileHandleForReading.availableData
            guard !data.isEmpty else { throw PrivateRedis.Failure(description: text) }
            text += String(decoding: data, as: UTF8.self)
        }
    }

    func finish() throws -> String {
        let data = said.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        return process.terminationStatus == 0 ? "" : "exit \(process.terminationStatus): \(text)"
    }
}
