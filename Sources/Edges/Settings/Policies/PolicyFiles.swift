package import Core
import Foundation

/// The folder of policies: every `*.yaml` and `*.yml` in it, in the order of their names.
package enum PolicyFiles {
    private static let maximumFiles = 100

    /// - Parameter webhooks: the names in `discord.webhooks`, against which `notify` is checked; nil leaves that out.
    package static func load(directory: String, webhooks: Set<String>? = nil) throws(ConfigurationError) -> PolicySet {
        let lint = lint(directory: directory, webhooks: webhooks)
        guard let policies = lint.policies else { throw lint.error }
        return policies
    }

    /// The shipped defaults, for an installation without a folder of policies.
    package static func builtIn(webhooks: Set<String>? = nil) throws(ConfigurationError) -> PolicySet {
        let lint = lintBuiltIn(webhooks: webhooks)
        guard let policies = lint.policies else { throw lint.error }
        return policies
    }

    /// The files of the built-in policies, as `policies/` ships them.
    package static var builtInFiles: [(name: String, text: String)] { BuiltInPolicies.files }

    package static func lintBuiltIn(webhooks: Set<String>? = nil) -> PolicyLint {
        let files = BuiltInPolicies.files.map { (name: "built-in " + $0.name, bytes: Array($0.text.utf8)) }
        return lint(files, source: "built-in policies", problems: Problems(), webhooks: webhooks)
    }

    /// Reads all files and tells all that is wrong with them.
    package static func lint(directory: String, webhooks: Set<String>? = nil) -> PolicyLint {
        let problems = Problems()
        func refused(_ message: String) -> PolicyLint {
            PolicyLint(error: ConfigurationError(unreadable: directory, message))
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
                .filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            guard let isFolder = BoundedFile.isFolder(directory) else {
                return refused("does not exist; `policies:` in the configuration names the folder of policies")
            }
            return refused(isFolder ? "is a folder that cannot be read" : "is a file, not a folder")
        }
        guard !names.isEmpty else { return refused("holds no *.yaml file; with no policy nothing is repaired") }
        guard names.count <= maximumFiles else { return refused("holds more than \(maximumFiles) files of policies") }
        var files: [(name: String, bytes: [UInt8])] = []
        for name in names {
            let path = BoundedFile.resolve(name, in: directory)
            do throws(BoundedFile.Failure) {
                files.append((path, try BoundedFile.read(path, limit: YAMLDocument.maximumBytes)))
            } catch {
                problems.add(.file(path, line: nil), "", error.message)
            }
        }
        return lint(files, source: directory, problems: problems, webhooks: webhooks)
    }

    /// The same for texts that are at hand.
    package static func lint(_ files: [(name: String, text: String)], webhooks: Set<String>? = nil) -> PolicyLint {
        lint(
            files.map { (name: $0.name, bytes: Array($0.text.utf8)) }, source: "policies", problems: Problems(),
            webhooks: webhooks)
    }

    private static func lint(
        _ files: [(name: String, bytes: [UInt8])], source: String, problems: Problems, webhooks: Set<String>?
    ) -> PolicyLint {
        var reader = PolicyReader(problems: problems, webhooks: webhooks)
        for file in files { reader.read(file.bytes, file: file.name) }
        reader.finish(source: source)
        return PolicyLint(reader, files: files.map(\.name))
    }
}
