import CCurl
import Core

/// The client's thread: every call into libcurl but the wake-up is made here.
struct TransferLoop: ~Copyable {
    private let mailbox: Mailbox
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sockets: SocketQueue
    private let executor: ClientExecutor
    private var pools: TransferPools
    private var handles: PreparedHandles
    private var active: [UInt64: Transfer] = [:]
    /// No later than the nearest deadline of an active transfer; nil when none is active.
    private var alarm: ContinuousClock.Instant?

    /// Serves `mailbox` until it is stopped.
    static func run(
        _ mailbox: Mailbox, _ executor: ClientExecutor, _ kind: HandleKind, keeps: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        guard globalCode == CURLE_OK, let sockets = SocketQueue() else {
            return end(mailbox.close(), HTTPFailure(.internalFault, "libcurl could not be started"))
        }
        mailbox.attach(sockets)
        let handles = PreparedHandles(kind)
        let pools = TransferPools(sockets: sockets, keeps: keeps)
        var loop = TransferLoop(
            mailbox: mailbox, sockets: sockets, executor: executor, pools: pools, handles: handles, now: now)
        let failure = loop.serve()
        // The mailbox has to forget the sockets before the loop, and they with it, go out of scope.
        end(mailbox.close(), failure)
        loop.abandon(failure)
    }

    private init(
        mailbox: Mailbox, sockets: SocketQueue, executor: ClientExecutor, pools: consuming TransferPools,
        handles: consuming PreparedHandles, now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.mailbox = mailbox
        self.sockets = sockets
        self.executor = executor
        self.pools = pools
        self.handles = handles
        self.now = now
    }

    /// `curl_global_init` once for the process: it is thread-safe since 7.84, and this is a lazy static besides.
    private static let globalCode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private mutating func serve() -> HTTPFailure {
        while true {
            let batch = mailbox.take()
            for message in batch.messages {
                switch message {
                case .start(let job): start(job, isRetry: false)
                case .cancel(let id): cancel(id)
                case .run(let task): executor.run(task)
                }
            }
            if batch.isStopping { return .stopped }
            // After CURLM_BAD_HANDLE, CURLM_OUT_OF_MEMORY, CURLM_INTERNAL_ERROR, CURLM_ABORTED_BY_CALLBACK a handle is of no use.
            let failure = HTTPFailure(.internalFault, "libcurl gave up", mayHaveBeenSent: true)
            // Twice, since libcurl acts twice: on its own timeouts before the wait, and on what the wait has brought.
            withhold()
            guard let due = pools.actOnDue() else { return failure }
            let rest = mailbox.mayRest() ? min(due, pause) : 0
            // Until a socket's event, a timeout of libcurl's own, a wake-up, or the nearest deadline.
            guard unsafe zlh_sockets_wait(sockets.pointer, rest) == CURLM_OK else { return failure }
            withhold()
            guard unsafe zlh_sockets_act(sockets.pointer) == CURLM_OK else { return failure }
            collect()
            expire()
        }
    }

    private mutating func start(_ job: Job, isRetry: Bool) {
        guard !job.ticket.isCancelled else {
            job.continuation.resume(
                returning: .failure(HTTPFailure(.notRead, HTTPFailure.cancelled, mayHaveBeenSent: isRetry)))
            return
        }
        do throws(HTTPFailure) {
            let transfer = try Transfer(
                job, pool: pools.pool(job.pool), handle: handles.take(for: job.request), isRetry: isRetry)
            try pools.enter(transfer)
            active[job.id] = transfer
            alarm = min(alarm ?? job.deadline, job.deadline)
        } catch {
            var failure = error
            failure.mayHaveBeenSent = isRetry
            job.continuation.resume(returning: .failure(failure))
        }
    }

    private mutating func cancel(_ id: UInt64) {
        guard let transfer = active.removeValue(forKey: id) else { return }
        let failure = transfer.cancelled()
        pools.leave(transfer)
        transfer.job.continuation.resume(returning: .failure(failure))
    }

    private mutating func collect() {
        for (id, code) in pools.done() {
            if let transfer = active.removeValue(forKey: id) { finish(transfer, code) }
        }
    }

    private mutating func finish(_ transfer: Transfer, _ code: CURLcode) {
        let outcome = transfer.outcome(code)
        pools.leave(transfer)
        switch outcome {
        case .finished(let result):
            if code == CURLE_OK { handles.give(transfer.handle, after: transfer.job.request) }
            transfer.job.continuation.resume(returning: result)
        case .again: start(transfer.job, isRetry: true)
        }
    }

    /// Milliseconds to the nearest deadline, rounded up; ten minutes when there is none.
    private var pause: Int32 {
        guard let alarm else { return 600_000 }
        return Int32(min(600_000, max(0, (alarm - now()).wholeMilliseconds)))
    }

    /// Ends what would change something, has not been sent, and is past its deadline. A process that stood still while its
    /// connection was made would otherwise send it now, when another one may lead. What was sent, or only reads, may still
    /// have its answer waiting.
    private mutating func withhold() {
        guard let alarm else { return }
        let now = now()
        guard alarm <= now else { return }
        for (id, transfer) in active
        where transfer.job.deadline <= now && transfer.job.request.method != .get && !transfer.mayHaveBeenSent {
            end(id, transfer, transfer.withheld())
        }
    }

    /// Ends what is past its deadline. Looks at every transfer only when the alarm has gone off.
    private mutating func expire() {
        guard let alarm else { return }
        let now = now()
        guard alarm <= now else { return }
        for (id, transfer) in active where transfer.job.deadline <= now { end(id, transfer, transfer.timedOut()) }
        self.alarm = active.values.map(\.job.deadline).min()
    }

    private mutating func end(_ id: UInt64, _ transfer: Transfer, _ failure: HTTPFailure) {
        active[id] = nil
        pools.leave(transfer)
        transfer.job.continuation.resume(returning: .failure(failure))
    }

    private mutating func abandon(_ failure: HTTPFailure) {
        for transfer in active.values {
            var failure = failure
            failure.mayHaveBeenSent = transfer.mayHaveBeenSent
            pools.leave(transfer)
            transfer.job.continuation.resume(returning: .failure(failure))
        }
        active.removeAll()
    }

    private static func end(_ messages: [Mailbox.Message], _ failure: HTTPFailure) {
        for message in messages {
            switch message {
            case .start(let job):
                var failure = failure
                failure.mayHaveBeenSent = false
                job.continuation.resume(returning: .failure(failure))
            case .run(let task): ClientExecutor.runElsewhere(task)
            case .cancel: break
            }
        }
    }

    /// For a client whose thread could not be started.
    static func refuse(_ mailbox: Mailbox) {
        end(mailbox.close(), HTTPFailure(.internalFault, "no thread could be started"))
    }
}
