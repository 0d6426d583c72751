internal import Blocking
package import Core

/// One connection to PostgreSQL, on a thread of its own.
///
/// Calls run one after the other. Each has a deadline that counts from the call, waiting for its turn included; at the
/// deadline, or when the calling task is cancelled, the statement is cancelled and the connection closed. The next call
/// connects anew.
package actor PostgresConnection {
    private let executor: ThreadExecutor
    private let session: PostgresSession

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Does not connect yet.
    ///
    /// - Parameter most: what one call may take in.
    package init(
        _ target: PostgresTarget, password: Secret<String>? = nil, taking most: Intake = .standard
    ) throws(PostgresError) {
        executor = try PostgresError.from { () throws(BlockingError) in try ThreadExecutor.start() }
        session = PostgresSession(target, password: password, taking: most)
    }

    deinit { executor.stop() }

    /// Runs `body` alone on the connection.
    ///
    /// - Parameter body: runs synchronously on the connection's thread; it may not keep the session.
    package nonisolated func run<T: Sendable>(
        timeout: Span, _ body: @Sendable (PostgresSession) throws(PostgresError) -> T
    ) async throws(PostgresError) -> T {
        let limit = try PostgresError.from { () throws(BlockingError) in try CallLimit(timeout: timeout) }
        let result = await withTaskCancellationHandler {
            await perform(within: limit, body)
        } onCancel: {
            limit.cancelled.signal()
        }
        return try result.get()
    }

    private func perform<T: Sendable>(
        within limit: CallLimit, _ body: @Sendable (PostgresSession) throws(PostgresError) -> T
    ) -> Result<T, PostgresError> {
        Result { () throws(PostgresError) in try session.perform(within: limit, body) }
    }

    /// Runs one statement by itself and gives its rows.
    @discardableResult
    package nonisolated func rows(
        _ sql: String, _ parameters: [String?] = [], timeout: Span
    ) async throws(PostgresError) -> [[String?]] {
        try await run(timeout: timeout) { session throws(PostgresError) in try session.rows(sql, parameters) }
    }

    /// Closes the connection; the next call opens it again.
    package func close() { session.close() }
}
