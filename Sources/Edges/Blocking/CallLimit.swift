package import Core
internal import Glibc

/// When one call has to be over, and how it is woken before.
package struct CallLimit: Sendable {
    package let deadline: Deadline
    /// Readable once the calling task is cancelled.
    package let cancelled: WakeSignal

    package init(timeout: Span) throws(BlockingError) {
        deadline = Deadline(after: timeout)
        cancelled = try WakeSignal()
    }
}

/// A moment on the clock that also runs while the machine is suspended: what a frozen process slept through counts.
package struct Deadline: Sendable {
    private let nanoseconds: Int64

    package init(after span: Span) {
        let (scaled, isTooLarge) = max(0, span.microseconds).multipliedReportingOverflow(by: 1000)
        let (sum, isLater) = Deadline.now().addingReportingOverflow(isTooLarge ? .max : scaled)
        nanoseconds = isLater ? .max : sum
    }

    /// What is left, for `poll(2)`: whole milliseconds, rounded up so that a wait never spins; 0 when it is over.
    package var remainingMilliseconds: Int32 {
        let left = nanoseconds - Deadline.now()
        return left <= 0 ? 0 : Int32(clamping: (left - 1) / 1_000_000 + 1)
    }

    private static func now() -> Int64 {
        var time = timespec()
        // Cannot fail: the clock exists since Linux 2.6.39 and the address is ours.
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A descriptor that becomes readable once, from any thread.
package final class WakeSignal: Sendable {
    package let descriptor: Int32
    private let writer: Int32

    package init() throws(BlockingError) {
        var ends: [Int32] = [-1, -1]
        // pipe(2): 0, or -1 with EMFILE or ENFILE. (`pipe2` and `eventfd` are not in the Glibc module.)
        guard unsafe pipe(&ends) == 0 else {
            throw BlockingError(.exhausted, "no descriptor: errno \(errno)")
        }
        (descriptor, writer) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    package func signal() {
        var byte: UInt8 = 1
        // Fails only when the pipe is full, that is when it has long been signalled.
        _ = unsafe write(writer, &byte, 1)
    }
}

/// Waits for a descriptor within a limit.
package enum Readiness {
    case ready(Int16)
    case expired
    case cancelled

    /// - Parameter descriptor: -1 waits for the limit alone.
    package static func wait(_ descriptor: Int32, for events: Int32, within limit: CallLimit) -> Readiness {
        while true {
            var set = [
                pollfd(fd: limit.cancelled.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
            ]
            // poll(2): > 0 descriptors with events, 0 time-out, -1 error; EINTR is the only error these arguments allow
            // besides ENOMEM, and both mean: look again, until the deadline.
            let count = unsafe Glibc.poll(&set, 2, limit.deadline.remainingMilliseconds)
            if set[0].revents != 0 { return .cancelled }
            if count > 0 { return .ready(set[1].revents) }
            if limit.deadline.remainingMilliseconds == 0 { return .expired }
        }
    }
}

extension Readiness {
    /// How a limit stands now, without waiting.
    package static func poll(_ limit: CallLimit) -> Readiness {
        if isReadable(limit.cancelled.descriptor) { return .cancelled }
        return limit.deadline.remainingMilliseconds == 0 ? .expired : .ready(0)
    }

    /// Whether something is there to be read, an end-of-file included.
    package static func isReadable(_ descriptor: Int32) -> Bool {
        var set = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        return unsafe Glibc.poll(&set, 1, 0) > 0
    }
}
