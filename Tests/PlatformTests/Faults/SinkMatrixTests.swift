import Core
import Testing

@testable import Platform

/// Every fault at every write of every sink.
@Suite struct SinkMatrixTests {
    private static let cells = Sinks.all.indices.flatMap { sink in SinkFault.allCases.map { (sink, $0) } }

    private static func timeout(_ fault: SinkFault) -> Span {
        switch fault {
        // Long enough for the look before, even on a busy machine.
        case .hang, .slowDrip: .seconds(1)
        case .slowLook: .milliseconds(300)
        default: .seconds(20)
        }
    }

    @Test(arguments: Sinks.all.indices) func whatIsHealthyIsDone(_ index: Int) async throws {
        let sink = Sinks.all[index]
        for verb in sink.verbs {
            let well = Misconduct.write(.json(#"{"success":true,"result":{"id":"new"},"errors":[],"status":"ok"}"#))
            let server = try SinkServer(sink, verb, well)
            let answer = await sink.hand(at: server.port).write(sink.write(verb), timeout: .seconds(20))
            #expect(Verdict(answer) == .done, "\(sink.name), \(verb.rawValue): \(answer)")
            #expect(server.changes.count == 1)
            server.stop()
        }
    }

    @Test(arguments: cells) func nothingIsSentTwiceAndNothingIsGuessed(_ index: Int, _ fault: SinkFault) async throws {
        let sink = Sinks.all[index]
        guard case .said(let usual, let misconduct, let except) = sink.cell(fault) else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for verb in sink.verbs {
                group.addTask {
                    let cell = "\(sink.name), \(verb.rawValue), \(fault.rawValue)"
                    let server = try SinkServer(sink, verb, misconduct)
                    let answer = await sink.hand(at: server.port).write(sink.write(verb), timeout: Self.timeout(fault))
                    #expect(Verdict(answer) == except[verb] ?? usual, "\(cell): \(answer)")
                    let isSent = if case .write = misconduct { true } else { false }
                    #expect(server.changes.count == (isSent ? 1 : 0), "\(cell)")
                    server.stop()
                }
            }
            try await group.waitForAll()
        }
    }

    /// The table in docs/fault-matrix.md, below that of the observers.
    static var document: [String] {
        var notes: [String] = []
        var lines = [
            "# Faults and sinks", "",
            "What is said of a write when its service fails so: *refused* and *moved* only where it is certain that nothing was",
            "done, *unknown* where a fresh look has to tell. Each write looks first, sends one request and never repeats it; each",
            "cell is run for every write of its sink (create, correct and remove of a record; register and withdraw of a backend)",
            "against a server that misbehaves in that way and counts what it gets.", "",
            "| fault | " + Sinks.all.map(\.name).joined(separator: " | ") + " |",
            "|---" + String(repeating: "|---", count: Sinks.all.count) + "|",
        ]
        for fault in SinkFault.allCases {
            let cells = Sinks.all.map { text($0.cell(fault), &notes) }
            lines.append("| \(fault.rawValue) | \(cells.joined(separator: " | ")) |")
        }
        return lines + [""] + notes.enumerated().map { "\($0.offset + 1). Cannot happen: \($0.element)." }
    }

    private static func text(_ cell: SinkCell, _ notes: inout [String]) -> String {
        switch cell {
        case .said(let usual, _, let except):
            let others = except.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { "; \($0.key.rawValue): `\($0.value.rawValue)`" }
            return "`\(usual.rawValue)`" + others.joined()
        case .cannotHappen(let why):
            if !notes.contains(why) { notes.append(why) }
            return "– (\((notes.firstIndex(of: why) ?? 0) + 1))"
        }
    }
}
