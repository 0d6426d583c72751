import Core

/// Sends HTTP/1.1 requests, many at once, on one thread of its own.
///
/// Redirects are returned, never followed, so that a credential goes to the named host alone. A `GET` whose kept connection
/// was closed under it is sent once more; nothing else is ever repeated.
package final class HTTPClient: Sendable {
    /// Some of a client's kept connections. What libcurl does for a request grows with the hosts that one pool has seen.
    package struct Pool: Equatable, Sendable {
        /// From 0, below `count`.
        package let number: Int
        /// As many share what the client keeps.
        let count: Int

        /// The pool of `key` among `count`, always the same one. Keys that are close, or a fixed step apart as addresses often
        /// are, spread evenly.
        package init(_ key: UInt32, of count: Int) {
            self.count = max(1, count)
            // Multiplied by 2^32 over the golden ratio, then brought down to the range.
            number = Int((UInt64(key &* 2_654_435_769) * UInt64(self.count)) >> 32)
        }

        package static let only = Pool(0, of: 1)
    }

    private let mailbox = Mailbox()
    /// For tasks that do little but ask by this client.
    package let executor: ClientExecutor
    private let lastID = Locked<UInt64>(0)
    private let clocks: ServiceClocks?

    /// - Parameters:
    ///   - keeps: connections that are kept at most, in all pools together, each of which has an equal share and one at
    ///     least. Where more hosts are asked in turn, libcurl looks through all of them for the oldest after each answer, and
    ///     keeps none long enough.
    ///   - keepsFor: seconds that a connection may be idle and still be used again. Proxmox closes one after 5 s
    ///     (pve-http-server); libcurl compares whole seconds with "greater", so 3 means less than 4 s.
    ///   - readsAtOnce: bytes, 1,024 at least: what a usual answer fits into. libcurl allocates as many for each transfer.
    ///   - clocks: takes down what time each answer says it is.
    package convenience init(
        trust: HTTPTrust = .system, keeps: Int = 64, keepsFor: Int = 3, readsAtOnce: Int = 16 << 10,
        clocks: ServiceClocks? = nil
    ) {
        self.init(
            HandleKind(trust: trust, keepsFor: keepsFor, readsAtOnce: readsAtOnce), keeps: keeps, clocks: clocks,
            now: { ContinuousClock.now })
    }

    /// - Parameter now: what the thread holds deadlines against.
    init(
        _ kind: HandleKind, keeps: Int, clocks: ServiceClocks? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.clocks = clocks
        let mailbox = mailbox
        let executor = ClientExecutor(mailbox)
        self.executor = executor
        let isStarted = DedicatedThread.start {
            TransferLoop.run(mailbox, executor, kind, keeps: keeps, now: now)
        }
        if !isStarted { TransferLoop.refuse(mailbox) }
    }

    deinit { mailbox.stop() }

    /// The answer, whatever its status. Cancelling the task ends the transfer at once, with `notRead`.
    ///
    /// - Parameter pool: among which kept connections one is looked for.
    package func send(_ request: HTTPRequest, from pool: Pool = .only) async throws(HTTPFailure) -> HTTPResponse {
        try request.check()
        let asked = clocks?.begin()
        let deadline = ContinuousClock.now + .microseconds(request.timeout.microseconds)
        let ticket = Ticket()
        let id = lastID.withLock { last in
            last += 1
            return last
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let job = Job(
                    id: id, pool: pool, request: request, deadline: deadline, ticket: ticket, continuation: continuation
                )
                if !mailbox.post(.start(job)) { continuation.resume(returning: .failure(.stopped)) }
            }
        } onCancel: {
            ticket.cancel()
            mailbox.post(.cancel(id))
        }
        let answer = try result.get()
        if let clocks, let asked { clocks.note(answer, to: request.url, asked: asked) }
        return answer
    }

    /// Ends every transfer and refuses new ones. Returns at once; safe to call twice.
    package func shutdown() { mailbox.stop() }
}
