import ArgumentParser
import Core
import Simulation

/// Runs the controller against simulated worlds, a seed each, and says what it did wrong.
@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zlh-simulate", abstract: "Runs audits of random, failing, lying worlds in virtual time.")

    @Option(help: "How many seeds to run.") var seeds: UInt64 = 1000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Option(help: "Run this seed alone and print its trace.") var seed: UInt64?

    @Flag(help: "Simulate who leads among two or three controllers instead.") var leadership = false

    @Flag(help: "Simulate two daemons with their ledger instead.") var daemon = false

    @Flag(help: "Let a process die at every step of every change of the edge instead.") var crashes = false

    @Flag(help: "With --crashes: only the nearer pairs of deaths.") var quick = false

    func run() throws {
        if crashes { return try runCrashes() }
        if daemon { return try runDaemons() }
        if leadership { return try runLeadership() }
        if let seed {
            var round = SimulatedRound(seed: seed, policies: .simulation)
            round.run()
            round.trace.forEach { print($0) }
            round.violations.forEach { print("VIOLATION \($0)") }
            if !round.violations.isEmpty { throw ExitCode(1) }
            return
        }
        let result = Batch.run(from..<(from + seeds), policies: .simulation)
        for failure in result.failures {
            print("seed \(failure.seed):")
            failure.violations.forEach { print("  \($0)") }
            print("  replay: swift run zlh-simulate --seed \(failure.seed)")
        }
        print(
            "\(result.rounds) rounds, \(result.calm) of them calm, \(result.drifts) drifts, \(result.unknown) unknowns: "
                + "\(result.failures.count) failed")
        if !result.failures.isEmpty { throw ExitCode(1) }
    }

    private func runDaemons() throws {
        var counts = DaemonSimulation.Counts()
        var failed = 0
        for number in seed.map({ $0..<($0 + 1) }) ?? from..<(from + seeds) {
            var run = DaemonSimulation(seed: number, policies: .simulation, keepsTrace: seed != nil)
            run.run()
            run.trace.forEach { print($0) }
            counts += run.counts
            guard !run.violations.isEmpty else { continue }
            failed += 1
            print("seed \(number):")
            run.violations.forEach { print("  \($0)") }
            print("  replay: swift run zlh-simulate --daemon --seed \(number)")
        }
        print("\(counts): \(failed) failed")
        if failed > 0 { throw ExitCode(1) }
    }

    private func runCrashes() throws {
        var failed = 0
        for what in CrashMatrix.Break.allCases {
            let result = CrashMatrix(policies: .simulation, isWhole: !quick).run(what)
            result.failures.forEach { print($0) }
            failed += result.failures.count
            print("\(what): \(result.runs) runs, \(result.failures.count) failed")
            if quick, failed > 0 { break }
        }
        if failed > 0 { throw ExitCode(1) }
    }

    private func runLeadership() throws {
        if let seed {
            var run = LeadershipRun(seed: seed, keepsTrace: true)
            run.run()
            run.trace.forEach { print($0) }
            print(run.counts)
            if !run.violations.isEmpty { throw ExitCode(1) }
            return
        }
        let result = LeadershipBatch.run(from..<(from + seeds))
        for failure in result.failures {
            print("seed \(failure.seed):")
            failure.violations.forEach { print("  \($0)") }
            print("  replay: swift run zlh-simulate --leadership --seed \(failure.seed)")
        }
        print("\(result.runs) runs: \(result.counts): \(result.failures.count) failed")
        if !result.failures.isEmpty { throw ExitCode(1) }
    }
}
