import CCurl
import Core

/// One request on its way to the client's thread.
struct Job: Sendable {
    var id: UInt64
    var pool: HTTPClient.Pool
    var request: HTTPRequest
    var deadline: ContinuousClock.Instant
    var ticket: Ticket
    var continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>
}

/// Whether the caller has gone. Set before the cancellation is posted, so that it cannot be lost when it overtakes
/// the job.
final class Ticket: Sendable {
    private let flag = Locked(false)
    var isCancelled: Bool { flag.withLock { $0 } }
    func cancel() { flag.withLock { $0 = true } }
}

/// What other threads tell the client's thread.
final class Mailbox: Sendable {
    enum Message: Sendable {
        case start(Job)
        case cancel(UInt64)
        /// A part of a task that prefers this thread.
        case run(UnownedJob)
    }

    struct Batch: Sendable {
        var messages: [Message]
        var isStopping: Bool
    }

    private struct State: Sendable {
        var messages: [Message] = []
        var isStopping = false
        var isClosed = false
        /// Whether the thread looks for messages again before it waits: then nobody has to wake it.
        var isAwake = true
        var waker: Waker?
    }

    /// Unchecked because `zlh_sockets_wake` may be called from any thread, and because the pointer is taken back under the
    /// lock before the sockets are closed.
    @safe
    private struct Waker: @unchecked Sendable {
        let sockets: OpaquePointer
        func wake() { unsafe zlh_sockets_wake(sockets) }
    }

    private let state = Locked(State())

    /// False when the thread has ended: nobody will read the message.
    @discardableResult
    func post(_ message: Message) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.messages.append(message)
            if !state.isAwake {
                state.isAwake = true
                state.waker?.wake()
            }
            return true
        }
    }

    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.waker?.wake()
        }
    }

    func attach(_ sockets: SocketQueue) {
        let waker = unsafe Waker(sockets: sockets.pointer)
        state.withLock { $0.waker = waker }
    }

    func take() -> Batch {
        state.withLock { state in
            state.isAwake = true
            defer { state.messages.removeAll() }
            return Batch(messages: state.messages, isStopping: state.isStopping)
        }
    }

    /// Whether the thread may wait for its sockets: whoever posts from now on wakes it.
    func mayRest() -> Bool {
        state.withLock { state in
            state.isAwake = !state.messages.isEmpty || state.isStopping
            return !state.isAwake
        }
    }

    /// Ends the mailbox and gives back what was never started.
    func close() -> [Message] {
        state.withLock { state in
            state.isClosed = true
            state.waker = nil
            defer { state.messages.removeAll() }
            return state.messages
        }
    }
}
