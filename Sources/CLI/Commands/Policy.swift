import ArgumentParser
import Core
import Foundation
import Settings

/// `policy check`: loads and lints policies.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Looks at policies.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loads and lints policies: every problem with file, line and the nearest valid name.")

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("The folder; without it that of the configuration.", valueName: "dir"))
        var directory: String?

        func run() async throws {
            let lint: PolicyLint
            if let directory {
                // A webhook that is named and not there is only known where the configuration is.
                let isInstalled = FileManager.default.fileExists(atPath: common.config)
                let configuration = isInstalled ? try common.load() : nil
                lint = PolicyFiles.lint(
                    directory: directory, webhooks: configuration.map { Set(($0.discord?.webhooks ?? [:]).keys) })
            } else {
                let configuration = try common.load()
                let webhooks = Set((configuration.discord?.webhooks ?? [:]).keys)
                switch configuration.policies {
                case .directory(let path): lint = PolicyFiles.lint(directory: path, webhooks: webhooks)
                case .builtIn: lint = PolicyFiles.lintBuiltIn(webhooks: webhooks)
                }
            }
            guard lint.problems.isEmpty else { throw Failure(lint.description) }
            try Terminal.output(Array((lint.description + "\n").utf8), file: nil)
        }
    }
}
