package import Core

/// What a service manager is told of a daemon, and when. Pure: whoever has the socket asks it now and then.
///
/// *Ready* is said when the first round has ended, whatever it found. By then the configuration has been used, every plane was
/// asked once, and the loop is known to move. It does not wait for a database that is down: that is for `/readyz` to say, and a
/// restart would not bring the database back. *The watchdog* is fed while the loop moves, and by nothing else.
package struct ServiceNotices: Sendable {
    /// How often the watchdog is fed while all is well; nil when the service manager keeps none.
    package let feedEvery: Span?
    private(set) package var isReady = false
    private var fedAt: Moment?
    private var status = ""

    /// - Parameters:
    ///   - environment: `WATCHDOG_USEC` is the patience in microseconds; `WATCHDOG_PID` says for whom it is meant.
    ///   - pid: of this process.
    package init(environment: [String: String], pid: Int32) {
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(pid) } ?? true
        guard isMeant, let patience = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), patience > 0 else {
            feedEvery = nil
            return
        }
        // Half of it is what sd_watchdog_enabled(3) asks for; a third leaves room for one that came late.
        feedEvery = Span(microseconds: max(1, patience / 3))
    }

    /// - Parameter moment: of the clock that nobody sets, by which the watchdog is fed and progress is counted.
    /// - Returns: what is to be sent now, in one datagram; often nothing.
    package mutating func due(_ status: DaemonStatus, moment: Moment) -> [String] {
        var lines: [String] = []
        if !isReady, status.rounds > 0 {
            isReady = true
            lines.append("READY=1")
        }
        let standstill = status.standstill(moment: moment)
        if standstill == nil, let feedEvery, fedAt.map({ moment - $0 >= feedEvery }) ?? true {
            fedAt = moment
            lines.append("WATCHDOG=1")
        }
        let text = ServiceNotices.line(standstill ?? status.inOneLine)
        if text != self.status {
            self.status = text
            lines.append("STATUS=\(text)")
        }
        return lines
    }

    /// The policies are about to be read again. Nothing before the service is ready: "ready" ends a reload, and would end the
    /// start as well.
    package func reloading(at monotonic: Int64) -> [String] {
        isReady ? ["RELOADING=1", "MONOTONIC_USEC=\(monotonic)"] : []
    }

    /// - Parameter trouble: why the old policies were kept; nil when there are new ones. Said until there is other news.
    package mutating func reloaded(trouble: String?) -> [String] {
        guard isReady else { return [] }
        guard let trouble else {
            // What was said of an earlier one is over.
            status = ""
            return ["READY=1"]
        }
        return ["READY=1", "STATUS=\(ServiceNotices.line("policies kept as they were: \(trouble)"))"]
    }

    package mutating func sayReadyAgain() { isReady = false }

    package static let stopping = ["STOPPING=1", "STATUS=is stopping: the running repair comes to its end"]

    /// One assignment is one line.
    private static func line(_ text: String) -> String { Foreign.text(text, limit: 300) }
}

extension DaemonStatus {
    /// For `systemctl status`. Says nothing that changes from round to round while all is quiet.
    fileprivate var inOneLine: String {
        let standing =
            switch tenure {
            case .none(let why): why
            case .waiting(let epoch): "leads with epoch \(epoch), and does not act yet"
            case .acting(let epoch): "leads with epoch \(epoch)"
            }
        guard rounds > 0 else { return "\(mode.rawValue): the first round has not ended yet; \(standing)" }
        guard let report else { return "\(mode.rawValue): \(unready ?? "no report"); \(standing)" }
        let picture = report.isComplete ? "complete" : "not complete"
        return "\(mode.rawValue): \(Words.count(report.summary.drifts, "drift")), picture \(picture); \(standing)"
    }
}
