internal import Foundation

/// A PostgreSQL of the tests' own: in a temporary folder, on a Unix socket and a free loopback port, gone with this
/// process.
///
/// Works as root too, where `initdb` refuses: the server then runs as `postgres` or `nobody`. A shell watches over it
/// with the read end of a pipe as its input; when this process ends, however it ends, the shell stops the server and
/// removes the folder.
package final class PrivatePostgres: Sendable {
    /// The server that the tests of one process share.
    package static let shared = Result { try PrivatePostgres() }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Holds the socket, too: `?host=` of a URL.
    package let folder: String
    package let port: Int
    private let watchdog: Process
    private let lifeline: Pipe

    /// A user that has to give the password `correct horse`, over TCP.
    package static let passwordUser = "with_password"

    package init() throws {
        let binaries = try PrivatePostgres.binaries()
        var attempts = 0
        while true {
            let port = try PrivatePostgres.freePort()
            do {
                let started = try PrivatePostgres.start(binaries, port: port)
                (folder, watchdog, lifeline) = started
                self.port = port
                break
            } catch let failure as Failure {
                // Between finding a free port and taking it, somebody else may take it.
                attempts += 1
                if attempts == 5 { throw failure }
            }
        }
        try run("create role \(Self.passwordUser) login password 'correct horse'")
    }

    deinit { try? lifeline.fileHandleForWriting.close() }

    /// Ends the server at once, as a crash would.
    package func kill() throws {
        try lifeline.fileHandleForWriting.close()
        watchdog.waitUntilExit()
    }

    /// Has the server shut down, or begin again with what it had. Says nothing of when that is done.
    package func stop() throws { try order("stop") }
    package func start() throws { try order("start") }

    private func order(_ word: String) throws {
        try lifeline.fileHandleForWriting.write(contentsOf: Data("\(word)\n".utf8))
    }

    package func url(user: String = "postgres", database: String, overSocket: Bool = false) -> String {
        overSocket
            ? "postgres://\(user)@/\(database)?host=\(folder)&port=\(port)"
            : "postgres://\(user)@127.0.0.1:\(port)/\(database)"
    }

    /// A database of this test's own, a copy of `template`.
    package func createDatabase(template: String = "template1") throws -> String {
        let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try run("create database \(name) template \(template)")
        return name
    }

    /// Runs one statement as the superuser, by `psql`: the other side of what is tested.
    @discardableResult
    package func run(_ sql: String, database: String = "postgres") throws -> String {
        let binaries = try PrivatePostgres.binaries()
        return try PrivatePostgres.output("\(binaries)/psql", psqlArguments(database) + ["-c", sql])
    }

    func psqlArguments(_ database: String) -> [String] {
        [
            "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", String(port), "-U", "postgres", "-d",
            database,
        ]
    }

    static func binaries() throws -> String {
        let usual = "/usr/lib/postgresql/15/bin"
        if FileManager.default.isExecutableFile(atPath: usual + "/initdb") { return usual }
        return try output("/usr/bin/env", ["pg_config", "--bindir"])
    }

    private static let script = """
        set -eu
        trap '' INT HUP TERM
        bin=$1 dir=$2 port=$3
        as=
        if [ "$(id -u)" = 0 ]; then
            user=nobody
            if id postgres >/dev/null 2>&1; then user=postgres; fi
            chown "$user" "$dir"
            as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups --"
        fi
        cd "$dir"
        printf '%s\\n' \\
            'host all \(passwordUser) 127.0.0.1/32 scram-sha-256' \\
            'local all all trust' 'host all all 127.0.0.1/32 trust' > hba
        chmod 644 hba
        if $as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >init.log 2>&1; then
            begin() {
                $as "$bin/postgres" -D "$dir/data" -k "$dir" -p "$port" -c listen_addresses=127.0.0.1 \\
                    -c hba_file="$dir/hba" -c fsync=off -c synchronous_commit=off -c full_page_writes=off \\
                    -c shared_buffers=32MB -c max_connections=200 </dev/null >>server.log 2>&1 &
                pid=$!
            }
            begin
            while kill -0 $pid 2>/dev/null; do
                if "$bin/pg_isready" -q -h "$dir" -p "$port"; then
                    echo ready
                    while read -r word; do
                        case $word in
                            stop) kill -INT $pid; wait $pid || true ;;
                            start) begin ;;
                        esac
                    done
                    break
                fi
                sleep 0.05
            done
            kill -QUIT $pid 2>/dev/null || true
            wait $pid || true
        fi
        tail -n 3 init.log server.log 2>/dev/null || true
        cd /
        rm -rf "$dir"
        """

    private static func start(_ binaries: String, port: Int) throws -> (String, Process, Pipe) {
        // Short: the path of a Unix socket has room for 107 bytes.
        let folder = "/tmp/zlh-pg-" + String(UInt64.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        let (lifeline, said) = (Pipe(), Pipe())
        // No other child may hold the lifeline, or it would outlive us.
        for end in [lifeline.fileHandleForWriting, said.fileHandleForReading] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, "sh", binaries, folder, String(port)]
        shell.standardInput = lifeline.fileHandleForReading
        shell.standardOutput = said.fileHandleForWriting
        try shell.run()
        try said.fileHandleForWriting.close()
        var text = ""
        while !text.hasPrefix("ready\n") {
            let data = said.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(description: "PostgreSQL did not start: \(text)") }
            text += String(decoding: data, as: UTF8.self)
        }
        return (folder, shell, lifeline)
    }

    /// A loopback port that is free now.
    package static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe bind(descriptor, name, length) | getsockname(descriptor, name, &length)
            }
        }
        guard status == 0 else { throw Failure(description: "no free port on loopback: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func output(_ tool: String, _ arguments: [String]) throws -> String {
        let (process, out, err) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = out
        process.standardError = err
        try process.run()
        let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: err.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(tool): \(complaint)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
