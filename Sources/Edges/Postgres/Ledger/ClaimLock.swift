/// The lock between claims, which share it, and a person who says that something may not begin: once that has been said, nothing
/// begins that had not heard of it.
enum ClaimLock {
    /// Any number of this database that nobody else uses.
    private static let key = 0x7a6c_6800_0001

    /// Keeps that person waiting to the end of this transaction. To be asked before what was said is read.
    static func share(in session: PostgresSession) throws(PostgresError) {
        _ = try session.rows("select pg_advisory_xact_lock_shared(\(key))")
    }

    /// Waits for every claim that has read already, and keeps others waiting to the end of this transaction.
    static func take(in session: PostgresSession) throws(PostgresError) {
        _ = try session.rows("select pg_advisory_xact_lock(\(key))")
    }
}
