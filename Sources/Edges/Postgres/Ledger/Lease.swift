package import Core

/// The right to write: the epoch and holder of the leadership row that was taken.
package struct Lease: Equatable, Sendable {
    package var epoch: Int64
    package var holder: HolderID
    /// Of each transaction under it.
    package var limits: HoldLimits

    package init(epoch: Int64, holder: HolderID, limits: HoldLimits = HoldLimits(ttl: .seconds(15))) {
        self.epoch = epoch
        self.holder = holder
        self.limits = limits
    }

    /// Whether the row still is this one, locked to the end of the transaction.
    ///
    /// A successor's update waits for that end, or has already made this false. A process that is frozen or dead by then would
    /// keep every successor waiting: the server ends such a transaction, see ``HoldLimits``.
    func holds(in session: PostgresSession) throws(PostgresError) -> Bool {
        try limits.set(in: session)
        let rows = try session.rows(
            """
            select from controller.leadership l
             where l.epoch = $1::bigint and l.holder = $2::uuid and l.closed_at is null for share
            """, [String(epoch), holder.description])
        return !rows.isEmpty
    }
}

extension PostgresConnection {
    /// Whether the row still is this one, in a transaction of its own.
    func leads(_ lease: Lease, timeout: Span) async throws(PostgresError) -> Bool {
        try await run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in try lease.holds(in: session) }
        }
    }
}

extension Timestamp {
    /// As a parameter of ``PostgresSession/moment(_:)``.
    var parameter: String { String(microseconds) }
}

/// A moment that was sent in microseconds, exactly.
func moment(_ parameter: Int) -> String {
    "('epoch'::timestamptz + $\(parameter)::bigint * interval '1 microsecond')"
}
