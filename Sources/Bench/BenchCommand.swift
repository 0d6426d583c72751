import ArgumentParser
import Core

/// Measures the parts whose cost grows with the fleet, each beside its floor. Quote the ratio: machines are noisy.
@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zlh-bench", abstract: "Measures planning on one core.")

    @Option(help: "How many instances.") var instances = 100_000
    @Option(help: "How many times; the median is printed.") var runs = 7

    func run() throws {
        let fleet = BigFleet(instances)
        let (facts, judge) = measured { fleet.facts() }
        let settings = fleet.settings
        var found = 0
        let plan = median {
            let (expectation, findings) = Diff.run(facts, settings: settings)
            let decisions = Decide(
                expectation: expectation, facts: facts, policies: fleet.policies, settings: settings, calendar: .always,
                now: BigFleet.now, dead: findings.deadOperations
            ).run(findings)
            found = decisions.count
        }
        let floor = median { fleet.touchEverything(facts) }
        print("judge    \(instances) guests and \(2 * instances) records: \(milliseconds(judge))")
        print("plan     \(instances) instances, \(found) drifts decided: \(milliseconds(plan))")
        print(
            "floor    reading every row, guest and record once: \(milliseconds(floor)); plan / floor \(ratio(plan, floor))"
        )
    }

    private func median(_ body: () -> Void) -> Duration {
        (0..<runs).map { _ in measured(body).1 }.sorted()[runs / 2]
    }

    private func measured<Value>(_ body: () -> Value) -> (Value, Duration) {
        let clock = ContinuousClock()
        let start = clock.now
        let value = body()
        return (value, clock.now - start)
    }

    private func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let micros = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        return "\(micros / 1000).\(micros / 100 % 10) ms"
    }

    private func ratio(_ a: Duration, _ b: Duration) -> String {
        let tenths = Int(a / b * 10)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
