import Core
import TestSupport
import Testing
import World

/// Which time it is for a process whose machine's clocks do as they like.
@Suite("The time of a round")
struct SteadyTimeTests {
    private static let begin = Fleet.now

    /// Both clocks, so many seconds after the begin.
    private static func reading(_ steady: Int64, _ wall: Int64) -> SteadyTime.Reading {
        SteadyTime.Reading(steady: Moment(microseconds: steady * 1_000_000), wall: begin + .seconds(wall))
    }

    @Test func goesOnByWhicheverClockWentFurther() {
        var time = SteadyTime(Self.reading(0, 0))
        // Seconds of the steady clock, of the other one, and what it is then.
        let steps: [(Int64, Int64, Int64)] = [
            (1, 1, 1), (2, 2, 2),
            // Set back by an hour, and it runs on from there.
            (3, -3597, 3), (5, -3595, 5),
            // The machine was paused for ten minutes, and is told so.
            (6, -2994, 606), (7, -2993, 607),
        ]
        for (steady, wall, expected) in steps {
            #expect(time.now(Self.reading(steady, wall)) == Self.begin + .seconds(expected))
        }
    }

    @Test func nothingEverLooksYoungerThanItIs() {
        var seed = Seed(7)
        for _ in 0..<200 {
            var (steady, wall) = (Int64(0), Int64(0))
            var time = SteadyTime(Self.reading(0, 0))
            var moments: [(steady: Int64, time: Timestamp)] = []
            for _ in 0..<30 {
                steady += Int64(seed.below(20))
                wall += Int64(seed.below(20)) + (seed.chance(percent: 20) ? Int64(seed.below(7201)) - 3600 : 0)
                moments.append((steady, time.now(Self.reading(steady, wall))))
            }
            for (early, late) in zip(moments, moments.dropFirst()) {
                #expect(late.time - early.time >= .seconds(late.steady - early.steady))
            }
        }
    }

    @Test func theDatabaseSaysWhatItIs() {
        var time = SteadyTime(Self.reading(0, 0))
        let database = Self.begin - .minutes(60)
        #expect(time.begin(with: database, at: Self.reading(1, 1)) == Span(microseconds: -3_601_000_000))
        #expect(time.now(Self.reading(3, 3)) == database + .seconds(2))
        #expect(SteadyTime.isFar(.seconds(6)) && SteadyTime.isFar(Span(microseconds: -6_000_000)))
        #expect(!SteadyTime.isFar(.seconds(5)) && !SteadyTime.isFar(Span(microseconds: -5_000_000)))
    }

    @Test func whatWasSeenOnBothSidesOfAStepIsNotOfOneTime() {
        var time = SteadyTime(Self.reading(0, 0))
        _ = time.now(Self.reading(10, 14))
        #expect(!time.isTorn)
        _ = time.now(Self.reading(11, 17))
        #expect(time.isTorn, "in small steps, too")
        _ = time.begin(with: Self.begin, at: Self.reading(11, 17))
        #expect(!time.isTorn)
        // A round that begins without the database's word is one of its own all the same: it is only told of the step.
        _ = time.now(Self.reading(12, 618))
        #expect(time.isTorn)
        #expect(time.begin(with: nil, at: Self.reading(12, 618)) == .seconds(600))
        #expect(!time.isTorn)
        #expect(time.begin(with: nil, at: Self.reading(13, 619)) == .seconds(0))
        // Set back, nothing looks older than it is.
        _ = time.now(Self.reading(14, -9000))
        #expect(!time.isTorn)
    }

    /// Looks in a row, and what lasts, begin anew: how long ago the last round was nobody knows.
    @Test func aClockThatWasSetInterruptsWhatLasts() {
        var fleet = Fleet.withHosts()
        fleet.observeQueues()
        fleet.queues.workers = 0
        for isSet in [false, true] {
            var daemon = FleetDaemon(fleet)
            daemon.round()
            daemon.round()
            if isSet { daemon.handle(.clockSet) }
            daemon.round()
            #expect(daemon.found.contains(.queueNoWorker) == !isSet)
        }
    }

    @Test func whatAPolicyWantsToLastIsCountedAnew() {
        for isSet in [false, true] {
            var fleet = Fleet(20)
            fleet.removeRecord("s5001")
            for index in fleet.policies.policies.indices { fleet.policies.policies[index].after.for = .minutes(3) }
            var daemon = FleetDaemon(fleet)
            daemon.lead()
            daemon.watch(minutes: 3)
            if isSet { daemon.handle(.clockSet) }
            daemon.watch(minutes: 2)
            #expect(daemon.intents.isEmpty == isSet)
            daemon.watch(minutes: 3)
            #expect(!daemon.intents.isEmpty)
        }
    }

    @Test func looksInARowBeginAnew() {
        for isSet in [false, true] {
            var fleet = Fleet(20)
            fleet.removeRecord("s5001")
            var daemon = FleetDaemon(fleet)
            daemon.lead()
            daemon.round()
            if isSet { daemon.handle(.clockSet) }
            daemon.round()
            #expect(daemon.intents.isEmpty == isSet)
            daemon.round()
            #expect(!daemon.intents.isEmpty)
        }
    }

    @Test func aProxyHasItsTimeAnew() {
        for isSet in [false, true] {
            var daemon = FleetDaemon(Fleet.withHosts(3))
            daemon.lead()
            daemon.round()
            for number in 5001...5003 { daemon.fleet.unregister("mc-paper-\(number)") }
            daemon.watch(minutes: 2)
            if isSet { daemon.handle(.clockSet) }
            daemon.watch(minutes: 2)
            #expect(daemon.intents.isEmpty == isSet)
            daemon.watch(minutes: 3)
            #expect(!daemon.intents.isEmpty)
        }
    }

    @Test func aTornRoundIsSaidAndIsNone() {
        var status = DaemonStatus(startedAt: Moment(microseconds: 0), mode: .repair, cycle: .seconds(60))
        status.roundTorn()
        #expect(status.unready == "the first round has not ended yet")
        let outcome = Outcome.desiredUnreadable(ReadFailure(.timeout, "gone", at: Fleet.now))
        status.roundEnded(outcome, took: .seconds(1), at: Fleet.now, moment: Moment(microseconds: 1))
        status.roundTorn()
        #expect(status.unready?.contains("a clock of this machine was set") == true)
        #expect((status.rounds, status.failedRounds, status.tornRounds) == (1, 1, 2))
        status.roundEnded(outcome, took: .seconds(1), at: Fleet.now, moment: Moment(microseconds: 2))
        #expect(status.unready?.contains("gone") == true)
    }
}
