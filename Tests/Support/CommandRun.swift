internal import Foundation
internal import Glibc

/// The shipped program, run to its end as a shell would run it.
package struct CommandRun: Sendable {
    package let status: Int32
    /// What it printed, as it stands in the file or on the terminal.
    package let output: String
    package let errors: String

    /// - Parameters:
    ///   - environment: what is added to an environment that says nothing of colours, terminals or configuration.
    ///   - onTerminal: whether its output is a terminal instead of a file.
    package init(
        _ arguments: [String], environment: [String: String] = [:], onTerminal: Bool = false
    ) async throws {
        let errors = "/tmp/zlh-errors-" + String(UInt64.random(in: .min ... .max), radix: 36)
        defer { _ = unsafe unlink(errors) }
        var whole = ProcessInfo.processInfo.environment.filter { name, _ in
            name != "NO_COLOR" && name != "TERM" && !name.hasPrefix("ZLH__")
        }
        whole["TERM"] = "xterm"
        whole.merge(environment) { $1 }
        let terminal = onTerminal ? try PseudoTerminal() : nil
        let child = try Child(
            CommandRun.program(), arguments, terminal: terminal?.path, errors: errors, environment: whole)
        try await child.wait {
            terminal?.drain()
            return !child.isRunning
        }
        terminal?.drain()
        status = try await child.finish().status
        // A terminal puts a carriage return before each line feed.
        output = terminal.map { $0.text.replacingOccurrences(of: "\r\n", with: "\n") } ?? child.said()
        self.errors = String(decoding: FileManager.default.contents(atPath: errors) ?? Data(), as: UTF8.self)
    }

    /// It lies beside the tests' own program.
    static func program() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("zlh-controller").path
    }
}

/// A terminal that nobody sits at.
private final class PseudoTerminal {
    let path: String
    private let descriptor: Int32
    private var bytes: [UInt8] = []
    /// TIOCSPTLCK and TIOCGPTN of Linux.
    private static let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))

    var text: String { String(decoding: bytes, as: UTF8.self) }

    init() throws {
        descriptor = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        var (number, locked) = (UInt32(0), Int32(0))
        // What unlockpt(3) and ptsname(3) do (ioctl_tty(2)); their declarations are not in the Glibc module.
        guard descriptor >= 0, unsafe ioctl(descriptor, Self.setLock, &locked) == 0,
            unsafe ioctl(descriptor, Self.getNumber, &number) == 0
        else { throw PrivateRedis.Failure(description: "there is no terminal: errno \(errno)") }
        path = "/dev/pts/\(number)"
    }

    deinit { close(descriptor) }

    /// Takes what has been printed so far. EIO means that nobody has it open, yet or any more.
    func drain() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            bytes += buffer.prefix(count)
        }
    }
}
