package import Core

/// Many seeds, one after the other.
package enum Batch {
    package struct Result: Sendable {
        package var rounds = 0
        package var calm = 0
        package var drifts = 0
        package var unknown = 0
        package var failures: [(seed: UInt64, violations: [String])] = []

        package init() {}

        package mutating func note(_ round: SimulatedRound) {
            rounds += 1
            calm += round.isCalm ? 1 : 0
            if case .report(let report) = round.outcome {
                drifts += report.decisions.count
                unknown += report.unknown.count
            }
            if !round.violations.isEmpty { failures.append((round.seed, round.violations)) }
        }
    }

    package static func run(_ seeds: some Sequence<UInt64>, policies: PolicySet) -> Result {
        var result = Result()
        for seed in seeds {
            var round = SimulatedRound(seed: seed, policies: policies, keepsTrace: false)
            round.run()
            result.note(round)
        }
        return result
    }
}
