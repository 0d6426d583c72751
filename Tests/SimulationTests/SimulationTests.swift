import Core
import Simulation
import Testing

@Suite("Audits of simulated worlds")
struct SimulationTests {
    @Test func aThousandSeedsBreakNoInvariant() {
        let result = Batch.run(1...1000, policies: .simulation)
        print(
            "simulated \(result.rounds) audits, \(result.calm) of them calm: \(result.drifts) drifts, "
                + "\(result.unknown) unknowns")
        for failure in result.failures {
            Issue.record(
                "seed \(failure.seed): \(failure.violations.joined(separator: "; ")); replay: swift run zlh-simulate --seed \(failure.seed)"
            )
        }
        // A batch in which nothing happens would prove nothing.
        #expect(result.calm > 100)
        #expect(result.rounds - result.calm > 100)
        #expect(result.drifts > 1000)
        #expect(result.unknown > 1000)
    }

    @Test(arguments: [3, 42, 311, 977] as [UInt64])
    func theSameSeedGivesTheSameTrace(seed: UInt64) {
        var one = SimulatedRound(seed: seed, policies: .simulation)
        var other = SimulatedRound(seed: seed, policies: .simulation)
        one.run()
        other.run()
        #expect(one.trace == other.trace)
        #expect(one.outcome == other.outcome)
        #expect(one.trace.count > 4)
    }
}
