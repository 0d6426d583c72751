import Core
import Foundation

/// The matrix as docs/fault-matrix.md shows it.
enum FaultMatrix {
    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/fault-matrix.md")

    static var document: String {
        var notes: [String] = []
        var lines = [
            "# Faults and observers", "",
            "What each observer makes of each fault: the reason why the thing that was asked for is then *unknown*. No cell is",
            "empty, and none says *gone*. `Tests/PlatformTests/Faults` is where this table comes from, cell by cell; a test runs",
            "every cell against a server that misbehaves in that way, and holds this file to it. A guest's interfaces and a node's",
            "tasks are asked for on demand, within a reading that stands without them: not known is no reason of its own there, and",
            "whatever waits for them is held by the guard that the cell names.", "",
            "| fault | " + Witnesses.all.map(\.name).joined(separator: " | ") + " |",
            "|---" + String(repeating: "|---", count: Witnesses.all.count) + "|",
        ]
        for fault in Fault.allCases {
            let cells = Witnesses.all.map { text($0.cell(fault), &notes) }
            lines.append("| \(fault.rawValue) | \(cells.joined(separator: " | ")) |")
        }
        lines += [
            "",
            "Silence of an agent (`connection_refused`, `timeout`) becomes *gone* only in two looks, while its container ",
        ]
        lines[lines.count - 1] += "certainly runs."
        lines += [
            "For Redis, which has no status codes: 5xx is LOADING, 401 NOAUTH, 403 NOPERM, 404 an unknown command, 429 too"
        ]
        lines += [
            "many clients, an empty 200 an empty list. The database is a real PostgreSQL, behind a relay where the wire is at",
            "fault: a hang, a reset and a drip come in the midst of its rows, 5xx is 57P03 (cannot connect now), 401 a wrong",
            "password, 403 a view that the role may not read, 404 a view that is not there, 429 53300 (too many connections), an",
            "empty 200 no rows, a truncated list one that row-level security would shorten, duplicates a redefined view that",
            "yields each row twice, a stale copy a standby, the wrong place a database without our schema, malformed another",
            "protocol, a wrong type a redefined view with a VMID that is no number, and oversize one that yields without end.",
            "What is looked for there is the row of a guest that Proxmox shows; *gone* would make an orphan of it.", "",
        ]
        lines += notes.enumerated().map { "\($0.offset + 1). Cannot happen: \($0.element)." }
        lines += [""] + SinkMatrixTests.document
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ cell: Cell, _ notes: inout [String]) -> String {
        switch cell {
        case .unknown(let reason, _), .notAsked(let reason): return "`\(reason.rawValue)`"
        case .held(let reason, _): return "held: `\(reason.rawValue)`"
        case .unknownInSecondLook(let reason, _, _): return "`\(reason.rawValue)`, by the second look"
        case .seen: return "seen all the same"
        case .cannotHappen(let why):
            if !notes.contains(why) { notes.append(why) }
            return "– (\((notes.firstIndex(of: why) ?? 0) + 1))"
        }
    }
}
