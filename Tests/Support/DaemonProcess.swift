internal import Foundation
internal import Glibc

/// The real daemon as a process of its own: the very program that is shipped, with a configuration file. Killed when nobody
/// holds it any more.
package final class DaemonProcess: Sendable {
    private let child: Child
    private let file: String

    /// - Parameter configuration: as an operator would write it.
    package init(configuration: String) throws {
        file = "/tmp/zlh-daemon-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".yaml"
        guard FileManager.default.createFile(atPath: file, contents: Data(configuration.utf8)) else {
            throw PrivateRedis.Failure(description: "\(file) cannot be written")
        }
        child = try Child(CommandRun.program(), ["run", "--config", file, "--log-level", "info"])
    }

    deinit { _ = unsafe unlink(file) }

    /// All that it has logged.
    package var said: String { child.said() }

    /// It stands still, as with a machine that is suspended.
    package func freeze() { child.signal(SIGSTOP) }
    package func thaw() { child.signal(SIGCONT) }
    package func kill() { child.kill() }
    /// Asks it to read its policies again.
    package func hangUp() { child.signal(SIGHUP) }

    /// Asks it to end, and gives its exit status.
    package func stop() async throws -> Int32 {
        child.signal(SIGTERM)
        return try await child.finish().status
    }
}
