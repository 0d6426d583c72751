/// Why a configuration or a folder of policies was refused.
package struct ConfigurationError: Error {
    package enum Code: String, Sendable {
        /// The file or folder could not be read at all.
        case unreadable
        /// It was read, and something in it is wrong.
        case invalid
    }

    package var code: Code
    /// In the order of the files and lines.
    package var problems: [SettingsProblem]
    /// How many more there are than `problems` holds.
    package var omitted: Int

    init(code: Code, problems: [SettingsProblem], omitted: Int = 0) {
        self.code = code
        self.problems = problems
        self.omitted = omitted
    }

    /// All that was found; nil when nothing was.
    init?(_ problems: Problems) {
        guard !problems.isEmpty else { return nil }
        self.init(code: .invalid, problems: problems.found.inReadingOrder, omitted: problems.omitted)
    }

    init(unreadable source: String, _ message: String) {
        let place = Place.file(source, line: nil)
        self.init(
            code: .unreadable,
            problems: [SettingsProblem(source: place.source, line: nil, path: "", message: message)])
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// Every problem on a line of its own: `file:line: path: message`. Holds no value of a secret.
    package var description: String {
        let lines = problems.map(\.description) + (omitted > 0 ? ["and \(omitted) more"] : [])
        return lines.joined(separator: "\n")
    }
}

extension [SettingsProblem] {
    /// Files as first met, lines rising, what was found first first.
    var inReadingOrder: [SettingsProblem] {
        var sources: [String: Int] = [:]
        for problem in self where sources[problem.source] == nil { sources[problem.source] = sources.count }
        return enumerated().sorted { a, b in
            let (x, y) = (a.element, b.element)
            return (sources[x.source] ?? 0, x.line ?? 0, a.offset) < (sources[y.source] ?? 0, y.line ?? 0, b.offset)
        }.map(\.element)
    }
}
