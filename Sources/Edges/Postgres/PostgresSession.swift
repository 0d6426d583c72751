internal import Blocking
internal import Core
internal import Glibc

/// What one call does on the connection, one statement after the other, on the connection's own thread.
package final class PostgresSession {
    private let target: PostgresTarget
    private let password: Secret<String>?
    private var link: Link?
    private var limit: CallLimit?
    private var channels: Set<String> = []
    private let most: Intake
    /// What is left of it for this call.
    private var intake: Intake

    /// Shares the one handle between the uses of a session: an optional of a noncopyable type cannot be borrowed in
    /// place.
    private final class Link {
        let handle: ConnectionHandle
        init(_ handle: consuming ConnectionHandle) { self.handle = handle }
    }

    init(_ target: PostgresTarget, password: Secret<String>?, taking most: Intake) {
        self.target = target
        self.password = password
        self.most = most
        intake = most
    }

    /// Runs `body` within `limit`, connecting first where there is no connection that still lives.
    func perform<T>(
        within limit: CallLimit, _ body: (PostgresSession) throws(PostgresError) -> T
    ) throws(PostgresError) -> T {
        self.limit = limit
        intake = most
        defer {
            self.limit = nil
            // Nothing half-done stays behind for the next caller.
            if link?.handle.isIdle != true { close() }
        }
        do throws(PostgresError) {
            try connectWhereNeeded()
        } catch {
            var error = error
            error.isUnconnected = true
            throw error
        }
        return try body(self)
    }

    /// Runs one statement; parameters are sent apart from it, as text.
    package func query(_ sql: String, _ parameters: [String?] = []) throws(PostgresError) -> PostgresResult {
        try exchange { handle in handle.send(sql, parameters) }
    }

    /// Runs one statement and gives `body` each row as it comes, as a result of its own: rows are understood while the server
    /// still makes others, and are not all held at once. What was given counts for nothing when this throws.
    func forEachRow(
        _ sql: String, _ parameters: [String?] = [], _ body: (consuming PostgresResult) -> Void
    ) throws(PostgresError) {
        _ = try exchange({ handle in handle.send(sql, parameters) && handle.deliverRowByRow() }, eachRow: body)
    }

    /// Runs several statements in one message and gives the last answer.
    @discardableResult
    package func script(_ sql: String) throws(PostgresError) -> PostgresResult {
        try exchange { handle in handle.send(script: sql) }
    }

    package func rows(_ sql: String, _ parameters: [String?] = []) throws(PostgresError) -> [[String?]] {
        try query(sql, parameters).rows()
    }

    package enum Isolation: String {
        case readCommitted = "begin isolation level read committed"
        /// One snapshot for everything read.
        case snapshot = "begin isolation level repeatable read, read only"
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    package func transaction<T>(
        _ isolation: Isolation = .readCommitted, _ body: (PostgresSession) throws(PostgresError) -> T
    ) throws(PostgresError) -> T {
        try script(isolation.rawValue)
        let value: T
        do throws(PostgresError) {
            value = try body(self)
        } catch {
            // When even this fails, `perform` closes the connection, which rolls back too.
            if link?.handle.isInTransaction == true {
                _ = Result { () throws(PostgresError) in try self.script("rollback") }
            }
            throw error
        }
        do throws(PostgresError) {
            // "COMMIT" of a transaction that has failed answers ROLLBACK, without an error.
            let tag = try script("commit").commandTag
            guard tag == "COMMIT" else {
                throw PostgresError(.protocol, "the transaction was rolled back by the server")
            }
        } catch {
            var error = error
            // Also by the server's own word: it may end a statement or a connection when the commit has already taken effect.
            error.isCommitUnknown = [.timeout, .cancelled, .lost].contains(error.code)
            throw error
        }
        return value
    }

    /// Runs `body` within the open transaction; what it did is undone when it throws, and the transaction goes on.
    func attempt(_ body: (PostgresSession) throws(PostgresError) -> Void) throws(PostgresError) -> PostgresError? {
        try script("savepoint attempt")
        do throws(PostgresError) {
            try body(self)
        } catch {
            guard link?.handle.isInTransaction == true else { throw error }
            try script("rollback to savepoint attempt; release savepoint attempt")
            return error
        }
        try script("release savepoint attempt")
        return nil
    }

    /// Waits for notifications; nil when the channel is only listened to from now on, none when it stayed quiet.
    func notifications(on channel: String) throws(PostgresError) -> [String]? {
        if !channels.contains(channel) {
            try script("listen \(channel)")
            channels.insert(channel)
            return nil
        }
        while true {
            var payloads: [String] = []
            while let payload = link?.handle.nextNotification() { payloads.append(payload) }
            if !payloads.isEmpty { return payloads }
            guard try readable(orExpired: true) else { return [] }
        }
    }

    var serverVersion: Int { link?.handle.serverVersion ?? 0 }

    // MARK: One exchange

    private func exchange(
        _ send: (borrowing ConnectionHandle) -> Bool, eachRow: (consuming PostgresResult) -> Void = { _ in }
    ) throws(PostgresError) -> PostgresResult {
        try check()
        guard link != nil else { throw PostgresError(.lost, "the connection to the database is closed") }
        guard send(link!.handle) else { throw lost() }
        try flush()
        var last: PostgresResult?
        var failure: PostgresError?
        while let result = try nextResult() {
            let outcome = result.outcome
            switch outcome {
            case .row:
                guard intake.take(result) else { throw tooMuch() }
                eachRow(result)
            case .success:
                guard intake.take(result) else { throw tooMuch() }
                last = consume result
            case .copy:
                close()
                throw PostgresError(.protocol, "the database began a COPY that nobody asked for")
            case .failure:
                let (sqlstate, message) = result.error
                guard let sqlstate else { throw lost(message) }
                let code = PostgresError.Code(sqlstate: sqlstate)
                failure =
                    failure
                    ?? PostgresError(
                        code,
                        code == .busy ? "somebody else holds a row that is needed" : "the database refused a statement",
                        cause: "\(message) (\(sqlstate))",
                        sqlstate: sqlstate)
            }
        }
        if var failure {
            if failure.code == .lost || link?.handle.isBad != false {
                failure.code = .lost
                failure.message = "the database ended the connection"
                close()
            }
            throw failure
        }
        guard let last else { throw lost() }
        return last
    }

    private func nextResult() throws(PostgresError) -> PostgresResult? {
        while link!.handle.isBusy { _ = try readable(orExpired: false) }
        return link!.handle.nextResult()
    }

    /// "Wait for the socket to become read- or write-ready. If it becomes read-ready, call PQconsumeInput, then call
    /// PQflush again": otherwise client and server can block each other.
    private func flush() throws(PostgresError) {
        while true {
            switch link!.handle.flush() {
            case 0: return
            case 1:
                let events = try wait(for: POLLIN | POLLOUT)
                if Int32(events) & POLLIN != 0 && !link!.handle.consumeInput() { throw lost() }
            default: throw lost()
            }
        }
    }

    /// Takes in what has come; false when the limit passed first and that is no error.
    private func readable(orExpired mayExpire: Bool) throws(PostgresError) -> Bool {
        try check(mayExpire: mayExpire)
        guard let limit else { throw lost() }
        switch Readiness.wait(link!.handle.descriptor, for: POLLIN, within: limit) {
        case .expired where mayExpire: return false
        case .ready:
            guard link!.handle.consumeInput() else { throw lost() }
            return true
        case .expired, .cancelled:
            try check()
            throw lost()
        }
    }

    private func wait(for events: Int32) throws(PostgresError) -> Int16 {
        guard let limit else { throw lost() }
        guard case .ready(let events) = Readiness.wait(link!.handle.descriptor, for: events, within: limit) else {
            try check()
            throw lost()
        }
        return events
    }

    /// Ends the call, and with it the connection, when its time is over or its task is cancelled.
    private func check(mayExpire: Bool = false) throws(PostgresError) {
        guard let limit else { throw PostgresError(.protocol, "a session was used outside its call") }
        var set = PostgresError(.timeout, "the database did not answer \(target.place) in time")
        switch Readiness.poll(limit) {
        case .cancelled: set = PostgresError(.cancelled, "the call to the database was cancelled")
        case .expired where !mayExpire: break
        default: return
        }
        abandon()
        throw set
    }

    private func tooMuch() -> PostgresError {
        abandon()
        return PostgresError(.oversize, "the database sent more than any estate has; look at what the views yield")
    }

    private func lost(_ cause: String? = nil) -> PostgresError {
        let said = cause ?? link?.handle.message ?? ""
        close()
        return PostgresError(.lost, "the connection to the database broke", cause: oneLine(said))
    }

    /// Asks the server to stop, without waiting for it, and closes.
    private func abandon() {
        if let link, !link.handle.isIdle, let request = link.handle.cancellation() {
            // PQcancel blocks while it connects; without a thread for it the server notices the closed socket later.
            _ = Result { () throws(BlockingError) in try DetachedThread.start { request.send() } }
        }
        close()
    }

    func close() {
        link = nil
        channels = []
    }

    // MARK: Connecting

    private func connectWhereNeeded() throws(PostgresError) {
        // A server that was restarted has closed our socket: its end-of-file is there to be read.
        if stillLives() { return }
        close()
        try check()
        guard let limit else { return }
        let parameters = try ConnectionParameters.make(target, password: password, within: limit)
        guard let handle = ConnectionHandle(starting: parameters) else {
            throw PostgresError(.connect, "no memory for a connection to the database")
        }
        link = Link(handle)
        // "If the last call to PQconnectPoll returned nothing yet, behave as if it had returned PGRES_POLLING_WRITING."
        var progress = ConnectionHandle.Progress.wantsWrite
        if link!.handle.isBad { progress = .failed }
        while true {
            switch progress {
            case .wantsRead: _ = try wait(for: POLLIN)
            case .wantsWrite: _ = try wait(for: POLLOUT)
            case .failed: throw refused()
            case .connected:
                guard link!.handle.makeNonBlocking() else { throw refused() }
                return
            }
            progress = link!.handle.advance()
        }
    }

    /// Reads what lies on the socket, to its end: a farewell of the server comes before the end-of-file.
    private func stillLives() -> Bool {
        guard let link else { return false }
        while Readiness.isReadable(link.handle.descriptor) {
            guard link.handle.consumeInput(), !link.handle.isBad else { return false }
        }
        return !link.handle.isBad
    }

    private func refused() -> PostgresError {
        let said = link?.handle.message ?? ""
        let wantsPassword = link?.handle.wantsPassword == true
        close()
        return ConnectionParameters.refusal(
            said: oneLine(said), wantsPassword: wantsPassword, target: target, password: password)
    }

    /// One line without the place in the server's source, and without the password wherever it might have got to.
    private func oneLine(_ text: String) -> String {
        ConnectionParameters.scrubbed(text, password: password)
    }
}
