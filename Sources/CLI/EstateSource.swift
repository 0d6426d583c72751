import ArgumentParser
import Core
import Fixtures
import Foundation
import Runtime
import Settings

/// What is looked at: the real planes, or a recorded estate.
struct EstateSource: ParsableArguments {
    @Option(help: ArgumentHelp("Look at a recorded estate instead of the real one.", valueName: "file"))
    var fixture: String?

    /// The report of one round.
    func report(_ common: CommonOptions, _ request: Request = .audit) async throws -> Report {
        let outcome =
            if let fixture {
                try await recorded(fixture, common, request)
            } else {
                try await live(common, request)
            }
        return try outcome.report()
    }

    private func live(_ common: CommonOptions, _ request: Request) async throws -> Outcome {
        let configuration = try common.load()
        let policies = try common.policies(of: configuration)
        return try await LiveRound.run(
            configuration, policies: policies, logger: common.logger(), request: request
        ).outcome
    }

    private func recorded(_ path: String, _ common: CommonOptions, _ request: Request) async throws -> Outcome {
        let fixture: Fixture
        do {
            fixture = try FixtureFile.read(path: path)
        } catch {
            throw Failure("\(error)")
        }
        let controller = Controller(
            settings: fixture.settings, policies: try fixturePolicies(common), calendar: .always)
        return await AuditRun(observers: FixtureObservers(fixture), clock: FixtureClock(fixture.capturedAt)).run(
            controller, request)
    }

    /// The policies of the configuration when one is given or installed, else the shipped ones: a recorded estate needs neither
    /// a server nor an installation.
    func fixturePolicies(_ common: CommonOptions) throws -> PolicySet {
        if let configuration = try fixtureConfiguration(common) { return try common.policies(of: configuration) }
        do throws(ConfigurationError) {
            return try PolicyFiles.builtIn()
        } catch {
            throw Failure("\(error)")
        }
    }
}

extension EstateSource {
    /// The configuration that is given or installed; nil when there is none.
    func fixtureConfiguration(_ common: CommonOptions) throws -> Configuration? {
        let isInstalled = FileManager.default.fileExists(atPath: common.config)
        return isInstalled || common.config != Configuration.defaultPath ? try common.load() : nil
    }
}

extension Outcome {
    /// The report, or the reason why there is none.
    func report() throws -> Report {
        switch self {
        case .report(let report): return report
        case .desiredUnreadable(let failure, _):
            let detail = Foreign.text(failure.detail, limit: 1000)
            throw Failure("the desired state cannot be read (\(failure.code.rawValue)): \(detail)")
        }
    }
}
