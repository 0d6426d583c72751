package import Core
import Glibc

/// The system's clock.
///
/// What a round measures (evidence age, the second look, its own deadline) lies within a minute, so a step of the wall clock
/// in that minute can only end the round early or late; it can make no absence believable, for that takes two readings.
package struct WallClock: RoundClock {
    package init() {}

    package func now() -> Timestamp { WallClock.now() }

    package static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package func sleep(until moment: Timestamp) async {
        let span = moment - now()
        guard span > .seconds(0) else { return }
        do {
            try await Task.sleep(for: .microseconds(span.microseconds))
        } catch {
            // Cancelled: the round is over, and nobody waits for this any more.
        }
    }
}
