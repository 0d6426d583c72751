/// How long leadership lasts and how often it is looked after, from the two lengths of time that are configured.
package struct LeadTimes: Hashable, Sendable {
    /// How long the lock lives without a renewal, and a sight of the leadership row counts.
    package let ttl: Span
    /// How long one act may take from its permit to its landing.
    package let actDeadline: Span

    /// What has to be left of the TTL beside one act: renewals and their answers take a part of it.
    package static let leastMargin = Span.milliseconds(500)

    /// Two requests of a repair may hang for so long one after the other, and all of it has to end before the service manager kills
    /// the process (`TimeoutStopSec` of the unit).
    package static let longestActDeadline = Span.seconds(10)

    package init(ttl: Span, actDeadline: Span) {
        self.ttl = ttl
        self.actDeadline = actDeadline
    }

    /// A third of the TTL; sooner where a whole act would otherwise not fit between a renewal and the end of the lease.
    package var renewEvery: Span {
        let third = ttl.microseconds / 3
        let room = (ttl.microseconds - actDeadline.microseconds) / 2
        return Span(microseconds: max(50_000, min(third, room)))
    }

    /// A standby looks so often that with one look lost to bad luck it still leads within a second.
    package var pollEvery: Span { min(.milliseconds(400), Span(microseconds: ttl.microseconds / 3)) }

    /// A renewal that failed is tried again before the lease is over.
    package var retryEvery: Span { min(pollEvery, Span(microseconds: renewEvery.microseconds / 2)) }

    /// How long the row is left to whoever takes it by another lock: long enough for it to lead and to act.
    package var firstPause: Span { Span(microseconds: ttl.microseconds + 2 * actDeadline.microseconds) }

    /// … and at most, when it goes on: so long nobody leads where that one has died.
    package var longestPause: Span { max(firstPause, .minutes(5)) }

    /// How long one call to Redis or the database may take.
    package var callTimeout: Span { min(.seconds(2), renewEvery) }
}
