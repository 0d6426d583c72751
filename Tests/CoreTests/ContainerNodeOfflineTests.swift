import Core
import TestSupport
import Testing

/// A node that is down is told itself: of what is on it nothing is known.
@Suite("container.node_offline")
struct ContainerNodeOfflineTests {
    private static func audit(_ fleet: Fleet, second: Fleet? = nil) throws -> Report {
        try #require(fleet.audit(second: second))
    }

    private static func down(_ count: Int = 3, status: String = "offline") -> Fleet {
        var fleet = Fleet(count)
        fleet.nodes[0].status = status
        return fleet
    }

    @Test func isToldOnceForAllThatIsOnIt() throws {
        let report = try Self.audit(Self.down())
        #expect(report.kinds == ["container.node_offline -"])
        let decision = try #require(report.decision(.containerNodeOffline))
        #expect((decision.verdict, decision.reason, decision.level) == (.manual, .noAction, .disruptive))
        #expect(decision.drift.subject.node == "n1")
        #expect(decision.drift.observed == "offline, with 3 servers of ours on it")
        #expect(decision.drift.evidence.looks == 2)
        #expect(Set(report.unknown.map(\.reason)) == [.nodeOffline])
        let json = String(decoding: ReportJSON.encode(report), as: UTF8.self)
        #expect(json.contains("\"node\": \"n1\""))
    }

    @Test(arguments: ["online", "unknown", "maintenance"])
    func onlyWhatTheMembershipSaysIsBelieved(status: String) throws {
        #expect(try Self.audit(Self.down(status: status)).kinds == [])
    }

    @Test func oneLookOfTwoIsNotEnough() throws {
        #expect(try Self.audit(Self.down(), second: Fleet()).kinds == [])
        // Something else brings the second look, which shows the node for the first time.
        var first = Fleet()
        first.removeRecord("s5003")
        var second = Self.down()
        second.removeRecord("s5003")
        #expect(try Self.audit(first, second: second).kinds == ["dns.public.srv_missing 5003"])
    }

    @Test func aNodeWithoutServersOfOursIsNotOurs() throws {
        var fleet = Fleet()
        fleet.nodes[1].status = "offline"
        #expect(try Self.audit(fleet).kinds == [])
        // One that was placed there and is listed nowhere counts: it may well be there.
        fleet.removeGuest(5002)
        fleet.changeRow(5002) { $0.node = "n2" }
        let report = try Self.audit(fleet)
        #expect(report.kinds == ["container.node_offline -"])
        #expect(report.decision(.containerNodeOffline)?.drift.observed == "offline, with 1 server of ours on it")
    }

    @Test func aPlaneThatIsNotBelievedTellsNothing() throws {
        var fleet = Self.down()
        fleet.isQuorate = false
        #expect(try Self.audit(fleet).kinds == [])
    }

    @Test func explainsWhatIsOnItAndNoRecord() throws {
        var fleet = Fleet.withHosts()
        fleet.settings.velocity = true
        fleet.changeGuest(5002) { ($0.node, $0.lock) = ("n2", nil) }
        fleet.changeRow(5002) { $0.node = "n2" }
        fleet.nodes[1].status = "offline"
        fleet.unregister("mc-paper-5002")
        fleet.removeRecord("s5002")
        let report = try Self.audit(fleet)
        let cause = try #require(report.decision(.containerNodeOffline)).drift.id
        let missing = try #require(report.decision(.velocityMissing))
        #expect((missing.verdict, missing.reason, missing.drift.causedBy) == (.held, .causedBy, cause))
        let record = try #require(report.decision(.publicSRVMissing))
        #expect((record.verdict, record.drift.causedBy) == (.repair, nil))
    }

    @Test func isPartOfWhatIsExplainedOfAServerOnIt() throws {
        let fleet = Self.down()
        let known = try #require(fleet.audit(.explain(VMID(5002)!))?.explanation)
        #expect(known.cases.map(\.decision.drift.kind) == [.containerNodeOffline])
        #expect(known.cases[0].decision.drift.evidence.looks == 2)
        var other = fleet
        other.changeGuest(5002) { $0.node = "n2" }
        other.changeRow(5002) { $0.node = "n2" }
        #expect(try #require(other.audit(.explain(VMID(5002)!))?.explanation).cases.isEmpty)
    }

