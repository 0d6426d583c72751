import Core
import Foundation
import Lab
import Runtime
import Settings
import Synchronization
import TestSupport
import Testing
import World

/// The daemon in this process, with a real database, a real Redis and real ports.
@Suite("The daemon, end to end", .serialized)
struct DaemonTests {
    private func sql(_ scene: Scene, _ text: String) throws -> String { try scene.sql(text) }

    private func outcomes(_ scene: Scene, of kind: String) throws -> String {
        try sql(
            scene,
            """
            select coalesce(string_agg(outcome, ' ' order by id), '') from controller.repair_event
             where drift_kind = '\(kind)'
            """)
    }

    @Test func aStaleOperationHealsAndNothingElseIsWritten() async throws {
        let scene = try await Scene()
        let daemon = try await RunningDaemon(scene)
        try await eventually("healed") {
            try outcomes(scene, of: "operation.stale") == "opened asked answered verified closed"
        }
        #expect(
            try sql(scene, "select status from platform.provisioning_operation where id = 'op-restart-5002'") == "stale"
        )
        await daemon.stop()
        #expect(
            try sql(
                scene, "select count(*) from controller.repair_intent where action <> 'edge_republish'") == "1")
        #expect(try sql(scene, "select closed_at is not null from controller.leadership") == "t")
        #expect(try await scene.redis.run("get", "zlh:controller:lock") == "")
        await scene.end()
    }

    @Test func aDryRunSaysWhatItWouldDoAndDoesNothing() async throws {
        let scene = try await Scene()
        let daemon = try await RunningDaemon(scene, mode: "dry-run")
        try await eventually("said") { try outcomes(scene, of: "operation.stale") == "opened would_repair" }
        let count = try sql(scene, "select count(*) from controller.repair_event")
        let rounds = daemon.reports.count
        try await eventually("two quiet rounds") { daemon.reports.count >= rounds + 2 }
        #expect(try sql(scene, "select count(*) from controller.repair_event") == count)
        #expect(try sql(scene, "select count(*) from controller.repair_intent") == "0")
        #expect(
            try sql(scene, "select status from platform.provisioning_operation where id = 'op-restart-5002'")
                == "running")
        await daemon.stop()
        await scene.end()
    }

    @Test func aPauseHoldsARepairUntilItEnds() async throws {
        let scene = try await Scene()
        _ = try sql(
            scene,
            "insert into controller.pause (until, reason, by) values (now() + interval '1 hour', 'moving', 'ops')")
        let daemon = try await RunningDaemon(scene)
        try await eventually("held") {
            daemon.reports.last?.decisions.contains { $0.drift.kind == .operationStale && $0.reason == .paused } == true
        }
        #expect(try sql(scene, "select count(*) from controller.repair_intent") == "0")
        _ = try sql(scene, "update controller.pause set ended_at = now(), ended_by = 'ops'")
        try await eventually("healed") {
            try outcomes(scene, of: "operation.stale").hasSuffix("asked answered verified closed")
        }
        await daemon.stop()
        await scene.end()
    }

    @Test func aChangedRowIsLookedAtBeforeTheNextCycle() async throws {
        let scene = try await Scene()
        let daemon = try await RunningDaemon(scene)
        try await eventually("leads") { daemon.mayAct && daemon.reports.count >= 3 }
        #expect(daemon.reports.last?.decisions.contains { $0.drift.kind == .containerNodeChanged } == true)
        _ = try sql(scene, "update platform.container_instance set node = 'pve1' where vmid = 5012")
        try await eventually("closed") { try outcomes(scene, of: "container.node_changed") == "opened closed" }
        await daemon.stop()
        await scene.end()
    }

    @Test func theSecondStandsByAndTakesOverFromACleanStop() async throws {
        let scene = try await Scene()
        let first = try await RunningDaemon(scene)
        try await eventually("the first leads") { first.mayAct }
        let second = try await RunningDaemon(scene)
        try await eventually("the second observes") { second.reports.count >= 2 }
        #expect(!second.isLeading)
        #expect(second.reports.last?.decisions.allSatisfy { [.notLeader, .notEnabled].contains($0.execution) } == true)
        await first.stop()
        try await eventually("the second leads") { second.mayAct }
        await second.stop()
        #expect(try sql(scene, "select epoch from controller.leadership") == "2")
        // What the first had written down was not opened again.
        let twice = """
            select count(*) from (select drift_id from controller.repair_event where outcome = 'opened'
              group by drift_id having count(*) > 1) x
            """
        #expect(try sql(scene, twice) == "0")
        await scene.end()
    }

    /// One in dry-run stands by for one that repairs.
    @Test func aStandbyThatDiffersSaysSoAndTakesOverLoudly() async throws {
        let scene = try await Scene()
        let first = try await RunningDaemon(scene)
        try await eventually("the first leads") { first.mayAct }
        let second = try await RunningDaemon(scene, mode: "dry-run")
        let isTold = { (news: StanceNews) in
            second.news.contains { if case .stance(news) = $0 { true } else { false } }
        }
        try await eventually("it says that it differs") { isTold(.differs("mode repair instead of dry-run")) }
        #expect(!second.isLeading)
        await first.stop()
        try await eventually("the second leads") { second.mayAct }
        #expect(isTold(.tookOver(epoch: 2, "mode dry-run instead of repair")))
        #expect(
            try sql(
                scene,
                "select epoch, outcome, detail ->> 'text' from controller.repair_event where step = 'takeover'")
                == "2|changed|taken over by a controller with mode dry-run instead of repair")
        #expect(try sql(scene, "select note like 'mode=dry-run policies=%' from controller.leadership") == "t")
        await second.stop()
        await scene.end()
    }

    @Test func aDatabaseThatCutsItsConnectionsIsAskedAgain() async throws {
        let scene = try await Scene()
        _ = try sql(
            scene,
            "insert into controller.pause (until, reason, by) values (now() + interval '1 hour', 'cut', 'ops')")
        let daemon = try await RunningDaemon(scene, repairs: "operation.stale")
        try await eventually("held") {
            daemon.reports.last?.decisions.contains { $0.drift.kind == .operationStale && $0.reason == .paused } == true
        }
        let cut = """
            select count(pg_terminate_backend(pid)) > 0 from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()
            """
        // It opens them anew when it next has something to ask: each cut waits until there is one.
        for _ in 0..<3 { try await eventually("a connection is cut") { try sql(scene, cut) == "t" } }
        _ = try sql(scene, "update controller.pause set ended_at = now(), ended_by = 'ops'")
        try await eventually("healed") {
            try outcomes(scene, of: "operation.stale").hasSuffix("asked answered verified closed")
        }
        #expect(try sql(scene, "select count(*) from controller.repair_intent where state = 'open'") == "0")
        await daemon.stop()
        await scene.end()
    }

    @Test func withoutItsRedisItObservesAndActsAgainWhenThatIsBack() async throws {
        let scene = try await Scene()
        let daemon = try await RunningDaemon(scene, mode: "dry-run")
        try await eventually("leads") { daemon.mayAct }
        try scene.redis.stop()
        try await eventually("leads no more, and goes on looking") {
            guard case .none? = daemon.tenure, let report = daemon.reports.last else { return false }
            return report.coverage.contains { $0.plane == .queues && $0.status == .failed }
                && report.coverage.contains { $0.plane == .proxmox && $0.status == .complete }
        }
        // Without the queues nothing is known of the operation; it has not ended for that.
        #expect(try outcomes(scene, of: "operation.stale").hasSuffix("closed") == false)
        try scene.redis.start()
        try await eventually("the server is back") { (try? await scene.redis.run("PING")) == "PONG" }
        try await scene.loadQueues()
        let rounds = daemon.reports.count
        try await eventually("leads again") {
            guard case .acting? = daemon.tenure else { return false }
            return daemon.reports.count > rounds + 1
        }
        #expect(daemon.reports.last?.decisions.contains { $0.drift.kind == .operationStale } == true)
        await daemon.stop()
        await scene.end()
    }
}
