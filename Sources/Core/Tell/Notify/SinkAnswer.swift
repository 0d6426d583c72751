/// What became of one message that was sent, as far as it is known.
package enum SinkAnswer: Equatable, Sendable {
    /// It is shown, under this id.
    case accepted(String)
    /// Too many; nothing was taken.
    case limited(Span, isGlobal: Bool)
    /// Too many edits of messages older than an hour: that message stays as it is.
    case editLimited
    /// The message that was to be edited is not there any more.
    case messageGone
    /// Refused for what it says.
    case rejected(String)
    /// It goes to a thread that is archived or locked: what is shown there cannot be edited now.
    case threadClosed(String)
    /// The webhook may not be used: no further request helps until somebody has mended it.
    case dead(String)
    /// Discord does not know it any more: it must not be asked again under this address, not even after a restart.
    case gone(String)
    /// It is certain that nothing was shown, and it was not for what the message says: the next request may be taken.
    case notSent(String)
    /// It may be shown or not: the answer was lost.
    case unsure(String)
}

/// What an answer says about the requests to come.
package struct SinkAllowance: Equatable, Sendable {
    package var remaining: Int
    package var resetAfter: Span

    package init(remaining: Int, resetAfter: Span) { (self.remaining, self.resetAfter) = (remaining, resetAfter) }
}

/// When one webhook may be asked again: limits as they were seen in use, and as the answers tell them. Requests that failed count.
package struct SinkPace: Equatable, Sendable {
    /// Five in two seconds, thirty in a minute (wire sheet, section 4).
    package static let limits: [(count: Int, within: Span)] = [(5, .seconds(2)), (30, .seconds(60))]
    package static let longestBackoff = Span.minutes(5)

    private var sent: [Timestamp] = []
    private var holdUntil: Timestamp?
    /// The latest moment that it was asked at.
    private var latest: Timestamp?
    package private(set) var failures = 0

    package init() {}

    package mutating func next(at now: Timestamp) -> Timestamp {
        turnBack(to: now)
        var next = max(now, holdUntil ?? now)
        for limit in SinkPace.limits where sent.count >= limit.count {
            next = max(next, sent[sent.count - limit.count] + limit.within)
        }
        return next
    }

    mutating func began(at now: Timestamp) {
        turnBack(to: now)
        sent = sent.filter { now - $0 < .seconds(60) } + [now]
    }

    /// A clock that was set back takes along what was noted by it: nothing waits until it has caught up, and no limit is
    /// forgotten.
    private mutating func turnBack(to now: Timestamp) {
        defer { latest = now }
        guard let latest, now < latest else { return }
        sent = sent.map { $0 - (latest - now) }
        holdUntil = holdUntil.map { $0 - (latest - now) }
    }

    mutating func hold(until moment: Timestamp, at now: Timestamp) {
        turnBack(to: now)
        holdUntil = max(holdUntil ?? moment, moment)
    }

    mutating func allowed(_ allowance: SinkAllowance?, at now: Timestamp) {
        guard let allowance, allowance.remaining <= 0 else { return }
        hold(until: now + min(allowance.resetAfter, .minutes(60)), at: now)
    }

    mutating func succeeded() { failures = 0 }

    /// Waits longer with each failure in a row: 1, 2, 4 seconds, up to five minutes.
    mutating func failed(at now: Timestamp) {
        failures = min(failures + 1, 60)
        let doubled = Span.seconds(Int64(1) << Int64(min(failures - 1, 9)))
        hold(until: now + min(doubled, SinkPace.longestBackoff), at: now)
    }
}

/// A wait that holds for all webhooks. It is asked for again and again, so it knows when it was noted: a clock that was set back
/// takes it along.
package struct SinkHold: Equatable, Sendable {
    private var notedAt: Timestamp
    private var span: Span

    package init(_ span: Span, at now: Timestamp) { (notedAt, self.span) = (now, span) }

    package mutating func until(at now: Timestamp) -> Timestamp {
        notedAt = min(notedAt, now)
        return notedAt + span
    }
}
