package import Core

/// How long a transaction that holds the leadership row may stand still: whoever takes over waits for its end.
///
/// Nobody cancels the statement that a dead process sent last, and while its server waits for a row that somebody else has
/// locked, it does not notice that nobody listens any more. So the server itself ends the wait.
package struct HoldLimits: Equatable, Sendable {
    /// Between two statements.
    package var idle: Span
    /// For a lock of somebody else's, each time.
    package var lock: Span
    /// For one statement, its waits included.
    package var statement: Span

    package init(idle: Span = .milliseconds(500), lock: Span, statement: Span) {
        self.idle = idle
        self.lock = lock
        self.statement = statement
    }

    /// A third of the TTL: the lock of whoever has died outlives the last statement that it sent, since the renewal before that
    /// is at most a third of the TTL older. Five seconds are more than any statement takes that waits for nobody, and one second
    /// is the least that is kept free for it where the TTL is very short.
    package init(ttl: Span) {
        let statement = max(Span.seconds(1), min(.seconds(5), Span(microseconds: ttl.microseconds / 3)))
        self.init(lock: Span(microseconds: statement.microseconds / 5 * 2), statement: statement)
    }

    /// Until the end of the transaction. The server counts in milliseconds, and zero would be without end.
    func set(in session: PostgresSession) throws(PostgresError) {
        func milliseconds(_ span: Span) -> Int64 { max(1, span.microseconds / 1000) }
        try session.script(
            """
            set local idle_in_transaction_session_timeout = \(milliseconds(idle));
            set local lock_timeout = \(milliseconds(lock)); set local statement_timeout = \(milliseconds(statement))
            """)
    }
}
