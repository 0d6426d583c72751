/// The time that a proxy is left to fill its own list after it forgot its backends.
///
/// It begins with the round that sees the list nearly empty, and holds for the rest of that time also what is still missing when
/// most are there again. It is kept in memory: after a restart of this process it begins anew, which only makes it wait longer.
struct ProxySettling: Sendable {
    private var since: Timestamp?

    /// How long the proxy has had nobody knows: it has it anew.
    mutating func interrupt(at now: Timestamp) { since = since.map { _ in now } }

    /// Takes in a round, and marks what has to wait.
    mutating func note(_ report: inout Report, settle: Span, at now: Timestamp) {
        // A clock that was set back: it begins now, and waits no longer than it would have.
        since = since.map { min($0, now) }
        let missing = report.decisions.indices.filter { report.decisions[$0].drift.kind == .velocityMissing }
        if report.decisions.contains(where: { $0.commonCause == .proxyRestart }) {
            since = since ?? now
        } else if let begun = since, now - begun >= settle || (missing.isEmpty && report.hasWhole(.velocity)) {
            since = nil
        }
        guard let since, now - since < settle else { return }
        for index in missing { report.decisions[index].isSettling = true }
    }
}

extension Report {
    /// Whether a plane was read whole and nothing of it is unknown.
    fileprivate func hasWhole(_ plane: Plane) -> Bool {
        coverage.contains { $0.plane == plane && $0.status == .complete } && !unknown.contains { $0.plane == plane }
    }
}
