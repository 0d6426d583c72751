/// One measured figure beside its goal and beside what the machine itself needs for the least of it.
struct Figure {
    enum Unit: String {
        case milliseconds = "ms"
        case microseconds = "µs"
        case rowsPerSecond = "rows/s"
        case megabytes = "MB"
        case seconds = "s"
    }

    var name: String
    var value: Double
    var unit: Unit
    /// In `unit`; nil where none is set.
    var goal: Double?
    /// In `unit`; nil where there is nothing to hold it against.
    var floor: Double?
    /// What the floor is.
    var floorIs = ""

    private var isMoreBetter: Bool { unit == .rowsPerSecond }

    var isMet: Bool? { goal.map { isMoreBetter ? value >= $0 : value <= $0 } }

    /// How many times the floor it takes; above one is slower.
    var ratio: Double? {
        guard let floor, floor > 0, value > 0 else { return nil }
        return isMoreBetter ? floor / value : value / floor
    }

    /// The cells of its row.
    var cells: [String] {
        [
            name, "\(Figure.text(value)) \(unit.rawValue)", goal.map { Figure.text($0) } ?? "-",
            isMet.map { $0 ? "met" : "MISSED" } ?? "", floor.map { Figure.text($0) } ?? "-",
            ratio.map { Figure.text($0) + "x" } ?? "-", floorIs,
        ]
    }

    static let head = ["what", "measured", "goal", "", "floor", "ratio", "the floor is"]

    /// Three digits that say something.
    static func text(_ value: Double) -> String {
        if value >= 1000 { return grouped(Int(value.rounded())) }
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
        let scale = [1.0, 10, 100][digits]
        let whole = Int((value * scale).rounded())
        if digits == 0 { return String(whole) }
        let fraction = String(whole % Int(scale))
        return "\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.utf8.count) + fraction
    }

    private static func grouped(_ number: Int) -> String {
        var text = String(number)
        var end = text.endIndex
        while let place = text.index(end, offsetBy: -3, limitedBy: text.startIndex), place > text.startIndex {
            text.insert(",", at: place)
            end = place
        }
        return text
    }
}

/// Figures as one table for a terminal.
enum FigureTable {
    static func text(_ figures: [Figure]) -> String {
        let rows = [Figure.head] + figures.map(\.cells)
        let widths = Figure.head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { index, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                // Names and words to the left, numbers to the right.
                return [0, 3, 6].contains(index) ? cell.0 + padding : padding + cell.0
            }.joined(separator: "  ").trimmed
        }.joined(separator: "\n")
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
