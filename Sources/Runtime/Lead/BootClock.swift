package import Core
internal import Glibc

/// The clock that leases are counted on: it runs through suspends, and nobody sets it.
package enum BootClock {
    package static func now() -> Moment {
        var time = timespec()
        // Cannot fail: the clock exists since Linux 2.6.39 and the address is ours.
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Moment(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
