import ArgumentParser
import Proof

/// Compares equal things in different clothes, any number of them.
@main
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zlh-compare",
        abstract: "Dresses right estates in other clothes, answer by answer, and audits them: nothing may be found.")

    @Option(help: "How many fields to compare.") var fields = 10_000_000
    @Option(help: "The first seed.") var seed: UInt64 = 1

    func run() throws {
        let start = ContinuousClock.now
        // First that it can fail: each field, really differing.
        var unseen: [String] = []
        for (index, field) in ComparedField.allCases.enumerated() {
            let found = try Comparison.found(spoiling: field, seed: seed + UInt64(index))
            if !found.contains(field.drift) { unseen.append(field.rawValue) }
        }
        var comparison = Comparison()
        comparison.run(fields: fields, seed: seed)
        let seconds = (ContinuousClock.now - start).components.seconds
        print(
            "\(comparison.fields) fields of \(ComparedField.allCases.count) kinds compared in \(comparison.rounds) rounds "
                + "and \(seconds) s: \(comparison.falseDrifts.count) false drifts; control: "
                + "\(ComparedField.allCases.count - unseen.count) of \(ComparedField.allCases.count) real differences found"
        )
        comparison.falseDrifts.forEach { print("  \($0)") }
        unseen.forEach { print("  not found: \($0)") }
        if !comparison.falseDrifts.isEmpty || !unseen.isEmpty { throw ExitCode(1) }
    }
}
