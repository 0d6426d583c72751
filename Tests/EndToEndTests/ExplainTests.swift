import Core
import Lab
import TestSupport
import Testing
import World

/// What one explanation asks of a real estate with many servers.
@Suite("An explanation, end to end", .serialized)
struct ExplainTests {
    @Test func asksOneAgentAmongManyAndReadsEachListingOnce() async throws {
        let scene = try await Scene(.random(seed: 3, instances: 60))
        let targets = try #require(await scene.report()).instances.count
        #expect(targets >= 60)
        let polled = await scene.house.requests["agents GET /status"] ?? 0
        #expect(polled > 20, "an audit asks them all")

        let rows = await scene.house.estate.instances
        let agents = await scene.house.estate.agents
        let well = try #require(
            rows.first { row in
                row.status == .active && row.power == .running && row.address != nil
                    && agents[row.vmid].map { $0.isListening && $0.isReady } == true
            })
        let before = await scene.house.requests
        let asking = await scene.house.agentsAsked
        #expect(asking.count > 20)
        let known = try #require(try await scene.explain(well.vmid))
        let after = await scene.house.requests
        let paths = after.keys.filter { after[$0] != before[$0] }
        func more(_ key: String) -> Int { (after[key] ?? 0) - (before[key] ?? 0) }
        let asked = await scene.house.agentsAsked.filter { $0.value != asking[$0.key] }
        #expect(Array(asked.keys) == [well.address ?? ""], "exactly one agent")
        #expect(more("agents GET /status") <= 2, "again only when it took longer than the fast lane waits")
        let agent = try #require(known.sights.first { $0.plane == .agents })
        #expect(agent.what == "agent at \(well.address ?? "")" && agent.shows == .present)
        // Every request about a guest is about this one, and every listing was read once, or twice where it seemed gone.
        for key in paths where key.contains("/lxc/") { #expect(key.contains("/lxc/\(well.vmid)/"), "\(key)") }
        #expect(paths.filter { $0.contains("/tasks") }.count == 1)
        for key in paths where !key.hasPrefix("cloudflare") { #expect(more(key) <= 2, "\(key)") }
        #expect(await scene.house.writes.isEmpty)
        await scene.end()
    }

    /// A server whose agent is dead is asked twice, and nobody else once.
    @Test func aSilentAgentIsAskedTwiceAndNobodyElse() async throws {
        let scene = try await Scene()
        let vmid = try #require(VMID(5002))
        let known = try #require(try await scene.explain(vmid))
        let agent = try #require(known.sights.first { $0.plane == .agents })
        #expect(agent.shows == .absent && agent.evidence?.looks == 2)
        #expect(known.cases.contains { $0.decision.drift.kind == .agentUnreachable })
        #expect(await scene.house.requests["agents GET /status"] == nil, "a refused connection is no request")
        await scene.end()
    }

    @Test func absenceIsEarnedByTwoListingsOfTheOnePlace() async throws {
        let scene = try await Scene()
        let vmid = try #require(VMID(5008))
        let known = try #require(try await scene.explain(vmid))
        let guest = try #require(known.sights.first { $0.plane == .proxmox })
        #expect(guest.shows == .absent && guest.evidence?.looks == 2)
        #expect(await scene.house.requests["proxmox GET /api2/json/cluster/resources"] == 2)
        #expect((await scene.house.requests["agents GET /status"] ?? 0) <= 2)

        await scene.house.inject(ProxmoxFault.permissionLost, times: nil)
        let blind = try #require(try await scene.explain(vmid))
        let unseen = try #require(blind.sights.first { $0.plane == .proxmox })
        #expect(unseen.shows == .unknown && !blind.cases.contains { $0.decision.drift.kind == .containerMissing })
        await scene.end()
    }
}
