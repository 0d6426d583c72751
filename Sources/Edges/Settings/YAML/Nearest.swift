/// Finds the name that was probably meant.
enum Nearest {
    /// The one of `names` nearest to `name`; nil when none is near enough to be a help.
    static func name(to name: String, among names: some Sequence<String>) -> String? {
        // Longer than any name there is: no slip of the hand, and distances are quadratic.
        guard name.utf8.count <= 64 else { return nil }
        let wanted = Array(folded(name).utf8)
        guard !wanted.isEmpty else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in names {
            let letters = Array(folded(candidate).utf8)
            let distance = distance(wanted, letters)
            let allowed = max(1, min(wanted.count, letters.count) * 2 / 5)
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Case and the choice of `-`, `_` or nothing are the commonest slips: they cost nothing.
    private static func folded(_ name: String) -> String {
        String(name.lowercased().filter { $0 != "-" && $0 != "_" })
    }

    /// Edit distance where swapping two neighbours is one edit (optimal string alignment).
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                row.append(cost)
            }
            (before, previous) = (previous, row)
        }
        return previous[b.count]
    }

    /// `; did you mean …?`, or all that is known here when nothing is near.
    static func hint(_ name: String, among names: [String], else rest: String) -> String {
        if let near = Nearest.name(to: name, among: names) { return "; did you mean `\(near)`?" }
        return names.isEmpty ? "" : "; \(rest): " + names.joined(separator: ", ")
    }
}
