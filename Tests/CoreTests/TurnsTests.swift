import TestSupport
import Testing

@testable import Core

/// Who is asked about in the next round, where one look had no room for all.
@Suite("Turns")
struct TurnsTests {
    private static func vmids(_ numbers: [Int]) -> [VMID] { numbers.compactMap { VMID($0) } }

    /// A daemon over servers whose agents all tell of a crash: each word waits for the guest's own addresses.
    private static func crashed(_ count: Int) -> FleetDaemon {
        var fleet = Fleet.withHosts(count)
        for row in fleet.instances {
            fleet.agents[Int(row.vmid.number)] = .status(
                AgentStatus(state: .crashed, processRunning: false, ready: false))
        }
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        return daemon
    }

    @Test func theOrderGoesOnAfterTheLastOneAndAround() {
        let all = Self.vmids([5003, 5001, 5002, 5001])
        #expect(Turns.inOrder(all, after: nil) == Self.vmids([5001, 5002, 5003]))
        #expect(Turns.inOrder(all, after: VMID(5001)) == Self.vmids([5002, 5003, 5001]))
        #expect(Turns.inOrder(all, after: VMID(5003)) == Self.vmids([5001, 5002, 5003]))
    }

    @Test func whoWasLeftOutComesFirstInTheNextRound() throws {
        var daemon = Self.crashed(300)
        daemon.round()
        let first = try #require(daemon.looks.last { $0.plane == .proxmox })
        #expect(first.addressesOf.count == Turns.mostAddresses)
        let left = Set(daemon.fleet.instances.map(\.vmid)).subtracting(first.addressesOf)
        #expect(left.count == 100)
        let held = try #require(daemon.reports.last).decisions.filter { $0.reason == .addressUnconfirmed }
        #expect(Set(held.compactMap(\.drift.subject.vmid)) == left && held.allSatisfy { $0.verdict == .held })
        #expect(held.allSatisfy { $0.detail?.contains("its turn comes later") == true })

        daemon.round()
        let second = try #require(daemon.looks.last { $0.plane == .proxmox })
        // Before them only the one whose turn it is in any case.
        #expect(Set(second.addressesOf.prefix(101)).isSuperset(of: left))
        #expect(second.addressesOf.count == Turns.mostAddresses)
    }

    @Test func whatAnswersIsSaidOtherwise() throws {
        var daemon = Self.crashed(3)
        daemon.fleet.addresses[VMID(5002)!] = nil
        daemon.round()
        let held = try #require(daemon.reports.last).decisions.filter { $0.reason == .addressUnconfirmed }
        #expect(held.map(\.detail) == ["the guest's interfaces were not read"])
    }

