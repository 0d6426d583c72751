package import Core
package import Postgres

/// Whether this process is the one controller, as the daemon has to know it.
package protocol Stewardship: Sendable {
    /// The tenure now, and each time it changes.
    func tenures() async -> AsyncStream<Tenure>
    /// What was taken, while the lock that goes with it has not run out: enough to keep the journal.
    func lease() async -> Lease?
    /// Leave for one act; nil while none may begin.
    func beginAct() async -> ActLeave?
    /// The database knows another holder: nothing is to be done under this lease any more.
    func refused(_ lease: Lease) async
}

/// Leave for one act: to be given back by ``end``, whatever comes of it.
package struct ActLeave: Sendable {
    package var lease: Lease
    /// Whether it still holds. Asked right before each request: a pause of this process may lie between any two lines.
    package var isValid: @Sendable () -> Bool
    /// How long it still holds: what is sent has to be over by then.
    package var left: @Sendable () -> Span
    package var end: @Sendable () async -> Void

    package init(
        lease: Lease, isValid: @escaping @Sendable () -> Bool,
        left: @escaping @Sendable () -> Span, end: @escaping @Sendable () async -> Void = {}
    ) {
        self.lease = lease
        self.isValid = isValid
        self.left = left
        self.end = end
    }
}
