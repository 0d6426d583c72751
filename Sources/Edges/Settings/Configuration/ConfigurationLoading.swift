package import Core
import Foundation

extension Configuration {
    package static let defaultPath = "/etc/zlh-controller/config.yaml"

    /// Reads the file at `path` and the overrides in `environment`. Reads no secret and opens no connection.
    ///
    /// - Throws: a `ConfigurationError` with all that is wrong.
    package static func load(
        path: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Configuration {
        let bytes: [UInt8]
        do throws(BoundedFile.Failure) {
            bytes = try BoundedFile.read(path, limit: YAMLDocument.maximumBytes)
        } catch {
            throw ConfigurationError(unreadable: path, error.message + "; --config FILE chooses another configuration")
        }
        let folder = BoundedFile.folder(of: path)
        let hasPolicyFolder = BoundedFile.isFolder(BoundedFile.resolve("policies", in: folder)) == true
        return try read(
            bytes, file: path, folder: folder, hasPolicyFolder: hasPolicyFolder,
            environment: environment)
    }

    /// The same for a text that is at hand; `file` is its name in messages.
    package static func read(
        _ bytes: [UInt8], file: String, folder: String, hasPolicyFolder: Bool, environment: [String: String] = [:]
    ) throws(ConfigurationError) -> Configuration {
        let problems = Problems()
        if let tree = YAMLDocument(file: file, problems: problems).read(bytes) {
            let whole = EnvironmentOverrides(problems: problems).apply(environment, to: tree)
            let root = Field(value: whole, path: "", problems: problems).map()
            if let root, let configuration = Configuration(root, folder: folder, hasPolicyFolder: hasPolicyFolder) {
                return configuration
            }
        }
        throw ConfigurationError(problems)
            ?? ConfigurationError(unreadable: file, "could not be read, and no reason was found")
    }

    /// The policies that this configuration points to, checked against its webhooks. Without any nobody is told.
    package func loadPolicies() throws(ConfigurationError) -> PolicySet {
        let webhooks = discord.map { Set($0.webhooks.keys) }
        var set: PolicySet
        switch policies {
        case .directory(let path): set = try PolicyFiles.load(directory: path, webhooks: webhooks)
        case .builtIn: set = try PolicyFiles.builtIn(webhooks: webhooks)
        }
        if webhooks == nil { set.notifications = [] }
        return set
    }
}