    /// Those whose turn it only is are asked all the same, beside many who wait for something.
    @Test func whoseTurnItIsKeepsItsRoom() throws {
        var daemon = Self.crashed(300)
        var turns: Set<VMID> = []
        for _ in 0..<3 {
            daemon.round()
            let asked = try #require(daemon.looks.last { $0.plane == .proxmox }).addressesOf
            turns.insert(try #require(daemon.reports.last?.lastLooked))
            #expect(asked.contains(try #require(daemon.reports.last?.lastLooked)))
        }
        #expect(turns.count == 3)
    }

    @Test func aStretchThatNeverAnswersIsPassedOver() {
        var look = Look(plane: .proxmox, number: 2, addressesOf: Self.vmids(Array(5001...5400)))
        let leftOut = Turns().arrange(&look, alsoAddressesOf: [])
        #expect(leftOut.count == 200)
        func next(_ answered: ClosedRange<Int>?) -> VMID? {
            var fleet = Fleet(1)
            for vmid in answered.map(Array.init) ?? [] {
                fleet.addresses[VMID(vmid)!] = GuestAddresses(ipv4: [], isWhole: true)
            }
            let fact = Inventory.judge(
                fleet.proxmoxReading(look), expecting: .init(cluster: "prod", canary: nil))
            guard case .read(let inventory) = fact else { return nil }
            return Turns(after: look, leftOut: leftOut, besides: [], inventory).addresses
        }
        #expect(next(5001...5200) == VMID(5200))
        #expect(next(5001...5150) == VMID(5150), "those after it were not asked in time")
        #expect(next(nil) == VMID(5200))
    }

    /// The rotation has an order of its own, which does not move that of the others.
    @Test func whoseTurnItIsMovesNobodyElses() {
        let guests = Self.vmids([5390, 5400])
        var look = Look(plane: .proxmox, number: 2, addressesOf: Self.vmids(Array(5001...5390)))
        let leftOut = Turns().arrange(&look, alsoAddressesOf: guests)
        #expect(look.addressesOf.count == Turns.mostAddresses)
        #expect(look.addressesOf.first == VMID(5390) && look.addressesOf.last == VMID(5400))
        #expect(leftOut.count == 191 && !leftOut.contains(VMID(5390)!))
        var fleet = Fleet(1)
        for vmid in look.addressesOf { fleet.addresses[vmid] = GuestAddresses(ipv4: [], isWhole: true) }
        let fact = Inventory.judge(fleet.proxmoxReading(look), expecting: .init(cluster: "prod", canary: nil))
        let next = fact.value.map { Turns(after: look, leftOut: leftOut, besides: guests, $0).addresses }
        #expect(next == VMID(5198))
    }

    /// Each look has room for fewer than the brake on many changes lets pass.
    @Test func whoIsLeftOutCountsForTheBrakeOnMassChanges() throws {
        var fleet = Fleet.withHosts(999)
        fleet.policies.brakes.massChangePercent = 30
        for number in 5001...5300 { fleet.unregister("mc-paper-\(number)") }
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        for _ in 0..<4 { daemon.round() }
        let report = try #require(daemon.reports.last)
        let reasons = Dictionary(grouping: report.decisions, by: \.reason).mapValues(\.count)
        #expect(reasons == [.massChange: 200, .addressUnconfirmed: 100])
        let words = "300 new repairs of velocity at once, limit 299"
        #expect(report.decisions.contains { $0.detail?.contains(words) == true })
        #expect(daemon.intents.isEmpty)
    }

    /// One answer is for all that the brake stopped, also for those that this look had no room for.
    @Test func oneApprovalReleasesThoseToo() {
        var fleet = Fleet.withHosts(999)
        fleet.policies.brakes.massChangePercent = 30
        fleet.policies.brakes.budgetPerMinute = 80
        for number in 5001...5300 { fleet.unregister("mc-paper-\(number)") }
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        for _ in 0..<4 { daemon.round() }
        daemon.answer(.approve, plan: daemon.last.planHash)
        daemon.round()
        #expect(daemon.redemptions.map(\.covers.count) == [300])
        let begun = daemon.begun(rounds: 2)
        #expect(begun == [80, 80])
        #expect(daemon.last.decisions.allSatisfy { $0.reason == .policyMatched || $0.reason == .addressUnconfirmed })
        #expect(daemon.last.decisions.allSatisfy { $0.approval == .granted(1) })
        #expect(daemon.begun(rounds: 4).reduce(0, +) == 140)
        #expect(daemon.redemptions.count == 1 && daemon.last.decisions == [])
    }

    /// Of these the look asked, and nobody answered: a node that is late, or no time left.
    @Test func whoWasNotReadCountsForTheBrakeToo() {
        var fleet = Fleet.withHosts(30)
        for number in 5001...5008 { fleet.unregister("mc-paper-\(number)") }
        let addresses = fleet.addresses
        for number in [5001, 5003, 5005, 5007] { fleet.addresses[VMID(number)!] = nil }
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        for _ in 0..<4 { daemon.round() }
        let reasons = Dictionary(grouping: daemon.last.decisions, by: \.reason).mapValues(\.count)
        #expect(reasons == [.massChange: 4, .addressUnconfirmed: 4])
        daemon.answer(.approve, plan: daemon.last.planHash)
        daemon.round()
        #expect(daemon.begun(rounds: 1) == [4], "they are held for their addresses still")
        daemon.fleet.addresses = addresses
        #expect(daemon.begun(rounds: 1) == [4])
        #expect(daemon.redemptions.map(\.covers.count) == [8])
    }

    /// What asks for an answer by its policy is answered once, too.
    @Test func whatAPolicyAsksAboutIsAnsweredForThoseToo() {
        var fleet = Fleet.withHosts(30)
        for number in 5001...5003 { fleet.unregister("mc-paper-\(number)") }
        for index in fleet.policies.policies.indices { fleet.policies.policies[index].level = .disruptive }
        let addresses = fleet.addresses
        fleet.addresses[VMID(5001)!] = nil
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.last.decisions.map(\.reason) == [.addressUnconfirmed, .approvalMissing, .approvalMissing])
        daemon.answer(.approve, plan: daemon.last.planHash)
        daemon.round()
        #expect(daemon.redemptions.map(\.covers.count) == [3])
        daemon.fleet.addresses = addresses
        #expect(daemon.begun(rounds: 3).reduce(0, +) == 3)
    }

