import Core
import Simulation
import Testing

@Suite("Daemons in simulated worlds")
struct DaemonSimulationTests {
    /// As many as fit into some seconds; `zlh-simulate --daemon --seeds N` runs any number.
    @Test func nothingIsDoneThatMayNotBe() async {
        let end = ContinuousClock.now + .seconds(18)
        var counts = DaemonSimulation.Counts()
        var seeds = 0
        await withTaskGroup(of: (seed: UInt64, counts: DaemonSimulation.Counts, violations: [String]).self) { group in
            var next = UInt64(1)
            func begin() {
                let seed = next
                next += 1
                group.addTask {
                    var run = DaemonSimulation(seed: seed, policies: .simulation)
                    run.run()
                    return (seed, run.counts, run.violations)
                }
            }
            for _ in 0..<2 { begin() }
            for await run in group {
                // The first ones always, so that what follows holds on a slow machine, too.
                if next <= 40 || ContinuousClock.now < end { begin() }
                seeds += 1
                counts += run.counts
                if !run.violations.isEmpty {
                    Issue.record(
                        """
                        seed \(run.seed): \(run.violations.prefix(3)); replay: swift run zlh-simulate --daemon \
                        --seed \(run.seed)
                        """)
                }
            }
        }
        print("daemons: \(seeds) seeds, \(counts)")
        // A batch in which nothing happens would prove nothing.
        #expect(counts.acts > 60 && counts.edgeWrites > 30 && counts.verified > 40 && counts.approved > 5)
        #expect(counts.crashes > 30 && counts.cleanStops > 20 && counts.takeovers > 150 && counts.losses > 500)
        #expect(counts.pauses > 50 && counts.wipes > 40 && counts.lostAnswers > 500 && counts.lateRequests > 0)
        #expect(counts.lasted > 10 && counts.clockSteps > 50 && counts.tornRounds > 3)
    }

    @Test(arguments: DaemonSimulation.Bug.allCases)
    func aPlantedMistakeIsFound(bug: DaemonSimulation.Bug) {
        // The rarest are a leave that ends with its request, and a round that is believed though a clock was set in it.
        let found = [UInt64(1), 2, 9, 31, 90, 152, 927].contains { seed in
            var run = DaemonSimulation(seed: seed, policies: .simulation, bug: bug)
            run.run()
            return !run.violations.isEmpty
        }
        #expect(found)
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
