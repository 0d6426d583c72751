import Core
import Fixtures
import Foundation
import Runtime
import Settings

/// Audits recorded estates as `audit --fixture` does.
enum RecordedEstates {
    /// The shipped ones, read once.
    static let policies = Result { try PolicyFiles.builtIn() }

    static func audit(_ fixture: Fixture) async throws -> Report? {
        let run = AuditRun(observers: FixtureObservers(fixture), clock: FixtureClock(fixture.capturedAt))
        let controller = Controller(settings: fixture.settings, policies: try policies.get())
        guard case .report(let report) = await run.run(controller) else { return nil }
        return report
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("fixtures").path

    static func read(_ name: String) throws -> Fixture { try FixtureFile.read(path: "\(folder)/\(name)") }
}
