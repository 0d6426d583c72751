import ArgumentParser
import Core
import Foundation
import Logging
import Settings

/// Options that most commands take.
struct CommonOptions: ParsableArguments {
    @Option(help: "The configuration file.") var config = Configuration.defaultPath
    @Option(help: "How much to log on stderr: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
    var logLevel = Logger.Level.warning

    func load() throws -> Configuration {
        do throws(ConfigurationError) {
            return try Configuration.load(path: config)
        } catch {
            throw Failure("\(error)")
        }
    }

    func policies(of configuration: Configuration) throws -> PolicySet {
        do throws(ConfigurationError) {
            return try configuration.loadPolicies()
        } catch {
            throw Failure("\(error)")
        }
    }

    func logger() -> Logger {
        var logger = Logger(label: "zlh-controller") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        return logger
    }
}

extension Logger.Level: ExpressibleByArgument {}

/// A command that cannot do what it was asked: told on stderr, exit status 1.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// How a report is written.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}
