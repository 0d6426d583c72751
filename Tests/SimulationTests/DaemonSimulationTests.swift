import Core
import Simulation
import Testing

@Suite("Daemons in simulated worlds")
struct DaemonSimulationTests {
    /// As many as a test may take; `zlh-simulate --daemon --seeds N` runs any number.
    @Test func nothingIsDoneThatMayNotBe() {
        var counts = DaemonSimulation.Counts()
        for seed in UInt64(1)...60 {
            var run = DaemonSimulation(seed: seed, policies: .simulation)
            run.run()
            counts += run.counts
            if !run.violations.isEmpty {
                Issue.record(
                    "seed \(seed): \(run.violations.prefix(3)); swift run zlh-simulate --daemon --seed \(seed)")
            }
        }
        print("daemons: 60 seeds, \(counts)")
        #expect(counts.acts > 25 && counts.crashes > 50 && counts.lostAnswers > 20 && counts.takeovers > 100)
        #expect(counts.approved > 5)
        #expect(counts.lasted > 10)
    }

    @Test func theSameSeedGivesTheSameTrace() {
        for seed in UInt64(1)...3 {
            let traces = (0..<2).map { _ in
                var run = DaemonSimulation(seed: seed, policies: .simulation, keepsTrace: true)
                run.run()
                return run.trace
            }
            #expect(traces[0] == traces[1] && !traces[0].isEmpty)
        }
    }
}
