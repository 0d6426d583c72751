/// How often a round may begin because something has changed: the first ones at once, and then one in each interval, however many
/// changes come. What comes meanwhile is looked at together.
///
/// Each such round looks at everything, without sparing anybody: a storm of changes must not become a storm of requests.
struct Haste: Equatable, Sendable {
    /// Rounds at once.
    static let burst = 3
    /// Of a cycle: so many of them in each, once the first ones are spent.
    static let share: Int64 = 6
    /// Shortest time from the begin of one round to that of the next.
    static let shortest = Span.seconds(1)
    /// How long a change waits for those that belong to it.
    static let gathering = Span.milliseconds(100)

    private let interval: Span
    /// When the next one would be due if all were evenly spread.
    private var due: Timestamp?

    init(cycle: Span) {
        interval = max(Haste.shortest, Span(microseconds: cycle.microseconds / Haste.share))
    }

    private var tolerance: Span { Span(microseconds: interval.microseconds * Int64(Haste.burst - 1)) }

    /// When the next one may begin; never later than an interval from now, though the clock was set back.
    func soonest(at now: Timestamp) -> Timestamp {
        guard let due else { return now }
        let wait = Span(microseconds: (due - now).microseconds - tolerance.microseconds)
        return now + min(max(wait, .seconds(0)), interval)
    }

    mutating func begins(at now: Timestamp) {
        // What a clock that was set back makes of the time is bounded as well.
        let spread = min(max(due ?? now, now), now + tolerance)
        due = spread + interval
    }
}
