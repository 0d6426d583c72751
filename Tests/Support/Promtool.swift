internal import Foundation

/// Prometheus' own tool, which says whether it would take what is offered to it: `scripts/prepare-promtool` gets it.
package struct Promtool: Sendable {
    private let path: String

    /// - Throws: when `ZLH_PROMTOOL` does not name the program: a check that cannot run fails.
    package init() throws {
        guard let path = ProcessInfo.processInfo.environment["ZLH_PROMTOOL"] else {
            throw PrivateRedis.Failure(
                description:
                    "ZLH_PROMTOOL is not set; run scripts/test, or scripts/prepare-promtool and set what it prints")
        }
        self.path = path
    }

    /// Reads text in the older format as a server would, and looks for bad names and missing help.
    package func check(prometheus text: String) async throws -> (status: Int32, said: String) {
        try await run("exec \"$1\" check metrics <\"$2/text\"", text)
    }

    /// Reads OpenMetrics text as a server would. It wants a time with each sample, which a server has of its own.
    package func check(openMetrics text: String) async throws -> (status: Int32, said: String) {
        let timed = text.split(separator: "\n").map { $0.hasPrefix("#") ? String($0) : "\($0) 1767225600" }
        return try await run(
            "exec \"$1\" tsdb create-blocks-from openmetrics \"$2/text\" \"$2/blocks\"",
            timed.joined(separator: "\n") + "\n")
    }

    private func run(_ script: String, _ text: String) async throws -> (status: Int32, said: String) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zlh-promtool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { print("\(folder.path) stays: \(error)") }
        }
        try Data(text.utf8).write(to: folder.appendingPathComponent("text"))
        return try await Child("/bin/sh", ["-c", script, "sh", path, folder.path]).finish()
    }
}
