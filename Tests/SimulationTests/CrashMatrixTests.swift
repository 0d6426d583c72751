import Core
import Simulation
import Testing

@Suite("A death at every step of a repair")
struct CrashMatrixTests {
    /// Every single fate of every I/O, and the nearer pairs; `zlh-simulate --crashes` runs all pairs.
    @Test func whatWasBegunIsRightInTheEndOrNothingOfOursIsLeft() async {
        var runs = 0
        await withTaskGroup(of: CrashMatrix.Result.self) { group in
            for what in CrashMatrix.Break.allCases {
                group.addTask { CrashMatrix(policies: .simulation, isWhole: false).run(what) }
            }
            for await result in group {
                for failure in result.failures.prefix(5) { Issue.record("\(failure)") }
                runs += result.runs
            }
        }
        print("crash matrix: \(CrashMatrix.Break.allCases.count) repairs, \(runs) runs")
        #expect(runs > 1000)
    }

    /// The same for messages: claims, requests, and what is written down of them.
    @Test func everybodyKnowsHowEverythingStandsInTheEnd() {
        let result = TellMatrix(isWhole: false).run()
        for failure in result.failures.prefix(5) { Issue.record("\(failure)") }
        print("crash matrix: messages, \(result.runs) runs")
        #expect(result.runs > 200)
    }
}
