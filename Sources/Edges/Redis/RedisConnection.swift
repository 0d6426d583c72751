internal import Blocking
package import Core

/// One connection to Redis, on a thread of its own.
///
/// Calls run one after the other. Each has a deadline that counts from the call, waiting for its turn included; at the
/// deadline, or when the calling task is cancelled, the connection is closed. The next call connects anew.
package actor RedisConnection {
    package nonisolated let target: RedisTarget
    private let executor: ThreadExecutor
    private let session: RedisSession

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// Does not connect yet.
    package init(_ target: RedisTarget, password: Secret<String>? = nil) throws(RedisError) {
        self.target = target
        executor = try RedisError.from { () throws(BlockingError) in try ThreadExecutor.start() }
        session = RedisSession(target, password: password)
    }

    deinit { executor.stop() }

    /// Runs `body` alone on the connection.
    ///
    /// - Parameter body: runs synchronously on the connection's thread; it may not keep the session.
    package nonisolated func run<T: Sendable>(
        timeout: Span, _ body: @Sendable (RedisSession) throws(RedisError) -> T
    ) async throws(RedisError) -> T {
        let limit = try RedisError.from { () throws(BlockingError) in try CallLimit(timeout: timeout) }
        let result = await withTaskCancellationHandler {
            await perform(within: limit, body)
        } onCancel: {
            limit.cancelled.signal()
        }
        return try result.get()
    }

    private func perform<T: Sendable>(
        within limit: CallLimit, _ body: @Sendable (RedisSession) throws(RedisError) -> T
    ) -> Result<T, RedisError> {
        Result { () throws(RedisError) in try session.perform(within: limit, body) }
    }

    /// Closes the connection; the next call opens it again.
    package func close() { session.close() }
}
