import CCurl
import Core

/// What is the same for every handle of one client.
struct HandleKind: Sendable {
    var trust: HTTPTrust
    /// Seconds.
    var keepsFor: Int
    /// Bytes.
    var readsAtOnce: Int
}

/// An easy handle with every option set that is the same for all transfers of one client.
///
/// Making one and setting it up costs more than a small answer does, so one that brought a plain read is used again: see
/// ``PreparedHandles``. What differs is set by each ``Transfer``, all of it, so that nothing is left of the one before.
@safe
final class PreparedHandle {
    let easy: EasyHandle
    let pin: PinHandle?
    private let errorText: UnsafeMutablePointer<CChar>
    private let noted: UnsafeMutablePointer<Int32>

    init(_ kind: HandleKind) throws(HTTPFailure) {
        guard let easy = EasyHandle() else { throw HTTPFailure.outOfMemory }
        var pin: PinHandle?
        if case .certificate(let fingerprint) = kind.trust.rule {
            pin = PinHandle(fingerprint)
            guard pin != nil else { throw HTTPFailure.outOfMemory }
        }
        try easy.harden()
        try easy.set(CURLOPT_MAXAGE_CONN, kind.keepsFor)
        try easy.set(CURLOPT_BUFFERSIZE, kind.readsAtOnce)
        try unsafe easy.trust(kind.trust, pin: pin?.pointer)
        self.easy = easy
        self.pin = pin
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe noted = .allocate(capacity: 1)
        unsafe noted.initialize(to: 0)
        try self.easy.check(unsafe zlh_easy_set_pointer(self.easy.pointer, CURLOPT_ERRORBUFFER, errorText))
        try self.easy.check(unsafe zlh_easy_note_shortage(self.easy.pointer, noted))
    }

    deinit {
        unsafe errorText.deallocate()
        unsafe noted.deallocate()
    }

    /// libcurl's own sentence about the last fault; empty when there was none.
    var text: String { unsafe String(cString: errorText) }

    /// The errno with which the system had no socket for this process, since it was last forgotten; 0 when it had.
    var shortage: Int32 { unsafe noted.pointee }
    func forgetShortage() { unsafe noted.pointee = 0 }
}

/// Handles that wait for their next transfer: a few, whatever the number of hosts, and without anything of a request.
struct PreparedHandles: ~Copyable {
    /// Each is some 7 kB.
    private static let most = 64

    private let kind: HandleKind
    private var idle: [PreparedHandle] = []

    init(_ kind: HandleKind) { self.kind = kind }

    /// A write gets a new one: until libcurl begins, a used handle still tells how much its last transfer has sent, and of a
    /// write it has to be known that nothing was.
    mutating func take(for request: HTTPRequest) throws(HTTPFailure) -> PreparedHandle {
        if request.method == .get, let handle = idle.popLast() { return handle }
        return try PreparedHandle(kind)
    }

    /// Keeps the handle of a transfer that is over, if it brought a plain read. libcurl copies the parts of a URL and keeps
    /// them until the next transfer, so one with a query, where a service may want its token, is not kept.
    mutating func give(_ handle: PreparedHandle, after request: HTTPRequest) {
        guard idle.count < Self.most, request.method == .get, request.body == nil, !request.url.utf8.contains(63),
            unsafe zlh_easy_set_headers(handle.easy.pointer, nil) == CURLE_OK,
            unsafe zlh_easy_set_string(handle.easy.pointer, CURLOPT_URL, nil) == CURLE_OK
        else { return }
        idle.append(handle)
    }
}