    /// What stands is told once, whoever's turn it is.
    @Test func whoseTurnComesLaterIsNoNews() {
        var daemon = Self.crashed(300)
        for _ in 0..<3 { daemon.round() }
        let told = daemon.journal.count
        #expect(daemon.memory != nil && told >= 300)
        for _ in 0..<4 {
            daemon.round()
            let held = daemon.reports.last?.decisions.count { $0.reason == .addressUnconfirmed }
            #expect(held == 100, "nothing is decided from what was true a moment ago")
        }
        #expect(daemon.journal.count == told)
    }

    /// Nor is it new to the brake each time.
    @Test func whatMayBeRepairedIsNotNewAfterItsTurn() {
        var fleet = Fleet.withHosts(999)
        fleet.policies.brakes.massChangePercent = 100
        fleet.policies.brakes.budgetPerMinute = 0
        for number in 5001...5300 { fleet.unregister("mc-paper-\(number)") }
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        for _ in 0..<4 { daemon.round() }
        #expect(daemon.past.repairable.count == 300)
        let told = daemon.journal.count
        for _ in 0..<3 {
            daemon.round()
            #expect(daemon.past.repairable.count == 300)
        }
        #expect(daemon.journal.count == told)
    }

    /// Whatever else holds a drift does so in each round, and is what people need to know.
    @Test func whatElseHoldsItIsNamedFirst() throws {
        var fleet = Fleet.withHosts(999)
        for number in 5001...5300 { fleet.unregister("mc-paper-\(number)") }
        fleet.pauses = [Pause(vmid: nil, since: Fleet.now, until: Fleet.now + .minutes(60), why: "move", by: "eva")]
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        let report = try #require(daemon.reports.last)
        #expect(Dictionary(grouping: report.decisions, by: \.reason).mapValues(\.count) == [.paused: 300])
    }

    @Test func whoWasNotReachedInTimeComesAfterTheLastAnswer() {
        func unreached(_ answered: [Int]) -> [VMID] {
            var fleet = Fleet(1)
            fleet.addresses = [:]
            for vmid in answered { fleet.addresses[VMID(vmid)!] = GuestAddresses(ipv4: [], isWhole: true) }
            let look = Look(plane: .proxmox, number: 2, addressesOf: Self.vmids([5003, 5004, 5001, 5002]))
            let fact = Inventory.judge(fleet.proxmoxReading(look), expecting: .init(cluster: "prod", canary: nil))
            return fact.value.map { Turns.unreached(look, $0).sorted() } ?? []
        }
        #expect(unreached([5003, 5001]) == Self.vmids([5002]), "5004 was asked and did not answer")
        #expect(unreached([5003]) == Self.vmids([5001, 5002, 5004]))
        #expect(unreached([5003, 5004, 5001, 5002]) == [])
        #expect(unreached([]) == [], "no want of time")
    }
}
