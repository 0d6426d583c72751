import Core
import Lab
import Runtime
import TestSupport
import Testing
import World

/// A row that changes while a round runs, with a real database that says so.
@Suite("A change while a round runs, end to end", .serialized)
struct GivingWayTests {
    @Test func theRoundIsGivenUpAndTheChangeIsTold() async throws {
        let scene = try await Scene(.oneServer())
        let daemon = try await RunningDaemon(scene, mode: "dry-run")
        try await eventually("it leads, and a round has ended") { daemon.mayAct && daemon.reports.count >= 2 }
        // One answer of the proxy never comes: a round waits five seconds for it.
        await scene.house.inject(HTTPFault.hang, on: .velocity, times: 1)
        try await eventually("a round waits for the proxy") { await !scene.house.hasFaults }
        _ = try scene.sql("update platform.container_instance set node = 'pve9' where vmid = 5001")
        try await eventually("it is told") {
            try scene.sql("select count(*) from controller.repair_event where drift_kind = 'container.node_changed'")
                == "1"
        }
        await daemon.stop()
        await scene.end()
        let rounds = daemon.news.compactMap { news in
            switch news {
            case .roundBegan: "began"
            case .roundEnded(.report(let report), _): report.isComplete ? "ended" : "blind"
            default: nil
            }
        }
        #expect(zip(rounds, rounds.dropFirst()).contains { $0 == "began" && $1 == "began" }, "\(rounds)")
        #expect(!rounds.contains("blind"), "nothing was believed of the round that was given up")
    }

    /// Each phase that an operation enters is told by the database, and decides nothing.
    @Test func theNextPhaseOfAnOperationIsNoReason() async throws {
        let scene = try await Scene(.oneServer())
        _ = try scene.sql(
            """
            insert into platform.provisioning_operation (id, vmid, kind, status, phase, heartbeat_at, lease_expires_at)
            values ('op-phases', 5001, 'backup', 'running', 'stop', now(), now() + interval '1 hour')
            """)
        let daemon = try await RunningDaemon(scene, mode: "dry-run")
        try await eventually("it leads, and a round has ended") { daemon.mayAct && daemon.reports.count >= 2 }
        await scene.house.inject(HTTPFault.hang, on: .velocity, times: 1)
        try await eventually("a round waits for the proxy") { await !scene.house.hasFaults }
        let before = daemon.news.count
        _ = try scene.sql("update platform.provisioning_operation set phase = 'archive' where id = 'op-phases'")
        try await eventually("it waits to the end") {
            daemon.news.dropFirst(before).contains { if case .roundEnded = $0 { true } else { false } }
        }
        let givenUp = daemon.news.dropFirst(before).contains { if case .roundGivenUp = $0 { true } else { false } }
        #expect(!givenUp && daemon.reports.last?.isComplete == false)
        await daemon.stop()
        await scene.end()
    }
}
