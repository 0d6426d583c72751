import Core
import TestSupport
import Testing

/// How a daemon spares what it looks at again and again.
@Suite("Pace")
struct PaceTests {
    private static func vmids(_ count: Int) -> [VMID] { (0..<count).compactMap { VMID(5000 + $0) } }

    @Test(arguments: [(0, 0), (3, 60), (100, 2000), (500, 10_000), (1000, 20_000), (10_000, 20_000)])
    func agentsAreSpreadOverAThirdOfTheCycleAtMost(agents: Int, milliseconds: Int) {
        #expect(Pace(cycle: .seconds(60)).spread(agents: agents) == .milliseconds(Int64(milliseconds)))
        #expect(Pace(cycle: .seconds(60), isHurried: true).spread(agents: agents) == .seconds(0))
        #expect(Pace(cycle: .seconds(6)).spread(agents: agents) <= .seconds(2))
        #expect(Pace(cycle: .minutes(60)).spread(agents: agents) <= .seconds(20))
    }

    @Test(arguments: [(1, 60), (500, 60), (1441, 60), (10_000, 60), (40, 3600), (10_000, 20)])
    func eachGuestHasItsTurnWithinADay(guests: Int, seconds: Int) {
        let all = Self.vmids(guests)
        var pace = Pace(cycle: .seconds(Int64(seconds)))
        var seen: Set<VMID> = []
        var most = 0
        for _ in 0..<(86_400 / seconds) {
            let turn = pace.addresses(of: all.reversed())
            most = max(most, turn.guests.count)
            seen.formUnion(turn.guests)
            pace.lastLooked = turn.last
        }
        #expect(seen.count == guests)
        #expect(most <= 10)
    }

    @Test func whoIsInDoubtIsLookedAtEachTime() {
        let all = Self.vmids(100)
        var pace = Pace(cycle: .seconds(60), doubtful: [all[70], VMID(9999)!])
        for index in 0..<5 {
            let turn = pace.addresses(of: all)
            #expect(turn.guests == [all[70], all[index]])
            pace.lastLooked = turn.last
        }
        #expect(pace.addresses(of: []) == Pace.Turn())
        // The one that was last is gone by now.
        pace.lastLooked = all[99]
        #expect(pace.addresses(of: Array(all.dropLast())).last == all[0])
    }

    @Test func aDaemonFindsAnAddressThatChangedThoughItsAgentAnswers() {
        var daemon = FleetDaemon(Fleet.withHosts(5))
        daemon.lead()
        daemon.fleet.addresses[VMID(5003)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true)
        var rounds = 0
        while daemon.journal.isEmpty && rounds < 10 {
            daemon.round()
            rounds += 1
        }
        #expect(rounds == 3, "one guest has its turn in each round")
        // It stays open while others have their turn, and is looked at again each time.
        daemon.watch(minutes: 12)
        #expect(daemon.journal.map(\.outcome) == [.opened] && daemon.found == [.containerAddressChanged])
        daemon.fleet.addresses[VMID(5003)!] = nil
        daemon.watch(minutes: 3)
        #expect(daemon.journal.map(\.outcome) == [.opened], "what could not be asked has not ended")
        daemon.fleet.addresses[VMID(5003)!] = GuestAddresses(
            ipv4: [daemon.fleet.instances[2].address ?? ""], isWhole: true)
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
        #expect(daemon.fleet.audit()?.kinds == [])
        // An audit has nobody's turn, and says so.
        func isListed(_ report: Report?) -> Bool? {
            report?.notEvaluated.contains { $0.kind == .containerAddressChanged }
        }
        #expect(isListed(daemon.reports.last) == false && isListed(daemon.fleet.audit()) == true)
    }

    /// Nothing can be judged of it, and what was called changed while it had another address has ended.
    @Test func aRowWithAnIPv6AddressHasNoTurn() {
        var daemon = FleetDaemon(Fleet.withHosts(3))
        daemon.lead()
        daemon.fleet.addresses[VMID(5002)!] = GuestAddresses(ipv4: ["10.70.9.9"], isWhole: true)
        daemon.watch(minutes: 2)
        #expect(daemon.found == [.containerAddressChanged])
        daemon.fleet.changeRow(5002) { $0.address = "fd00::5002" }
        daemon.fleet.agents[5002] = .status(Fleet.well)
        daemon.fleet.register("mc-paper-5002", "fd00::5002")
        var asked: Set<VMID> = []
        for _ in 0..<4 {
            daemon.round()
            asked.formUnion(daemon.looks.flatMap(\.addressesOf))
        }
        #expect(asked == [VMID(5001)!, VMID(5003)!])
        #expect(daemon.found == [] && daemon.journal.map(\.outcome) == [.opened, .closed])
    }

    @Test func onlyADaemonTakesItsTime() {
        let fleet = Fleet.withHosts(5)
        func first(_ event: Event, _ controller: Controller) -> [Look] {
            var controller = controller
            var queue = controller.handle(event, at: Fleet.now)
            var looks: [Look] = []
            while !queue.isEmpty {
                guard case .observe(let look) = queue.removeFirst() else { continue }
                if look.number == 1 { looks.append(look) }
                queue += controller.handle(.observed(fleet.observation(look, at: Fleet.now)), at: Fleet.now)
            }
            return looks
        }
        let audit = Controller(settings: fleet.settings, policies: fleet.policies)
        let duty = Duty(mode: .dryRun, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60))
        let daemon = Controller(settings: fleet.settings, policies: fleet.policies, duty: duty)
        func spread(_ looks: [Look]) -> Span? { looks.first { $0.plane == .agents }?.agentsOver }
        func asked(_ looks: [Look]) -> [VMID]? { looks.first { $0.plane == .proxmox }?.addressesOf }
        #expect(spread(first(.operatorAsked(.audit), audit)) == .seconds(0))
        #expect(asked(first(.operatorAsked(.audit), audit)) == [])
        #expect(spread(first(.woke(.cycle), daemon)) == .milliseconds(100))
        #expect(asked(first(.woke(.cycle), daemon)) == [VMID(5001)!])
        var hurried = daemon
        _ = hurried.handle(.desiredChanged(.everything), at: Fleet.now)
        #expect(spread(first(.woke(.cycle), hurried)) == .seconds(0))
    }
}
