import CCurl
import Core

/// One request under way. Belongs to the client's thread.
@safe
final class Transfer {
    let job: Job
    let pool: MultiHandle
    let handle: PreparedHandle
    private let lines: StringList
    private var received: Received
    private let isRetry: Bool

    var pointer: UnsafeMutableRawPointer { unsafe handle.easy.pointer }

    /// `isRetry` forces a connection of its own.
    init(_ job: Job, pool: MultiHandle, handle: PreparedHandle, isRetry: Bool) throws(HTTPFailure) {
        let remaining = job.deadline - ContinuousClock.now
        guard remaining > .zero else { throw HTTPFailure(.timeout, "no time was left to ask") }
        let request = job.request
        handle.forgetShortage()
        var lines = StringList()
        for line in Transfer.headerLines(of: request) {
            guard lines.append(line) else { throw HTTPFailure.outOfMemory }
        }

        try handle.easy.set(CURLOPT_URL, request.url)
        try handle.easy.set(CURLOPT_USERAGENT, request.userAgent)
        try Transfer.setMethod(of: request, on: handle.easy)
        try handle.easy.check(unsafe zlh_easy_set_headers(handle.easy.pointer, lines.head))
        // The whole deadline is kept by the loop: libcurl 7.88 now and then forgets its own (CURLOPT_TIMEOUT_MS). Zero
        // would mean "no limit".
        let milliseconds = max(1, remaining.wholeMilliseconds)
        try handle.easy.set(
            CURLOPT_CONNECTTIMEOUT_MS, min(milliseconds, max(1, Int(request.connectTimeout.microseconds / 1000))))
        // Refuses by Content-Length before a byte of the body; zero would mean "no limit".
        try handle.easy.set(CURLOPT_MAXFILESIZE_LARGE, offset: max(1, request.maxBody))
        // libcurl caches the "lookup" of an address too, and after each transfer looks for old ones through all it has.
        try handle.easy.set(CURLOPT_DNS_CACHE_TIMEOUT, request.hasNumericHost ? 0 : 60)
        // libcurl sends a request again by itself when a kept connection turns out closed, a POST too. That is right
        // for a read and wrong for a write, so a write never gets a kept connection.
        try handle.easy.set(CURLOPT_FRESH_CONNECT, isRetry || request.method != .get ? 1 : 0)

        self.job = job
        self.pool = pool
        self.handle = handle
        self.lines = lines
        self.isRetry = isRetry
        received = Received(maxBody: request.maxBody)

        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try handle.easy.check(
            unsafe zlh_easy_set_pointer(pointer, CURLOPT_PRIVATE, UnsafeMutableRawPointer(bitPattern: UInt(job.id))))
        try handle.easy.check(
            unsafe zlh_easy_on_header(
                pointer,
                { bytes, size, count, context in
                    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                    return unsafe transfer.received.take(headerLine: line) ? size * count : 0
                }, context))
        try handle.easy.check(
            unsafe zlh_easy_on_body(
                pointer,
                { bytes, size, count, context in
                    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
                    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                    return unsafe transfer.received.take(body: piece) ? size * count : 0
                }, context))
    }

    private static func headerLines(of request: HTTPRequest) -> [String] {
        var lines: [String] = []
        if !request.headers.contains(where: { $0.name.lowercased() == "accept" }) {
            lines.append("Accept: application/json")
        }
        // "Expect: 100-continue" would hold a large body back; a type that nobody named would be a guess.
        if request.method != .get || request.body != nil {
            lines.append("Expect:")
            if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
                lines.append("Content-Type:")
            }
        }
        for header in request.headers {
            let value = header.value.reveal()
            // "Name:" would take the header out; "Name;" sends it empty (CURLOPT_HTTPHEADER(3)).
            lines.append(value.isEmpty ? "\(header.name);" : "\(header.name): \(value)")
        }
        return lines
    }

    private static func setMethod(of request: HTTPRequest, on easy: borrowing EasyHandle) throws(HTTPFailure) {
        if request.method == .get && request.body == nil {
            try easy.set(CURLOPT_HTTPGET, 1)
            return
        }
        // Proxmox refuses a DELETE with a body, even an empty one, so nothing is sent where there is none.
        if let body = request.body {
            try easy.set(CURLOPT_POST, 1)
            try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
            let code = unsafe body.withUnsafeBytes { bytes in
                unsafe zlh_easy_set_pointer(
                    easy.pointer, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
            try easy.check(code)
        } else if request.method == .post {
            try easy.set(CURLOPT_POST, 1)
            try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: 0)
        }
        try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
}

extension Transfer {
    enum Outcome {
        case finished(Result<HTTPResponse, HTTPFailure>)
        case again
    }

    /// What became of it, after libcurl said `code`.
    func outcome(_ code: CURLcode) -> Outcome {
        if code == CURLE_OK {
            guard received.isHeadComplete else { return .finished(.failure(failure(CURLE_PARTIAL_FILE))) }
            guard (100...999).contains(received.status) else {
                return .finished(
                    .failure(HTTPFailure(.malformed, "the status line makes no sense", mayHaveBeenSent: true)))
            }
            return .finished(
                .success(
                    HTTPResponse(
                        status: received.status, reason: received.reason, headers: received.headers,
                        body: received.body)))
        }
        // A kept connection that was closed under a read: libcurl notices most, a reset among the sent bytes not
        // always.
        let isReused = handle.easy.number(CURLINFO_NUM_CONNECTS) == 0
        if !isRetry, job.request.method == .get, isReused, !received.hasAny,
            [CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR].contains(code)
        {
            return .again
        }
        return .finished(.failure(failure(code)))
    }

    func timedOut() -> HTTPFailure { failure(CURLE_OPERATION_TIMEDOUT) }

    func withheld() -> HTTPFailure { HTTPFailure(.timeout, "its time was over before it could be sent") }

    func cancelled() -> HTTPFailure {
        HTTPFailure(.notRead, HTTPFailure.cancelled, mayHaveBeenSent: mayHaveBeenSent)
    }

    /// Whether a byte of the request may have left.
    var mayHaveBeenSent: Bool {
        isRetry || received.hasAny || handle.easy.number(CURLINFO_REQUEST_SIZE) > 0
            || handle.easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0
    }

    private func failure(_ code: CURLcode) -> HTTPFailure {
        let fault = TransferFault(
            code: code, osError: handle.easy.number(CURLINFO_OS_ERRNO), shortage: handle.shortage,
            isOversize: received.isOversize,
            isConnected: handle.easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0,
            refusedCertificate: handle.pin?.refused, text: handle.text)
        return HTTPFailure(fault.unknown, fault.detail, mayHaveBeenSent: mayHaveBeenSent)
    }
}

extension Duration {
    /// Rounded up, so that a deadline does not fire before its time.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
