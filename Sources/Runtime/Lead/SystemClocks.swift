package import Core
internal import Glibc

extension Moment {
    /// What a clock of the system says that nobody sets.
    fileprivate init(_ clock: clockid_t) {
        var time = timespec()
        // Cannot fail: both clocks exist since Linux 2.6.39, and the address is ours.
        _ = unsafe clock_gettime(clock, &time)
        self.init(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// The clock that leases are counted on: it runs through suspends, and nobody sets it.
package enum BootClock {
    package static func now() -> Moment { Moment(CLOCK_BOOTTIME) }
}

/// The clock that a service manager compares its own with, and that progress is counted on: nobody sets it, and it stands still
/// while the machine does, as does whoever is to make progress.
package enum ServiceClock {
    package static func now() -> Moment { Moment(CLOCK_MONOTONIC) }
}
