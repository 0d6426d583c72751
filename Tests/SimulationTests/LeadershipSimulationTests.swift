import Simulation
import Testing

@Suite("Leadership in simulated time")
struct LeadershipSimulationTests {
    @Test func aThousandSeedsKeepOneLeader() {
        let result = LeadershipBatch.run(1...1000)
        print("simulated \(result.runs) runs of leadership: \(result.counts)")
        for failure in result.failures {
            Issue.record(
                """
                seed \(failure.seed): \(failure.violations.joined(separator: "; ")); \
                replay: swift run zlh-simulate --leadership --seed \(failure.seed)
                """)
        }
        // A batch in which nothing happens would prove nothing.
        let counts = result.counts
        #expect(counts.acts > 50_000)
        #expect(counts.takeovers > 3000)
        #expect(counts.losses > 3000)
        #expect(counts.pauses > 1000)
        #expect(counts.claimsRefused > 50)
        #expect(counts.foreign > 500)
        // Both windows are real and rare: a run that never opens them does not look for them.
        #expect((1...500).contains(counts.frozenWindows))
        #expect((1...500).contains(counts.clockWindows))
    }

    /// Two hosts whose `redis.url` are not one, in minutes without any other fault; then they are.
    @Test func withALockEachOneOfThemLeadsAndActs() {
        for seed in 1...12 as ClosedRange<UInt64> {
            var run = LeadershipRun(seed: seed)
            run.runApart(minutes: 20)
            #expect(run.violations == [], "replay: swift run zlh-simulate --leadership --apart --seed \(seed)")
            #expect(run.counts.takeovers > 4 && run.counts.acts > 100)
        }
    }

    @Test(arguments: [3, 42, 311, 984] as [UInt64])
    func theSameSeedGivesTheSameTrace(seed: UInt64) {
        var one = LeadershipRun(seed: seed, keepsTrace: true)
        var other = LeadershipRun(seed: seed, keepsTrace: true)
        one.run()
        other.run()
        #expect(one.trace == other.trace)
        #expect(one.counts == other.counts)
        #expect(one.trace.count > 10)
    }
}
