import Core
import Simulation
import Testing

@Suite("Messages in simulated weather")
struct TellSimulationTests {
    @Test func nothingIsLostAndNothingTwiceWithoutSayingSo() {
        var counts = TellSimulation.Counts()
        for seed in UInt64(1)...12 {
            var run = TellSimulation(seed: seed)
            run.run()
            counts += run.counts
            if !run.violations.isEmpty { Issue.record("seed \(seed): \(run.violations.prefix(3))") }
        }
        print("messages: 12 seeds, \(counts)")
        #expect(counts.crashes > 100 && counts.lostAnswers > 100 && counts.repeats > 20 && counts.takeovers > 30)
        #expect(counts.limited > 5 && counts.edits > 500)
    }

    @Test(arguments: TellSimulation.Bug.allCases)
    func aPlantedMistakeIsFound(bug: TellSimulation.Bug) {
        let found = (UInt64(1)...20).contains { seed in
            var run = TellSimulation(seed: seed, bug: bug)
            run.run()
            return !run.violations.isEmpty
        }
        #expect(found)
    }

    @Test func theSameSeedGivesTheSameTrace() {
        let traces = (0..<2).map { _ in
            var run = TellSimulation(seed: 7, keepsTrace: true)
            run.run()
            return run.trace
        }
        #expect(traces[0] == traces[1] && !traces[0].isEmpty)
    }
}
