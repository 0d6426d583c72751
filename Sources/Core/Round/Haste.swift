/// How often a round may begin because something has changed: the first ones at once, and then one in each interval, however many
/// changes come. What comes meanwhile is looked at together.
package struct Haste: Equatable, Sendable {
    /// Rounds at once.
    static let burst = 10
    /// Of a cycle: what has changed costs at most so many looks at each service in a cycle, once the first ones are spent.
    static let share: Int64 = 12
    /// Shortest time from the begin of one round to that of the next.
    package static let shortest = Span.seconds(1)

    private let interval: Span
    /// When the next one would be due if all were evenly spread.
    private var due: Timestamp?

    package init(cycle: Span) {
        interval = max(Haste.shortest, Span(microseconds: cycle.microseconds / Haste.share))
    }

    private var tolerance: Span { Span(microseconds: interval.microseconds * Int64(Haste.burst - 1)) }

    /// When the next one may begin; never later than an interval from now, though the clock was set back.
    package func soonest(at now: Timestamp) -> Timestamp {
        guard let due else { return now }
        let wait = Span(microseconds: (due - now).microseconds - tolerance.microseconds)
        return now + min(max(wait, .seconds(0)), interval)
    }

    package mutating func begins(at now: Timestamp) {
        // What a clock that was set back makes of the time is bounded as well.
        let spread = min(max(due ?? now, now), now + tolerance)
        due = spread + interval
    }
}