    @Test func hasNotEndedWhereNobodyKnowsWhoseServersAreOnIt() throws {
        var daemon = FleetDaemon(Self.down(1))
        daemon.lead()
        daemon.round()
        #expect(daemon.found == [.containerNodeOffline])
        daemon.fleet.instances = []
        daemon.fleet.unreadable = [.init(table: .instance, vmid: nil, externalID: nil, hostname: nil, why: "status")]
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened])
        // Nor where the rows are gone altogether.
        daemon.fleet.unreadable = []
        daemon.round()
        #expect(daemon.journal.allSatisfy { $0.outcome == .opened && $0.drift.kind == .containerNodeOffline })
    }

    /// Guests that nobody may see, that could not be read, or that are missing in numbers: where those are is not known.
    @Test func anInventoryThatMayLackGuestsNeitherEndsNorBeginsIt() throws {
        for damage in [{ $0.permissions = [:] }, { $0.guests = [] }] as [(inout Fleet) -> Void] {
            var placed = Self.down(8)
            for vmid in 5001...5008 { placed.changeRow(vmid) { $0.node = nil } }
            var daemon = FleetDaemon(placed)
            daemon.lead()
            for _ in 0..<2 { daemon.round() }
            #expect(daemon.found == [.containerNodeOffline])
            daemon.fleet.guests = []
            damage(&daemon.fleet)
            for _ in 0..<2 { daemon.round() }
            #expect(!daemon.journal.contains { $0.drift.kind == .containerNodeOffline && $0.outcome == .closed })
            // A note of where they were placed once is no listing.
            var moved = Fleet(8)
            for vmid in 5001...5008 { moved.changeGuest(vmid) { $0.node = "n2" } }
            moved.nodes[0].status = "offline"
            moved.guests = []
            damage(&moved)
            #expect(try Self.audit(moved).decision(.containerNodeOffline) == nil)
        }
    }

    /// A guest that is not ours may be hidden for good: that the last server has left the node is seen all the same.
    @Test func aHiddenGuestOfSomebodyElseKeepsNothingOpen() {
        var fleet = Self.down(1)
        fleet.permissions["/vms/900"] = ["VM.Audit": false]
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened])
        daemon.fleet.changeGuest(5001) { $0.node = "n2" }
        daemon.fleet.changeRow(5001) { $0.node = "n2" }
        for _ in 0..<2 { daemon.round() }
        #expect(daemon.journal.contains { $0.drift.kind == .containerNodeOffline && $0.outcome == .closed })
    }

    @Test func isShownWithWhatItExplainsOfOneServer() throws {
        var fleet = Fleet.withHosts()
        fleet.settings.velocity = true
        fleet.changeGuest(5002) { $0.node = "n2" }
        fleet.changeRow(5002) { $0.node = "n2" }
        fleet.nodes[1].status = "offline"
        fleet.unregister("mc-paper-5002")
        let report = try Self.audit(fleet).filtered(by: ReportFilter(vmid: VMID(5002)))
        #expect(Set(report.decisions.map(\.drift.kind)) == [.velocityMissing, .containerNodeOffline])
        #expect(try Self.audit(fleet).filtered(by: ReportFilter(vmid: VMID(5001))).decisions.isEmpty)
    }

    @Test func standsAndEnds() throws {
        var fleet = Self.down()
        fleet.probes = [:]
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found == [.containerNodeOffline])
        daemon.round()
        #expect(daemon.inventories == 1 && daemon.found == [.containerNodeOffline], "what stands costs one look")
        // Its statistics come back before it is a member again, or the other way round: it is not over.
        daemon.fleet.nodes[0].status = "unknown"
        daemon.round()
        #expect(daemon.found == [] && daemon.journal.map(\.outcome) == [.opened])
        daemon.fleet.nodes[0].status = "online"
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
    }
}
