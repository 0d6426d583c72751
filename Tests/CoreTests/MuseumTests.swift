import Core
import TestSupport
import Testing

/// Incidents that others had, as scenarios that have to be refused or healed. `docs/museum.md` lists all of them, with the tests of
/// the rest.
@Suite("The museum of incidents")
struct MuseumTests {
    private static func audit(_ fleet: Fleet) throws -> Report { try #require(fleet.audit()) }

    private static func stands(_ report: Report) -> [String] {
        report.decisions.map { "\($0.drift.kind.rawValue) \($0.verdict.rawValue) \($0.reason.rawValue)" }
    }

    /// `mc-1.example.net.example.net`: published, and unreachable.
    @Test func aZoneThatIsTwiceInANameIsHealed() throws {
        var fleet = Fleet()
        for id in ["a5001", "s5001"] { fleet.changeRecord(id) { $0.name += ".\(Fleet.zone)" } }
        let report = try Self.audit(fleet)
        #expect(
            Self.stands(report).prefix(2) == [
                "dns.public.a_missing repair policy_matched", "dns.public.srv_missing repair policy_matched",
            ])
    }

    @Test func aHostNameThatCarriesTheZoneIsNotPublishedUnderItTwice() throws {
        var fleet = Fleet(1)
        fleet.removeRecord("a5001")
        fleet.changeRow(5001) { $0.hostname = "mc-paper-5001.\(Fleet.zone)" }
        let names = try Self.audit(fleet).decisions.compactMap { $0.verdict == .repair ? $0.drift.edge?.name : nil }
        #expect(names.allSatisfy { $0 == "mc-paper-5001.\(Fleet.zone)" })
    }

    /// Players saw errors until the proxy was restarted.
    @Test func nothingIsRegisteredOrCorrectedBeforeItIsReady() throws {
        for address in [nil, "10.70.99.1"] {
            var fleet = Fleet.withHosts()
            fleet.unregister("mc-paper-5002")
            if let address { fleet.register("mc-paper-5002", address) }
            fleet.agents[5002] = .status(AgentStatus(state: .starting, ready: false))
            #expect(try Self.audit(fleet).kinds == [])
        }
    }

    /// Provisioning died after it had saved the row: no edge and no agent.
    @Test func aServerWhoseMakingDiedAfterItsRowGetsItsRecordsAndNoRegistration() throws {
        var fleet = Fleet.withHosts()
        for id in ["a5002", "s5002"] { fleet.removeRecord(id) }
        fleet.unregister("mc-paper-5002")
        fleet.agents[5002] = .failed(.refused)
        #expect(
            Self.stands(try Self.audit(fleet)) == [
                "agent.unreachable manual no_action", "dns.public.a_missing repair policy_matched",
                "dns.public.srv_missing repair policy_matched",
            ])
    }

    /// It died between the row and the confirmation of the VMID, which nobody can use any more.
    @Test func aVMIDThatACreateNeverUsedIsReleased() throws {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.changeRow(5002) { $0.status = .provisioning }
        fleet.removeGuest(5002)
        for id in ["a5002", "s5002"] { fleet.removeRecord(id) }
        fleet.addStuckCreate("op1", vmid: 5002)
        fleet.probes = [VMID(5002)!: true]
        #expect(Self.stands(try Self.audit(fleet)) == ["operation.stuck repair policy_matched"])
    }

    /// The archive held the old life's host name, and a clean-up by name could hit the new customer.
    @Test func theRecordsOfAnEarlierLifeAreNotTheNewCustomers() throws {
        var fleet = Fleet()
        fleet.retired = [
            RetiredInstance(
                vmid: VMID(5001)!, externalID: fleet.id(99), customer: "old", hostname: "mc-old-5001",
                game: "minecraft",
                deletedAt: Fleet.now - .minutes(60))
        ]
        let host = "mc-old-5001.\(Fleet.zone)"
        let mark = "zlh-controller/test-1 5001"
        fleet.records += [
            DNSRecord(id: "oa", name: host, data: .a(Fleet.edge), ttl: 60, comment: mark),
            DNSRecord(
                id: "os", name: "_minecraft._tcp.\(host)",
                data: .srv(SRV(priority: 0, weight: 0, port: 25565, target: host)), ttl: 60, comment: mark),
        ]
        fleet.removeRecord("s5001")
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        for _ in 0..<3 { daemon.round() }
        let report = try #require(daemon.reports.last)
        #expect(
            Set(Self.stands(report)) == [
                "dns.public.orphan manual person_only", "dns.public.srv_missing repair policy_matched",
            ])
        #expect(report.decisions.count == 3)
        let touched = daemon.intents.compactMap { intent in
            if case .edgeRepublish(let grounds) = intent.act { grounds.change.name } else { nil }
        }
        #expect(Set(touched) == ["_minecraft._tcp.mc-paper-5001.\(Fleet.zone)"])
    }

    /// Polls that hung piled up, and servers looked offline.
    @Test func agentsThatHangNeitherPileUpNorLookOffline() throws {
        let fleet = Fleet.withHosts()
        var controller = fleet.daemon(.repair, kinds: ["*"])
        func late(_ seconds: Int64) -> Timestamp { Fleet.now + .seconds(seconds) }
        var hung: [Look] = []
        var queue = controller.handle(.woke(.cycle), at: Fleet.now)
        while !queue.isEmpty {
            guard case .observe(let look) = queue.removeFirst() else { continue }
            if look.plane == .agents {
                hung.append(look)
            } else {
                queue += controller.handle(.observed(fleet.observation(look, at: Fleet.now)), at: Fleet.now)
            }
        }
        #expect(hung.count == 1)
        #expect(controller.handle(.woke(.cycle), at: late(20)).isEmpty, "no second round begins beside the first")
        let reports = controller.handle(.woke(.lookDeadline), at: late(30)).compactMap { effect -> Report? in
            if case .tell(.report(let report)) = effect { report } else { nil }
        }
        let report = try #require(reports.first)
        #expect(report.kinds == [] && report.status(.agents) == .failed)
        #expect(report.unknown.filter { $0.plane == .agents }.map(\.reason) == [.timeout, .timeout, .timeout])
        #expect(controller.handle(.observed(fleet.observation(hung[0], at: late(40))), at: late(40)).isEmpty)
    }

    /// Another tool's limit on deletions began at ten records: a smaller zone could be wiped without a question.
    @Test(arguments: [5, 6])
    func removalsInASmallZoneAreBrakedLikeAnyOther(count: Int) throws {
        var fleet = Fleet(9)
        for vmid in 5001..<5001 + count {
            fleet.records.append(
                DNSRecord(
                    id: "x\(vmid)", name: "mc-paper-\(vmid).\(Fleet.zone)", data: .a(Fleet.formerEdge), ttl: 60,
                    comment: nil))
        }
        let wanted =
            count > 5 ? "dns.public.a_duplicate held mass_change" : "dns.public.a_duplicate repair policy_matched"
        #expect(Self.stands(try Self.audit(fleet)) == Array(repeating: wanted, count: count))
    }
}
