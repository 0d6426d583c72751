/// Every I/O by which people are told × every fate × a second death in the recovery, and a leader that is deposed before each: each
/// a run of its own to the end, where everybody knows how everything stands and nothing was said twice without saying so.
package struct TellMatrix {
    /// Whether second deaths come at any I/O after the first, or soon after it.
    private let isWhole: Bool

    package init(isWhole: Bool = true) { self.isWhole = isWhole }

    package func run() -> CrashMatrix.Result {
        var result = CrashMatrix.Result()
        let plain = trial(TellScript(), &result)
        for step in 1...max(1, plain) {
            for fate in Script.Fate.allCases {
                let steps = trial(TellScript(fates: [step: fate]), &result)
                guard Script.Fate.deaths.contains(fate), step < steps else { continue }
                for second in (step + 1)...(isWhole ? steps : min(steps, step + 3)) {
                    for again in isWhole ? Script.Fate.allCases : [.diedAfter] {
                        _ = trial(TellScript(fates: [step: fate, second: again]), &result)
                    }
                }
            }
            let steps = trial(TellScript(deposedBefore: step), &result)
            for second in step...max(step, isWhole ? steps : min(steps, step + 3)) {
                _ = trial(TellScript(fates: [second: .diedAfter], deposedBefore: step), &result)
            }
        }
        return result
    }

    /// One run, to the end.
    ///
    /// - Returns: how many I/Os it had.
    private func trial(_ script: TellScript, _ result: inout CrashMatrix.Result) -> Int {
        var run = TellSimulation(seed: 1, script: script)
        run.run()
        result.runs += 1
        if !run.violations.isEmpty {
            let fates = script.fates.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            let deposed = script.deposedBefore.map { ", deposed before \($0)" } ?? ""
            result.failures.append("messages \(fates)\(deposed): \(run.violations.prefix(3))")
        }
        return run.script?.steps ?? 0
    }
}
