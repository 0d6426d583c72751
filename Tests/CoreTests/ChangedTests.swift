import Core
import TestSupport
import Testing

/// What changes while the daemon is in the midst of something else is looked at soon.
@Suite("A change while something goes on")
struct ChangedTests {
    private static func change(_ number: Int) -> Event { .desiredChanged(.instances([VMID(number)!])) }

    private static func daemon(_ count: Int = 6) -> FleetDaemon {
        var daemon = FleetDaemon(Fleet.withHosts(count))
        daemon.lead()
        daemon.round()
        return daemon
    }

    /// When an effect says that the next round is due.
    private static func wake(_ effects: [Effect]) -> Timestamp? {
        effects.compactMap { if case .wake(.cycle, let moment) = $0 { moment } else { nil } }.last
    }

    @Test func aRoundInItsFirstLookGivesWayToOneThatSparesNobody() throws {
        var daemon = Self.daemon()
        let begun = daemon.now
        let effects = daemon.controller.handle(.woke(.cycle), at: begun)
        guard case .observe(let look)? = effects.last else {
            Issue.record("\(effects)")
            return
        }
        let answer = daemon.fleet.observation(look, at: begun)
        let planes = daemon.controller.handle(.observed(answer), at: begun)
        #expect(planes.contains { if case .observe(let look) = $0 { look.agentsOver > .seconds(0) } else { false } })

        let changed = begun + .seconds(3)
        let given = daemon.controller.handle(Self.change(5003), at: changed)
        #expect(given.first == .giveWay)
        let next = try #require(Self.wake(given))
        #expect(next > changed && next <= changed + .seconds(1))
        // What the round had asked for reaches nobody.
        #expect(daemon.controller.handle(.observed(answer), at: next) == [])
        let before = daemon.reports.count
        daemon.now = next
        daemon.handle(.woke(.cycle))
        #expect(daemon.reports.count == before + 1)
        #expect(daemon.looks.filter { $0.plane == .agents }.last?.agentsOver == .seconds(0))
    }

    /// However often rows change, rounds come to their end.
    @Test func aRoundThatAChangeBeganGivesWayToNone() throws {
        var daemon = Self.daemon()
        _ = daemon.controller.handle(Self.change(5003), at: daemon.now)
        _ = daemon.controller.handle(.woke(.cycle), at: daemon.now)
        for second in 1...5 {
            #expect(daemon.controller.handle(Self.change(5003), at: daemon.now + .seconds(Int64(second))) == [])
        }
    }

