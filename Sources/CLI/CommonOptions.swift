import ArgumentParser
import Core
import Foundation
import Logging
import Settings

/// Options that most commands take.
struct CommonOptions: ParsableArguments {
    @Option(help: "The configuration file.") var config = Configuration.defaultPath
    @Option(help: "How much to log on stderr.") var logLevel = LogLevel.warning

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
        logger.logLevel = logLevel.level
        return logger
    }
}

enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .warning }
}

/// A command that cannot do what it was asked: told on stderr, exit status 1.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// How a report is written.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json, markdown, html

    /// For a person; what is written for a machine has a form of its own.
    func encode(_ sheet: FactSheet) -> [UInt8] {
        switch self {
        case .text, .json: Array(FactSheetText.encode(sheet).utf8)
        case .markdown: Array(FactSheetMarkdown.encode(sheet).utf8)
        case .html: FactSheetHTML.encode(sheet)
        }
    }
}
