import Core
import Lab
import Runtime
import TestSupport
import Testing
import World

/// A change of a row while the daemon is in the midst of something else, with a real database that says so.
@Suite("A change while a round runs, end to end", .serialized)
struct GivingWayTests {
    /// Two servers that are right; the second one's agent hangs.
    private static func estate() throws -> (Estate, changing: VMID, hanging: VMID) {
        var estate = Estate.oneServer()
        let (first, second) = (try #require(VMID(5001)), try #require(VMID(5002)))
        let (old, new) = ("mc-paper-5001", "mc-paper-5002")
        var row = try #require(estate.instance(first)), guest = try #require(estate.guest(first))
        row.key = InstanceKey(vmid: second, externalID: ExternalID(high: 0x4000, low: 0x8000_0000_0000_0002))
        (row.hostname, row.address) = (new, "127.70.0.77")
        (guest.vmid, guest.name, guest.address) = (second, new, "127.70.0.77")
        estate.instances.append(row)
        estate.cluster.add(guest)
        estate.agents[second] = estate.agents[first]
        for (number, record) in estate.zone.records.enumerated() where record.name.contains(old) {
            var copy = record
            copy.id = String(repeating: "\(number % 10)", count: 32)
            copy.name = record.name.replacing(old, with: new)
            copy.content = record.content.replacing(old, with: new)
            copy.comment = record.comment?.replacing("5001", with: "5002")
            estate.zone.add(copy)
        }
        return (estate, first, second)
    }

    private func lookups(_ daemon: RunningDaemon) -> Int {
        daemon.news.count { if case .roundBegan = $0 { true } else { false } }
    }

    @Test func aChangedRowIsLookedAtThoughARoundRuns() async throws {
        let (estate, changing, hanging) = try Self.estate()
        let scene = try await Scene(estate)
        await scene.house.inject(AgentFault(.timeout, hanging))
        // A round takes ten seconds and more: four for each look at the agent that hangs, and two between them.
        let daemon = try await RunningDaemon(scene, mode: "dry-run", cycle: "10s", agentTimeout: "4s")
        try await eventually("it leads, and a whole round has ended") { daemon.mayAct && daemon.reports.count >= 1 }
        let ended = daemon.reports.count
        func asked() async -> Int {
            await scene.house.requests.filter { $0.key.hasPrefix("agents ") }.values.reduce(0, +)
        }
        // The next one has begun, and asks the agents.
        let begun = lookups(daemon), before = await asked()
        try await eventually("a slow round has begun") {
            await asked() >= before + 2 && lookups(daemon) > begun
        }
        #expect(daemon.reports.count == ended)
        let polls = await asked()
        _ = try scene.sql("update platform.container_instance set node = 'pve9' where vmid = \(changing.number)")
        let waited = try await eventually("it is told") {
            try scene.sql("select count(*) from controller.repair_event where drift_kind = 'container.node_changed'")
                == "1"
        }
        #expect(waited < .seconds(5), "a round takes ten")
        // And the round that was given up is made after all.
        try await eventually("a whole round") { await asked() >= polls + 4 && daemon.reports.count >= ended + 2 }
        await daemon.stop()
        await scene.end()
    }
}
