import Core
import Foundation
import Lab
import Postgres
import Settings
import TestSupport
import Testing
import World

@testable import Runtime

/// A doctor at a scene, for the suites that ask it.
protocol DoctorSuite: Sendable {}

extension DoctorSuite {
    func doctor(
        _ scene: Scene, _ change: (String) -> String = { $0 }, now: @escaping Now = WallClock.now
    ) async throws -> DoctorReport {
        let configuration = try await scene.configuration(change)
        let installation = try Installation(configuration, readsClocks: true, now: now)
        let report = await Doctor(installation, policies: try configuration.loadPolicies()).report()
        await installation.close()
        // Whatever is not well says what becomes of it and what to do.
        for finding in report.findings {
            #expect((finding.status == .ok) == (finding.why == nil), "\(finding.what)")
            #expect(finding.status == .ok || finding.remedy?.isEmpty == false, "\(finding.what)")
        }
        #expect(await scene.house.writes.isEmpty)
        return report
    }

    func with(
        _ estate: Estate = .demo(), _ options: LabOptions = LabOptions(), _ body: (Scene) async throws -> Void
    ) async throws {
        let scene = try await Scene(estate, options: options)
        try await body(scene)
        await scene.end()
    }

    /// The lock of `run` on the scene's own Redis, where it may be read by everybody.
    func lock(_ scene: Scene) -> (String) -> String {
        let port = scene.redis.port
        return { yaml in
            yaml.replacing("zlh_audit@", with: "zlh_run@") + "redis: { url: \"redis://127.0.0.1:\(port)/0\" }\n"
        }
    }
}

extension DoctorReport {
    func all(_ plane: Plane, _ status: Finding.Status) -> [Finding] {
        findings.filter { $0.plane == plane && $0.status == status }
    }

    func first(_ plane: Plane, _ status: Finding.Status) -> Finding? { all(plane, status).first }

    /// Whether one finding has these words, and tells to do that.
    func says(_ plane: Plane, _ status: Finding.Status, _ what: String, do remedy: String = "") -> Bool {
        all(plane, status).contains { finding in
            (what.isEmpty || finding.what.contains(what))
                && (remedy.isEmpty || finding.remedy?.contains(remedy) == true)
        }
    }
}
