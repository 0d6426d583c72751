internal import Foundation

/// A Redis of one test's own: without a disk, on a free loopback port, gone with this process.
///
/// A shell watches over it with the read end of a pipe as its input; when this process ends, however it ends, the shell
/// stops the server and removes the folder.
package final class PrivateRedis: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let port: Int
    private let watchdog: Child
    private let lifeline: FileHandle

    /// - Parameter options: as on redis-server's command line; no password, which is to be set when it runs.
    package init(_ options: [String] = []) async throws {
        var attempts = 0
        while true {
            let port = try PrivatePostgres.freePort()
            do {
                (watchdog, lifeline) = try await PrivateRedis.start(port: port, options)
                self.port = port
                return
            } catch let failure as Failure {
                // Between finding a free port and taking it, somebody else may take it.
                attempts += 1
                if attempts == 5 { throw failure }
            }
        }
    }

    deinit { try? lifeline.close() }

    /// Ends the server at once, as a crash would.
    package func kill() async throws {
        try lifeline.close()
        _ = try await watchdog.finish()
    }

    /// Ends the server at once, or begins another on the same port, which is empty. Says nothing of when that is done.
    package func stop() throws { try lifeline.write(contentsOf: Data("stop\n".utf8)) }
    package func start() throws { try lifeline.write(contentsOf: Data("start\n".utf8)) }

    /// Sends one command by `redis-cli`: the other side of what is tested.
    @discardableResult
    package func run(_ arguments: String...) async throws -> String { try await run(arguments) }

    @discardableResult
    package func run(_ arguments: [String]) async throws -> String {
        try await PrivateRedis.output("/usr/bin/redis-cli", ["-e", "-p", String(port)] + arguments)
    }

    /// Sends lines by `redis-cli`.
    package func load(_ lines: String) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("zlh-\(UUID().uuidString).redis")
        try lines.write(to: file, atomically: true, encoding: .utf8)
        defer { _ = try? FileManager.default.removeItem(at: file) }
        let said = try await PrivateRedis.output(
            "/usr/bin/redis-cli", ["-p", String(port)], input: FileHandle(forReadingFrom: file))
        if said.contains("ERR") { throw Failure(description: said) }
    }

    /// The read-only user of the documentation.
    package func addReader(_ name: String = "gsr", password: String, queues: [String]) async throws {
        let keys = queues.map { "%R~bull:\($0):*" }
        let arguments =
            ["-e", "-p", String(port), "ACL", "SETUSER", name, "on", ">\(password)", "resetkeys"] + keys
            + "resetchannels -@all +@read +ping +hello +info +time +role +client|list +client|setname"
            .split(separator: " ").map(String.init)
        _ = try await PrivateRedis.output("/usr/bin/redis-cli", arguments)
    }

    private static let script = """
        set -eu
        trap '' INT HUP TERM
        dir=$1 port=$2
        shift 2
        cd "$dir"
        begin() {
            redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$dir" "$@" </dev/null >log 2>&1 &
            pid=$!
        }
        begin "$@"
        left=1000
        while kill -0 $pid 2>/dev/null && [ $((left -= 1)) -gt 0 ]; do
            # The answer has to be of this process: somebody else's Redis may have the port.
            if redis-cli -p "$port" info server 2>/dev/null | tr -d '\\r' | grep -qx "process_id:$pid"; then
                echo ready
                while read -r word; do
                    case $word in
                        stop) kill -KILL $pid; wait $pid || true ;;
                        start) begin "$@" ;;
                    esac
                done
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

    private static func start(port: Int, _ options: [String]) async throws -> (Child, FileHandle) {
        let folder = "/tmp/zlh-redis-" + String(UInt64.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let lifeline = Pipe()
        // No other child may hold the lifeline, or it would outlive us.
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let shell = try Child(
            "/bin/sh", ["-c", script, "sh", folder, String(port)] + options,
            input: lifeline.fileHandleForReading.fileDescriptor, endsByItself: true)
        try await shell.waitUntilReady()
        return (shell, lifeline.fileHandleForWriting)
    }

    private static func output(_ program: String, _ arguments: [String], input: FileHandle? = nil) async throws
        -> String
    {
        let (status, text) = try await Child(program, arguments, input: input?.fileDescriptor).finish()
        guard status == 0 else { throw Failure(description: text) }
        return text
    }
}
