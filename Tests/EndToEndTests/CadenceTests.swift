import Core
import Lab
import Runtime
import TestSupport
import Testing
import World

/// What a daemon costs the services, counted by the services.
@Suite("What a round asks, end to end", .serialized)
struct CadenceTests {
    /// Requests by plane and path from the first round to the last, and how many rounds there were: those that came to their end, and
    /// those that began. One that was given up for a change, or cut short by the stop, may have asked or not.
    private func requests(
        of estate: Estate, rounds: Int, silent: VMID? = nil
    ) async throws -> (rounds: ClosedRange<Int>, requests: [String: Int], last: Report) {
        let scene = try await Scene(estate)
        if let silent { await scene.house.inject(AgentFault(.timeout, silent)) }
        let daemon = try await RunningDaemon(scene, mode: "dry-run")
        try await eventually("the rounds") { daemon.reports.count >= rounds }
        // A round that the stop cuts short has asked once, too.
        await daemon.stop()
        try await eventually("the news of each round") {
            daemon.news.contains { if case .roundBegan = $0 { true } else { false } }
        }
        let begun = daemon.news.count { if case .roundBegan = $0 { true } else { false } }
        let requests = await scene.house.requests
        let last = try #require(daemon.reports.last)
        await scene.end()
        return (daemon.reports.count...begun, requests, last)
    }

    private func count(_ plane: String, _ end: String, in requests: [String: Int]) -> Int {
        requests.filter { $0.key.hasPrefix(plane + " ") && $0.key.hasSuffix(end) }.values.reduce(0, +)
    }

    @Test func aQuietRoundReadsEachPlaneOnce() async throws {
        let (rounds, requests, last) = try await requests(of: .oneServer(), rounds: 4)
        #expect(last.decisions.isEmpty && last.isComplete)
        for (plane, end) in [
            ("proxmox", "/cluster/resources"), ("proxmox", "/cluster/status"), ("proxmox", "/access/permissions"),
            ("cloudflare", "/dns_records"), ("technitium", "/zones/records/get"), ("velocity", "/zpack/status"),
            ("agents", "/status"),
        ] {
            let asked = count(plane, end, in: requests)
            #expect(rounds.contains(asked), "\(plane) \(end): \(asked) in \(rounds) rounds")
        }
        // And nothing else, save one guest a round for its own addresses.
        #expect(requests.count == 8, "\(requests.keys.sorted())")
    }

    /// A server whose container is gone, one that nobody knows and an agent that never answers stand for days: a person has to
    /// see to them.
    @Test(arguments: [DriftKind.containerMissing, .containerOrphan, .agentUnreachable])
    func whatStandsIsNotReadTwiceInEachRound(kind: DriftKind) async throws {
        var estate = Estate.oneServer()
        let vmid = try #require(VMID(5001))
        switch kind {
        case .containerMissing: _ = estate.cluster.remove(vmid)
        case .containerOrphan:
            var guest = try #require(estate.guest(vmid))
            (guest.vmid, guest.name, guest.address) = (try #require(VMID(5002)), "left-behind", nil)
            estate.cluster.add(guest)
        default: break
        }
        let (rounds, requests, last) = try await requests(
            of: estate, rounds: kind == .agentUnreachable ? 3 : 5, silent: kind == .agentUnreachable ? vmid : nil)
        let drift = try #require(last.decisions.first { $0.drift.kind == kind }?.drift, "\(last.kinds)")
        #expect(drift.evidence.looks == 2)
        // Two looks in the round that found it, and one in each since.
        let inventories = count("proxmox", "/cluster/resources", in: requests)
        #expect((rounds.lowerBound...rounds.upperBound + 1).contains(inventories), "\(inventories) in \(rounds) rounds")
    }
}
