package import Core
import Glibc

/// The system's clock, for what is held against no row (messages that wait for their turn, metrics, `doctor`), and a part of
/// ``DatabaseClock``.
package struct WallClock: RoundClock {
    package init() {}

    package func now() -> Timestamp { WallClock.now() }

    package static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package func sleep(until moment: Timestamp) async {
        await WallClock.sleep(for: moment - now())
    }

    static func sleep(for span: Span) async {
        guard span > .seconds(0) else { return }
        do {
            try await Task.sleep(for: .microseconds(span.microseconds))
        } catch {
            // Cancelled: the round is over, and nobody waits for this any more.
        }
    }
}