    /// A change that gives way to nothing is not forgotten: the round after it is due soon.
    @Test func whatComesDuringARoundThatGoesOnIsLookedAtWhenItHasEnded() throws {
        var daemon = Self.daemon()
        daemon.handle(Self.change(5003))
        let effects = daemon.controller.handle(.woke(.cycle), at: daemon.now)
        #expect(daemon.controller.handle(Self.change(5004), at: daemon.now + .milliseconds(10)) == [])
        var queue = effects
        let at = daemon.now + .milliseconds(50)
        var wakes: [Timestamp] = []
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .observe(let look):
                queue += daemon.controller.handle(.observed(daemon.fleet.observation(look, at: at)), at: at)
            case .wake(.cycle, let moment): wakes.append(moment)
            default: break
            }
        }
        #expect(wakes.count == 1 && wakes[0] <= daemon.now + .milliseconds(1_100))
    }

    @Test func changesBetweenRoundsAreLookedAtTogetherAndWithinASecond() throws {
        var daemon = Self.daemon()
        let quiet = daemon.now + .seconds(30)
        let first = Self.wake(daemon.controller.handle(Self.change(5001), at: quiet))
        #expect(try #require(first) <= quiet + .seconds(1))
        // The next ones do not put it off.
        #expect(daemon.controller.handle(Self.change(5002), at: quiet + .milliseconds(50)) == [])
    }

    /// A storm of changes does not become a storm of requests.
    @Test func aStormOfChangesBeginsABoundedNumberOfRounds() {
        var daemon = Self.daemon()
        let start = daemon.now
        var rounds = 0
        var due = start
        while daemon.now < start + .minutes(10) {
            daemon.wakes = []
            daemon.handle(Self.change(5001))
            due = daemon.wakes.last ?? due
            daemon.now = max(daemon.now + .milliseconds(200), due)
            let before = daemon.reports.count
            daemon.wakes = []
            daemon.handle(.woke(.cycle))
            due = daemon.wakes.last ?? due
            rounds += daemon.reports.count - before
        }
        // One in ten seconds, and three at once.
        #expect(rounds >= 55 && rounds <= 64)
    }

    @Test func repairsThatHaveNotBegunArePutOffAndDecidedAnew() throws {
        var daemon = Self.daemon()
        for host in [5001, 5002, 5003] { daemon.fleet.removeRecord("s\(host)") }
        daemon.round()
        daemon.changeBeforeRepairs = .instances([VMID(5006)!])
        daemon.round()
        #expect(daemon.intents.count == 1 && daemon.putOff.count == 2)
        let due = try #require(daemon.wakes.last)
        #expect(due <= daemon.now - .seconds(60) + .seconds(5))
        // What they changed themselves is no reason, and it was no attempt.
        daemon.changeBeforeRepairs = .instances([VMID(5001)!])
        daemon.round()
        #expect(daemon.putOff.count == 2 && daemon.intents.allSatisfy { $0.attempt == 1 })
        #expect(Set(daemon.intents.map(\.drift.vmid)) == [VMID(5001), VMID(5002), VMID(5003)])
    }

    /// What is much in one cycle must not pass in small steps because rows change between them.
    @Test func theBrakeOnMassChangesCountsOverTheWholeCycle() {
        /// Nine records vanish one after the other, and each is repaired by the next round or not.
        func held(_ pause: Span, looks: Int) -> Int {
            var fleet = Fleet.withHosts(12)
            for index in fleet.policies.policies.indices { fleet.policies.policies[index].after.looks = looks }
            var daemon = LedgerDaemon(fleet)
            daemon.lead()
            daemon.round()
            for host in 5001...5009 {
                daemon.fleet.removeRecord("s\(host)")
                daemon.now = daemon.now + pause
                daemon.handle(.desiredChanged(.everything))
                daemon.handle(.woke(.cycle))
            }
            return daemon.last.decisions.count { $0.reason == .massChange }
        }
        // Limit five: from the sixth on they are held. Spread over minutes they are no mass.
        for looks in [1, 2, 100] {
            #expect(held(.seconds(5), looks: looks) == 4, "looks \(looks)")
            #expect(held(.seconds(70), looks: looks) == 0, "looks \(looks)")
        }
    }

    /// What could not be repaired before is new when it can, however long it has been there.
    @Test func whatBecomesRepairableInSmallStepsCountsAsWell() {
        var fleet = Fleet.withHosts(12)
        for host in 5001...5009 { fleet.removeRecord("s\(host)") }
        fleet.pauses = (5001...5009).map {
            Pause(vmid: VMID($0), since: Fleet.now, until: Fleet.now + .minutes(600), why: "w", by: "b")
        }
        var daemon = LedgerDaemon(fleet)
        daemon.lead()
        for _ in 0..<3 { daemon.round() }
        for _ in 5001...5009 {
            daemon.fleet.pauses.removeLast()
            daemon.now = daemon.now + .seconds(5)
            daemon.handle(.desiredChanged(.everything))
            daemon.handle(.woke(.cycle))
        }
        #expect(daemon.last.decisions.count { $0.reason == .massChange } == 4)
    }

    /// A row that changes between the two looks is held against listings that were read after it.
    @Test func aRowThatChangesBetweenTwoLooksIsHeldAgainstNewListings() throws {
        var fleet = Fleet.withHosts(6)
        fleet.removeRecord("s5004")
        var second = fleet
        second.changeRow(5002) { $0.power = .stopped }
        second.changeGuest(5002) { $0.status = "stopped" }
        let report = try #require(fleet.audit(second: second))
        #expect(report.decisions.map(\.drift.kind) == [.publicSRVMissing])
    }
}
