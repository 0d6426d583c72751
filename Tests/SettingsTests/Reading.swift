import Core
import Foundation
import Settings
import Testing

/// The smallest configuration there is.
let smallest = """
    id: "detroit-1"
    postgres: { url: "postgres://zlh_run@127.0.0.1:5432/zlh" }

    """

func read(
    _ text: String, environment: [String: String] = [:], hasPolicyFolder: Bool = false
) throws(ConfigurationError) -> Configuration {
    try Configuration.read(
        Array(text.utf8), file: "c.yaml", folder: "/etc/zlh", hasPolicyFolder: hasPolicyFolder,
        environment: environment)
}

/// What is told about a configuration; empty when it is good.
func complaints(_ text: String, environment: [String: String] = [:]) -> String {
    do throws(ConfigurationError) {
        _ = try read(text, environment: environment)
        return ""
    } catch {
        return error.description
    }
}

/// What is told about one more line below the smallest configuration. It is line 3.
func complaint(_ line: String) -> String { complaints(smallest + line + "\n") }

func lint(_ texts: String..., webhooks: Set<String>? = nil) -> PolicyLint {
    PolicyFiles.lint(
        texts.enumerated().map { (name: "\(UnicodeScalar(UInt8(97 + $0.offset))).yaml", text: $0.element) },
        webhooks: webhooks)
}

/// One policy with these keys besides its name.
func policy(_ keys: String, name: String = "p") -> String { "policies: [{ name: \(name), \(keys) }]\n" }

/// A folder of the test's own, removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("settings-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer {
        do { try FileManager.default.removeItem(at: url) } catch { Issue.record("left behind: \(url.path)") }
    }
    return try body(url.path)
}

func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}
