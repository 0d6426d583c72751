import Synchronization

/// Keeps the calls of one process within a number in every window of time, however often somebody wants to look.
///
/// The generic cell rate algorithm: after a burst, one call each `interval`. In any `window` there are at most
/// `calls` of them, wherever it begins.
package final class CallAllowance: Sendable {
    /// A tenth of what Cloudflare allows all tokens of a user together: 1,200 calls in 5 minutes.
    package static func cloudflare() -> CallAllowance { CallAllowance(calls: 120, window: .seconds(300)) }

    private let interval: Duration
    private let tolerance: Duration
    /// When the next call would be due if all were evenly spread.
    private let due = Mutex<ContinuousClock.Instant?>(nil)

    /// Half of the calls may come at once.
    package init(calls: Int, window: Duration) {
        let burst = max(1, calls / 2)
        interval = window / max(1, calls - burst)
        tolerance = interval * (burst - 1)
    }

    /// When the next call may be sent; its place is taken with that. Nil when that would be after `deadline`: then nothing
    /// is taken.
    package func take(
        at now: ContinuousClock.Instant = .now, until deadline: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        due.withLock { due in
            let next = max(due ?? now, now)
            let at = max(now, next - tolerance)
            guard at < deadline else { return nil }
            due = next + interval
            return at
        }
    }
}
