import ArgumentParser
import Core
import Fixtures
import Foundation
import Runtime
import Settings

/// `audit`: one observe, diff, decide pass. Writes nothing anywhere.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares what should be with what is, once, and prints the report.",
        discussion: """
            Exit status: 0 in sync; 2 drift; 3 no drift found, but the report is incomplete; 1 error. Writes nothing anywhere.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: ArgumentHelp("Audit a recorded estate instead of the real one.", valueName: "file"))
    var fixture: String?
    @Option(help: "How to write the report: text or json.") var format = ReportFormat.text
    @Option(help: ArgumentHelp("Write the report here instead of stdout.", valueName: "file")) var output: String?

    func run() async throws {
        let outcome = if let fixture { try await auditFixture(fixture) } else { try await auditLive() }
        switch outcome {
        case .desiredUnreadable(let failure):
            throw Failure(
                "the desired state cannot be read (\(failure.code.rawValue)): \(Foreign.text(failure.detail, limit: 1000))"
            )
        case .report(let report):
            try Terminal.output(encode(report), file: output)
            if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
        }
    }

    private func auditLive() async throws -> Outcome {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        return try await LiveRound.run(configuration, policies: policies, logger: common.logger()).outcome
    }

    private func auditFixture(_ path: String) async throws -> Outcome {
        let fixture: Fixture
        do {
            fixture = try FixtureFile.read(path: path)
        } catch {
            throw Failure("\(error)")
        }
        let controller = Controller(
            settings: fixture.settings, policies: try fixturePolicies(), calendar: .always)
        return await AuditRun(observers: FixtureObservers(fixture), clock: FixtureClock(fixture.capturedAt)).run(
            controller)
    }

    /// The policies of the configuration when one is given or installed, else the shipped ones: a recorded estate needs neither
    /// a server nor an installation.
    private func fixturePolicies() throws -> PolicySet {
        let isInstalled = FileManager.default.fileExists(atPath: common.config)
        if isInstalled || common.config != Configuration.defaultPath {
            return try common.policies(of: common.load())
        }
        do throws(ConfigurationError) {
            return try PolicyFiles.builtIn()
        } catch {
            throw Failure("\(error)")
        }
    }

    private func encode(_ report: Report) -> [UInt8] {
        switch format {
        case .json: ReportJSON.encode(report)
        case .text: Array(ReportText.encode(report, usesColor: output == nil && Terminal.usesColor).utf8)
        }
    }
}
