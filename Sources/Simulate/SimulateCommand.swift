import ArgumentParser
import Core
import Simulation

/// Runs the controller against simulated worlds, a seed each, and says what it did wrong.
@main
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zlh-simulate", abstract: "Runs audits of random, failing, lying worlds in virtual time.")

    @Option(help: "How many seeds to run.") var seeds: UInt64 = 1000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Option(help: "Run this seed alone and print its trace.") var seed: UInt64?
    @Option(help: "How many seeds run at once; the result is the same.") var jobs = 2
    @Option(help: "Begin no further seed after so many seconds, and say how many there were.") var within: Int?

    @Flag(help: "Stop at the first seed that fails.") var first = false

    @Flag(help: "Simulate who leads among two or three controllers instead.") var leadership = false

    @Flag(help: "With --leadership: one has a Redis of its own for twenty minutes.") var apart = false

    @Flag(help: "Simulate two daemons with their leadership, ledger and edge instead.") var daemon = false

    @Flag(help: "Simulate what people are told of incidents instead.") var messages = false

    @Flag(help: "With --daemon: plant mistakes instead, and say which seed finds each.") var planted = false

    @Flag(help: "Let a process die at every step of every repair instead.") var crashes = false

    @Flag(help: "With --crashes: only the nearer pairs of deaths.") var quick = false

    func run() async throws {
        if crashes { return try await runCrashes() }
        if daemon, planted { return try runPlanted() }
        if daemon { return try await runDaemons() }
        if messages { return try await runMessages() }
        if leadership { return try await runLeadership() }
        let keepsTrace = seed != nil
        var (rounds, calm, drifts, unknown, failed) = (0, 0, 0, 0, 0)
        try await inOrder("") { number in
            var round = SimulatedRound(seed: number, policies: .simulation, keepsTrace: keepsTrace)
            round.run()
            var result = Batch.Result()
            result.note(round)
            return Run(
                result: result, violations: round.violations, trace: round.trace)
        } note: { result in
            rounds += result.rounds
            calm += result.calm
            drifts += result.drifts
            unknown += result.unknown
            failed += result.failures.count
        }
        print("\(rounds) rounds, \(calm) of them calm, \(drifts) drifts, \(unknown) unknowns: \(failed) failed")
        if failed > 0 { throw ExitCode(1) }
    }

    private func runDaemons() async throws {
        let keepsTrace = seed != nil
        try await count("--daemon ", DaemonSimulation.Counts(), +=) { number in
            var run = DaemonSimulation(seed: number, policies: .simulation, keepsTrace: keepsTrace)
            run.run()
            var counts = run.counts
            counts.violations = run.violations.count
            return Run(result: counts, violations: run.violations, trace: run.trace)
        }
    }

    private func runPlanted() throws {
        var survived = 0
        for bug in DaemonSimulation.Bug.allCases {
            let found = (from..<(from + seeds)).lazy.compactMap { number -> (UInt64, String)? in
                var run = DaemonSimulation(seed: number, policies: .simulation, bug: bug)
                run.run()
                return run.violations.first.map { (number, $0) }
            }.first
            survived += found == nil ? 1 : 0
            print("\(bug): \(found.map { "seed \($0.0), \($0.1)" } ?? "SURVIVED")")
        }
        if survived > 0 { throw ExitCode(1) }
    }

    private func runMessages() async throws {
        let keepsTrace = seed != nil
        try await count("--messages ", TellSimulation.Counts(), +=) { number in
            var run = TellSimulation(seed: number, keepsTrace: keepsTrace)
            run.run()
            return Run(result: run.counts, violations: run.violations, trace: run.trace)
        }
    }

    private func runLeadership() async throws {
        let keepsTrace = seed != nil
        let isApart = apart
        try await count(isApart ? "--leadership --apart " : "--leadership ", LeadershipRun.Counts(), +=) { number in
            var run = LeadershipRun(seed: number, keepsTrace: keepsTrace)
            if isApart { run.runApart(minutes: 20) } else { run.run() }
            return Run(result: run.counts, violations: run.violations, trace: run.trace)
        }
    }

    private func runCrashes() async throws {
        var failed = 0
        let isWhole = !quick
        for what in CrashMatrix.Break.allCases {
            let result = CrashMatrix(policies: .simulation, isWhole: isWhole, stopsAtFirst: first).run(what)
            result.failures.forEach { print($0) }
            failed += result.failures.count
            print("\(what): \(result.runs) runs, \(result.failures.count) failed")
            if quick || first, failed > 0 { throw ExitCode(1) }
        }
        let told = TellMatrix(isWhole: isWhole).run()
        told.failures.forEach { print($0) }
        failed += told.failures.count
        print("messages: \(told.runs) runs, \(told.failures.count) failed")
        if failed > 0 { throw ExitCode(1) }
    }

    // MARK: Many seeds

    private struct Run<Result: Sendable>: Sendable {
        let result: Result
        let violations: [String]
        let trace: [String]
    }

    /// Runs them, and prints what they counted together.
    private func count<Counts: Sendable>(
        _ flag: String, _ none: Counts, _ add: (inout Counts, Counts) -> Void,
        _ simulate: @escaping @Sendable (UInt64) -> Run<Counts>
    ) async throws {
        var counts = none
        let failed = try await inOrder(flag, simulate) { add(&counts, $0) }
        print("\(counts): \(failed) failed")
        if failed > 0 { throw ExitCode(1) }
    }

    /// Runs some at once, and tells of them in their order.
    ///
    /// - Returns: how many broke something.
    @discardableResult
    private func inOrder<Result: Sendable>(
        _ flag: String, _ simulate: @escaping @Sendable (UInt64) -> Run<Result>, note: (Result) -> Void
    ) async throws -> Int {
        let numbers = seed.map { $0..<($0 + 1) } ?? from..<(from + seeds)
        var failed = 0
        try await withThrowingTaskGroup(of: (UInt64, Run<Result>).self) { group in
            var (next, told) = (numbers.lowerBound, numbers.lowerBound)
            let end = within.map { ContinuousClock.now + .seconds($0) }
            var waiting: [UInt64: Run<Result>] = [:]
            func begin() {
                guard next < numbers.upperBound, end.map({ ContinuousClock.now < $0 }) ?? true else { return }
                let number = next
                next += 1
                group.addTask { (number, simulate(number)) }
            }
            for _ in 0..<max(1, jobs) { begin() }
            while let (number, run) = try await group.next() {
                begin()
                waiting[number] = run
                while let run = waiting.removeValue(forKey: told) {
                    run.trace.forEach { print($0) }
                    note(run.result)
                    if !run.violations.isEmpty {
                        failed += 1
                        print("seed \(told):")
                        run.violations.forEach { print("  \($0)") }
                        print("  replay: swift run zlh-simulate \(flag)--seed \(told)")
                    }
                    told += 1
                    if first, failed > 0 { return group.cancelAll() }
                }
            }
            if within != nil { print("\(told - numbers.lowerBound) of \(numbers.count) seeds:") }
        }
        return failed
    }
}
