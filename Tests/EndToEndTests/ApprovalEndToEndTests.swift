import Core
import Foundation
import Postgres
import Runtime
import Settings
import Synchronization
import TestSupport
import Testing

/// A plan that is held, answered through the database, and carried out by a daemon, with real servers.
@Suite("An approval, end to end", .serialized)
struct ApprovalEndToEndTests {
    /// A daemon that repairs operations and nothing else, and the reports that it made.
    private final class Answering: Sendable {
        private let heard = Mutex<[Report]>([])
        private let task: Task<Void, Never>

        init(_ scene: Scene) async throws {
            let configuration = try await scene.configuration { yaml in
                yaml.replacing("zlh_audit@", with: "zlh_run@") + """

                    mode: repair
                    repair: { kinds: ["operation.*"] }
                    cycle: 2s
                    redis: { url: "redis://127.0.0.1:\(scene.redis.port)/0" }
                    lock: { ttl: 2s, act_deadline: 1s }
                    """
            }
            let policies = try configuration.loadPolicies()
            let (reports, sender) = AsyncStream<Report>.makeStream()
            let parts = try DaemonParts(
                configuration, policies: policies, standing: { _ in },
                news: { if case .roundEnded(.report(let report), _) = $0 { sender.yield(report) } })
            task = Task { await parts.run(policies: policies) }
            Task { [weak self] in
                for await report in reports { self?.heard.withLock { $0.append(report) } }
            }
        }

        deinit { task.cancel() }

        func stop() async {
            task.cancel()
            await task.value
        }

        var reports: [Report] { heard.withLock { $0 } }
    }

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
        let daemon = try await Answering(scene)
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
