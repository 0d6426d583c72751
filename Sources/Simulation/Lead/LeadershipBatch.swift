/// Many seeds of leadership, one after the other.
package enum LeadershipBatch {
    package struct Result: Sendable {
        package var runs = 0
        package var counts = LeadershipRun.Counts()
        package var failures: [(seed: UInt64, violations: [String])] = []
    }

    package static func run(_ seeds: some Sequence<UInt64>) -> Result {
        var result = Result()
        for seed in seeds {
            var run = LeadershipRun(seed: seed)
            run.run()
            result.runs += 1
            result.counts += run.counts
            if !run.violations.isEmpty { result.failures.append((seed, run.violations)) }
        }
        return result
    }
}

extension LeadershipRun.Counts {
    package static func += (sum: inout Self, other: Self) {
        sum.acts += other.acts
        sum.claimsRefused += other.claimsRefused
        sum.takeovers += other.takeovers
        sum.pauses += other.pauses
        sum.losses += other.losses
        sum.cleanStops += other.cleanStops
        sum.crashes += other.crashes
        sum.wipes += other.wipes
        sum.callsLost += other.callsLost
        sum.foreign += other.foreign
        sum.frozenWindows += other.frozenWindows
        sum.clockWindows += other.clockWindows
    }
}

extension LeadershipRun.Counts: CustomStringConvertible {
    package var description: String {
        "\(acts) acts, \(takeovers) takeovers, \(losses) losses, \(claimsRefused) claims refused; \(pauses) pauses, "
            + "\(crashes) crashes, \(cleanStops) clean stops, \(wipes) wipes, \(callsLost) calls lost, "
            + "\(foreign) times a foreign holder; \(frozenWindows) late requests by a pause, "
            + "\(clockWindows) by a wrong clock"
    }
}
