package import Core
internal import Glibc

/// The clock that a service manager compares its own with, and that progress is counted on: nobody sets it, and it stands still
/// while the machine does, as does whoever is to make progress.
package enum ServiceClock {
    package static func now() -> Moment {
        var time = timespec()
        // Cannot fail: the clock is one that every Linux has, and the address is ours.
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
