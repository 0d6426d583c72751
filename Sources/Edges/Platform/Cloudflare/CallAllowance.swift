import Core
import Synchronization

/// Keeps the calls of one process within a number in every window of time, however often somebody wants to look or to write.
///
/// The generic cell rate algorithm: after a burst, one call each `interval`. In any `window` there are at most
/// `calls` of them, wherever it begins.
package final class CallAllowance: Sendable {
    /// For looking: a tenth of what Cloudflare allows all tokens of a user together, 1,200 calls in 5 minutes.
    package static func cloudflare() -> CallAllowance {
        CallAllowance(
            calls: 120, window: .seconds(300), words: "what is looked at keeps to a tenth of Cloudflare's quota")
    }

    /// For mending, of its own, so that neither starves the other: three tenths. Half of it at once are the thirty repairs that
    /// the budget of a minute begins by default, six calls each.
    package static func cloudflareRepairs() -> CallAllowance {
        CallAllowance(calls: 360, window: .seconds(300), words: "repairs keep to three tenths of Cloudflare's quota")
    }

    /// What one repair of one name asks at most while the service is well: a look of two, the write with its own look, and four
    /// looks after it.
    static let ofOneAttempt = 13

    /// For a message.
    let words: String

    private let burst: Int
    private let interval: Duration
    private let tolerance: Duration
    /// When the next call would be due if all were evenly spread.
    private let due = Mutex<ContinuousClock.Instant?>(nil)

    /// Half of the calls may come at once.
    package init(calls: Int, window: Duration, words: String) {
        self.words = words
        burst = max(1, calls / 2)
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

    /// When so many calls, or as many as ever may, could be sent one right after the other. Takes none of them.
    package func room(for calls: Int, at now: ContinuousClock.Instant = .now) -> ContinuousClock.Instant {
        last(of: min(calls, burst), at: now)
    }

    /// When the last of so many calls could be sent, each as soon as it may.
    private func last(of calls: Int, at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        due.withLock { due in max(now, max(due ?? now, now) - tolerance + interval * (calls - 1)) }
    }

    /// Whether so many calls could be sent before `deadline`. Takes none of them.
    package func hasRoom(
        for calls: Int, at now: ContinuousClock.Instant = .now, until deadline: ContinuousClock.Instant
    ) -> Bool { last(of: calls, at: now) < deadline }

    /// What the places are refused with.
    ///
    /// - Parameter call: for a message: "page 2 was".
    func refusal(of call: String) -> CloudflareFault {
        CloudflareFault(.rateLimited, "\(call) not asked for: \(words); a longer cycle needs less")
    }

    /// Takes the place of one call, and returns when it is there.
    ///
    /// - Parameter call: for a message: "page 2 was".
    func pass(_ call: String, until deadline: ContinuousClock.Instant) async throws(CloudflareFault) {
        guard let at = take(until: deadline) else { throw refusal(of: call) }
        let wait = at - ContinuousClock.now
        guard wait > .zero else { return }
        do {
            try await Task.sleep(for: wait)
        } catch {
            throw CloudflareFault(.notRead, "the reading was cancelled")
        }
    }
}
