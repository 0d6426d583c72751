import Core
import Foundation
import Postgres
import TestSupport
import Testing

/// A plan that is held, answered through the database, and carried out by a daemon, with real servers.
@Suite("An approval, end to end", .serialized)
struct ApprovalEndToEndTests {
    @Test func aMassChangeWaitsForTheApprovalOfItsPlan() async throws {
        let scene = try await Scene()
        _ = try scene.run(
            """
            insert into platform.provisioning_operation
              (id, kind, status, phase, attempts, vmid, enqueued_at, heartbeat_at, lease_expires_at)
            select 'op-backup-' || v, 'backup', 'running', 'archive', 1, v, now() - interval '1 hour',
                   now() - interval '30 minutes', now() - interval '20 minutes'
              from unnest(array[5003, 5004, 5005, 5006, 5012, 5013, 5017, 5018]) v
            """)
        let daemon = try await RunningDaemon(scene, repairs: "operation.*")
        func held() -> Int {
            daemon.reports.last?.decisions.count { $0.drift.kind == .operationStale && $0.reason == .massChange } ?? 0
        }
        try await eventually("all nine are held") {
            held() == 9 && daemon.reports.last?.decisions.contains { $0.execution == .executable } == true
        }
        let rounds = daemon.reports.count
        try await eventually("two rounds on") { daemon.reports.count >= rounds + 2 }
        #expect(try scene.run("select count(*) from controller.repair_intent") == "0")
        // What an audit shows, under the role that may only read, is what can be approved.
        let report = try #require(try await scene.report())
        #expect(report.planHash == daemon.reports.last?.planHash)
        let operatorsConnection = try PostgresConnection(
            PostgresTarget(url: scene.url.replacing("zlh_audit@", with: "zlh_run@")))
        _ = try await ApprovalStore(operatorsConnection).answer(
            .approve, plan: report.planHash, for: .minutes(60), by: "ada", timeout: .seconds(10))
        await operatorsConnection.close()
        try await eventually("all nine are healed") {
            try scene.run("select count(*) from platform.provisioning_operation where status = 'stale'") == "9"
        }
        try await eventually("the journal has closed them") {
            try scene.run(
                "select count(*) from controller.repair_event where outcome = 'closed' and drift_kind = 'operation.stale'"
            )
                == "9"
        }
        #expect(try scene.run("select count(*) from controller.approval where redeemed_epoch = 1") == "1")
        #expect(try scene.run("select count(*) from controller.approval_cover") == "9")
        #expect(try scene.run("select count(*) from controller.approved_drift") == "0", "all of it is done")
        #expect(try scene.run("select count(*) from controller.repair_intent where state = 'verified'") == "9")
        await daemon.stop()
        await scene.end()
    }
}

extension Scene {
    /// What the platform or an administrator does.
    fileprivate func run(_ text: String) throws -> String {
        try PrivatePostgres.shared.get().run(text, database: database)
    }
}
