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

    /// A clock is set in the middle of one round after the other: none counts, and the pause between them grows.
    @Test func aTornRoundIsRepeatedSoonAndNotWithoutAPause() throws {
        var daemon = Self.daemon()
        var pauses: [Span] = []
        for _ in 1...8 {
            let before = daemon.controller
            daemon.handle(.woke(.cycle))
            daemon.controller = before
            let moment = try #require(Self.wake(daemon.controller.handle(.roundTorn(nil), at: daemon.now)))
            pauses.append(moment - daemon.now)
            daemon.now = moment
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60].map(Span.seconds))
        // What changes then does not wait for that.
        let soon = try #require(Self.wake(daemon.controller.handle(Self.change(5003), at: daemon.now)))
        #expect(soon - daemon.now <= .seconds(1))
        daemon.round()
        let again = try #require(Self.wake(daemon.controller.handle(.roundTorn(nil), at: daemon.now)))
        #expect(again - daemon.now == .seconds(1))
    }

    /// A repair waits for a round that has seen what a torn one was told.
    @Test func whatATornRoundWasToldIsStillUnseen() throws {
        var daemon = Self.daemon()
        daemon.fleet.removeRecord("s5002")
        daemon.watch(minutes: 3)
        let intent = try #require(daemon.intents.first)
        #expect(!daemon.controller.putsOff(intent, own: []))
        _ = daemon.controller.handle(.roundTorn(.instances([VMID(5003)!])), at: daemon.now)
        #expect(daemon.controller.putsOff(intent, own: []))
        daemon.round()
        #expect(!daemon.controller.putsOff(intent, own: []))
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

    /// A row is inserted, and becomes ready a second and a half later, while the round that the first change began looks a second time.
    @Test func aRoundThatAChangeBeganGivesWayAsWellAndInItsSecondLook() throws {
        var daemon = Self.daemon()
        daemon.fleet.removeRecord("s5003")
        daemon.handle(Self.change(5003))
        let begun = daemon.now + .milliseconds(100)
        var queue = daemon.controller.handle(.woke(.cycle), at: begun)
        var second: Timestamp?
        while second == nil, !queue.isEmpty {
            switch queue.removeFirst() {
            case .observe(let look):
                queue += daemon.controller.handle(.observed(daemon.fleet.observation(look, at: begun)), at: begun)
            case .wake(.secondLook, let moment): second = moment
            default: break
            }
        }
        let again = daemon.controller.handle(.woke(.secondLook), at: try #require(second))
        #expect(again.contains { if case .observe(let look) = $0 { look.number == 2 } else { false } })
        let ready = try #require(second) + .milliseconds(10)
        let given = daemon.controller.handle(Self.change(5003), at: ready)
        #expect(given.first == .giveWay)
        let next = try #require(Self.wake(given))
        #expect(next > ready && next <= ready + .seconds(1))
        let before = daemon.reports.count
        daemon.now = next
        daemon.handle(.woke(.cycle))
        #expect(daemon.reports.count == before + 1)
    }

    /// However often rows change, rounds come to their end: the third at the latest.
    @Test func twoRoundsInARowAreGivenUpAtMost() throws {
        var daemon = Self.daemon()
        for _ in 1...3 {
            for _ in 1...2 {
                _ = daemon.controller.handle(.woke(.cycle), at: daemon.now)
                daemon.now = daemon.now + .seconds(2)
                let given = daemon.controller.handle(Self.change(5003), at: daemon.now)
                #expect(given.first == .giveWay)
                daemon.now = try #require(Self.wake(given))
            }
            let before = daemon.reports.count
            let effects = daemon.controller.handle(.woke(.cycle), at: daemon.now)
            for second in 1...5 {
                let at = daemon.now + .seconds(Int64(second))
                #expect(daemon.controller.handle(Self.change(5003), at: at) == [])
            }
            daemon.now = daemon.now + .seconds(6)
            daemon.carryOut(effects)
            #expect(daemon.reports.count == before + 1)
            // Until a storm of changes would be none any more.
            daemon.now = daemon.now + .seconds(60)
        }
    }

    /// One that hangs is about to end, and the process is not to seem to stand still meanwhile.
    @Test func aRoundThatHasGoneOnForLongGivesWayToNothing() {
        var daemon = Self.daemon()
        let begun = daemon.now
        _ = daemon.controller.handle(.woke(.cycle), at: begun)
        #expect(daemon.controller.handle(Self.change(5003), at: begun + .seconds(30)) == [])
        var other = Self.daemon()
        _ = other.controller.handle(.woke(.cycle), at: begun)
        #expect(other.controller.handle(Self.change(5003), at: begun + .seconds(29)).first == .giveWay)
    }

    /// A change that gives way to nothing is not forgotten: the round after it is due soon.
    @Test func whatComesDuringARoundThatGoesOnIsLookedAtWhenItHasEnded() throws {
        var daemon = Self.daemon()
        let effects = daemon.controller.handle(.woke(.cycle), at: daemon.now)
        let at = daemon.now + Round.lookDeadline
        #expect(daemon.controller.handle(Self.change(5004), at: at) == [])
        var queue = effects
        var wakes: [Timestamp] = []
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .observe(let look):
                queue += daemon.controller.handle(.observed(daemon.fleet.observation(look, at: at)), at: at)
            case .wake(.cycle, let moment): wakes.append(moment)
            default: break
            }
        }
        #expect(wakes.count == 1 && wakes[0] <= at + .milliseconds(1_100))
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
