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

    package func deniesRepairs(at moment: Timestamp) -> Bool {
        if denied.contains(where: { $0.contains(moment) }) { return true }
        return allowed.map { spans in !spans.contains { $0.contains(moment) } } ?? false
    }
}
