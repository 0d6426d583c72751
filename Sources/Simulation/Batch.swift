package import Core

/// Many seeds, one after the other.
package enum Batch {
    package struct Result: Sendable {
        package var rounds = 0
        package var calm = 0
        package var drifts = 0
        package var unknown = 0
        package var failures: [(seed: UInt64, violations: [String])] = []
    }

    package static func run(_ seeds: some Sequence<UInt64>, policies: PolicySet) -> Result {
        var result = Result()
        for seed in seeds {
            var round = SimulatedRound(seed: seed, policies: policies)
            round.run()
            result.rounds += 1
            result.calm += round.isCalm ? 1 : 0
            if case .report(let report) = round.outcome {
                result.drifts += report.decisions.count
                result.unknown += report.unknown.count
            }
            if !round.violations.isEmpty { result.failures.append((seed, round.violations)) }
        }
        return result
    }
}
