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
}
