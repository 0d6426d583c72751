/// When windows deny repairs. Core knows no time zones, so whoever does lays the windows out as spans of absolute time.
package struct RepairCalendar: Equatable, Sendable {
    /// Spans in which a `deny` window is open.
    package var denied: [Range<Timestamp>]
    /// Spans in which an `allow` window is open; nil when there is no such window, and repairs are then allowed at any time.
    package var allowed: [Range<Timestamp>]?

    package init(denied: [Range<Timestamp>] = [], allowed: [Range<Timestamp>]? = nil) {
        self.denied = denied
        self.allowed = allowed
    }

    package static let always = RepairCalendar()

    /// Why no repair may begin at a moment.
    package struct Denial: Equatable, Sendable {
        package enum Cause: Equatable, Sendable {
            /// A window that denies repairs is open.
            case denied
            /// None of those that allow them is.
            case notAllowed
        }

        package var cause: Cause
        /// When they may begin again; nil where that is further ahead than the calendar reaches.
        package var until: Timestamp?
    }

    package func denial(at moment: Timestamp) -> Denial? {
        guard let cause = cause(at: moment) else { return nil }
        let turns = denied.map(\.upperBound) + (allowed ?? []).map(\.lowerBound)
        return Denial(cause: cause, until: turns.filter { $0 > moment && self.cause(at: $0) == nil }.min())
    }

    package func deniesRepairs(at moment: Timestamp) -> Bool { cause(at: moment) != nil }

    private func cause(at moment: Timestamp) -> Denial.Cause? {
        if denied.contains(where: { $0.contains(moment) }) { return .denied }
        return allowed.map { spans in !spans.contains { $0.contains(moment) } } == true ? .notAllowed : nil
    }
}

extension Words {
    static func denial(_ denial: RepairCalendar.Denial) -> String {
        switch denial.cause {
        case .denied: "a window that denies repairs is open" + (denial.until.map { ", until \($0)" } ?? "")
        case .notAllowed:
            "repairs are allowed in windows alone, and none is open"
                + (denial.until.map { "; they may begin again at \($0)" } ?? "")
        }
    }
}
