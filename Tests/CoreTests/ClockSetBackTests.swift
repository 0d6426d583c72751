import Core
import TestSupport
import Testing

/// A wall clock that is set back by a day: nothing stands still until it has caught up, and nothing is allowed twice.
@Suite("A clock that was set back")
struct ClockSetBackTests {
    private static let day = Span.minutes(24 * 60)

    private static func desk() -> OutboxDesk {
        OutboxDesk(
            readAt: Fleet.now, rows: [.init(incident: MessageLimitsTests.incident("h", drifts: 1))], messages: [:])
    }

    private static func sends(_ line: inout OutboxLine, at now: Timestamp) -> Sending? {
        if case .send(let sending) = line.next(desk(), at: now) { sending } else { nil }
    }

    @Test func aWebhookIsAskedAgainAndItsLimitsHold() throws {
        var line = OutboxLine(.init(id: "t", isDryRun: false))
        for _ in 0..<5 { #expect(Self.sends(&line, at: Fleet.now) != nil) }
        let back = Fleet.now - Self.day
        // Five in two seconds were sent a moment ago, whatever the clock says.
        #expect(Self.sends(&line, at: back) == nil)
        let sending = try #require(Self.sends(&line, at: back + .seconds(2)))
        _ = line.ended(sending, .limited(.seconds(40), isGlobal: false), nil, at: back + .seconds(2))
        let again = back - Self.day
        let move = line.next(Self.desk(), at: again)
        #expect(move == .wait(until: again + .seconds(40)))
        #expect(Self.sends(&line, at: again + .seconds(40)) != nil)
    }

    @Test func aWaitForAllWebhooksIsTakenAlong() {
        var hold = SinkHold(.seconds(90), at: Fleet.now)
        #expect(hold.until(at: Fleet.now + .seconds(30)) == Fleet.now + .seconds(90))
        let back = Fleet.now - Self.day
        #expect(hold.until(at: back) == back + .seconds(90))
        #expect(hold.until(at: back + .seconds(60)) == back + .seconds(90))
    }

    private static func broken(_ count: Int) -> Fleet {
        var fleet = Fleet(40)
        for vmid in 5001..<(5001 + count) { fleet.removeRecord("s\(vmid)") }
        fleet.policies.brakes.budgetPerMinute = 2
        return fleet
    }

    @Test func theBudgetIsNeitherLostNorDoubled() {
        var daemon = FleetDaemon(Self.broken(5))
        daemon.ending = { _ in .notVerified("in vain") }
        daemon.lead()
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 2)
        daemon.now = daemon.now - Self.day
        daemon.round()
        #expect(daemon.intents.count == 2, "within the same minute")
        daemon.watch(minutes: 3)
        #expect(daemon.intents.count > 2)
    }

    @Test func whatWasInVainIsTriedAgain() {
        var daemon = FleetDaemon(Self.broken(1))
        daemon.ending = { _ in .notVerified("in vain") }
        daemon.lead()
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 1)
        daemon.now = daemon.now - Self.day
        daemon.watch(minutes: 30)
        #expect(daemon.intents.count > 1)
    }

    @Test func aProxyThatRestartedIsWaitedForNoLonger() {
        var daemon = LedgerDaemon(.withHosts(3))
        daemon.lead()
        daemon.round()
        for number in 5001...5003 { daemon.fleet.unregister("mc-paper-\(number)") }
        daemon.round()
        daemon.now = daemon.now - Self.day
        #expect(daemon.begun(rounds: 4).reduce(0, +) == 3)
    }
}
