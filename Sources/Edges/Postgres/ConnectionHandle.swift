internal import CLibpq

/// Owns one `PGconn`.
@safe struct ConnectionHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Begins a connection; nil when libpq has no memory for it.
    init?(starting parameters: [(String, String)]) {
        var keys = unsafe [UnsafePointer<CChar>?]()
        var values = unsafe [UnsafePointer<CChar>?]()
        let copies = CStrings(parameters.flatMap { [$0.0, $0.1] })
        for index in parameters.indices {
            unsafe keys.append(copies[2 * index])
            unsafe values.append(copies[2 * index + 1])
        }
        unsafe keys.append(nil)
        unsafe values.append(nil)
        // PQconnectStartParams: NULL when out of memory; every other failure shows in PQstatus.
        guard let pointer = unsafe PQconnectStartParams(&keys, &values, 0) else { return nil }
        unsafe self.pointer = pointer
        // The SQLSTATE of a refused connection is only in the verbose text.
        unsafe PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        unsafe PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    }

    // "PQfinish should be called even if the connection attempt fails." It only tries to send its farewell.
    deinit { unsafe PQfinish(pointer) }

    enum Progress { case wantsRead, wantsWrite, connected, failed }

    var isBad: Bool { unsafe PQstatus(pointer) == CONNECTION_BAD }
    /// May change with every ``advance()``; -1 when there is none.
    var descriptor: Int32 { unsafe PQsocket(pointer) }
    var wantsPassword: Bool { unsafe PQconnectionNeedsPassword(pointer) != 0 }
    var isIdle: Bool { unsafe PQtransactionStatus(pointer) == PQTRANS_IDLE }
    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(pointer)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }
    /// Of the server, as 150004 for 15.4; 0 without a connection.
    var serverVersion: Int { Int(unsafe PQserverVersion(pointer)) }
    var message: String { unsafe PQerrorMessage(pointer).map { unsafe String(cString: $0) } ?? "" }

    func advance() -> Progress {
        switch unsafe PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: .wantsRead
        case PGRES_POLLING_WRITING: .wantsWrite
        case PGRES_POLLING_OK: .connected
        default: .failed
        }
    }

    /// PQsetnonblocking: 0, or -1.
    func makeNonBlocking() -> Bool { unsafe PQsetnonblocking(pointer, 1) == 0 }

    /// Queues one statement with parameters as text; PQsendQueryParams: 1, or 0 on failure.
    func send(_ sql: String, _ parameters: [String?]) -> Bool {
        let copies = CStrings(parameters)
        var values = unsafe copies.pointers
        return unsafe PQsendQueryParams(pointer, sql, Int32(parameters.count), nil, &values, nil, nil, 0) == 1
    }

    /// Queues several statements at once; PQsendQuery: 1, or 0 on failure.
    func send(script sql: String) -> Bool { unsafe PQsendQuery(pointer, sql) == 1 }

    /// Has the rows of what was just sent come each as a result of its own; PQsetSingleRowMode: 1, or 0 when it is too late.
    func deliverRowByRow() -> Bool { unsafe PQsetSingleRowMode(pointer) == 1 }

    /// PQflush: 0 all sent, 1 some left, -1 failed.
    func flush() -> Int32 { unsafe PQflush(pointer) }
    /// PQconsumeInput: 1, or 0 when the connection is in trouble.
    func consumeInput() -> Bool { unsafe PQconsumeInput(pointer) == 1 }
    /// PQisBusy: 1 when PQgetResult would block.
    var isBusy: Bool { unsafe PQisBusy(pointer) == 1 }

    /// The next result of what was sent; nil when there is no more.
    func nextResult() -> PostgresResult? {
        guard let result = unsafe PQgetResult(pointer) else { return nil }
        return unsafe PostgresResult(owning: result)
    }

    /// The payload of one notification that has come in.
    func nextNotification() -> String? {
        guard let note = unsafe PQnotifies(pointer) else { return nil }
        defer { unsafe PQfreemem(note) }
        return unsafe note.pointee.extra.map { unsafe String(cString: $0) } ?? ""
    }

    /// What asks the server to stop the running statement; nil without a connection.
    func cancellation() -> CancelRequest? {
        guard let request = unsafe PQgetCancel(pointer) else { return nil }
        return unsafe CancelRequest(owning: request)
    }

    /// The environment variables that would change how libpq connects where `given` is silent.
    ///
    /// Nil when libpq cannot read its defaults, which is an unusable service file.
    static func environmentOverrides(notIn given: Set<String>) -> [String]? {
        guard let options = unsafe PQconndefaults() else { return nil }
        defer { unsafe PQconninfoFree(options) }
        var found: [String] = []
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let variable = unsafe option.pointee.envvar, let value = unsafe Environment.value(variable),
                !value.isEmpty, !given.contains(unsafe String(cString: keyword))
            {
                found.append(unsafe String(cString: variable))
            }
            unsafe option += 1
        }
        return found
    }
}

/// Owns one `PGcancel`.
///
/// Unchecked because libpq documents PQcancel as safe from any thread, and this one is handed over, never shared.
@safe final class CancelRequest: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }
    deinit { unsafe PQfreeCancel(pointer) }

    /// Blocks until the server took the request or the network gave up; the answer does not matter, because the
    /// connection is closed in any case.
    func send() {
        var buffer = [CChar](repeating: 0, count: 256)
        _ = unsafe PQcancel(pointer, &buffer, Int32(buffer.count))
    }
}
