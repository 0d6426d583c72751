internal import CHiredis
internal import Glibc

/// Owns one `redisContext`: hiredis connects, formats commands and parses replies; bytes are moved here.
///
/// hiredis 0.14 writes with write(2), which raises SIGPIPE when the server is gone, and reads as much as a server cares to
/// send. Both are why its own buffers are not used.
@safe struct RedisHandle: ~Copyable {
    private let context: UnsafeMutablePointer<redisContext>

    /// Begins a connection to a numeric address; nil when there is no memory for it.
    init?(connectingTo address: String, port: Int) {
        // redisConnectNonBlock: NULL when out of memory; every other failure shows in `err`.
        guard let context = unsafe redisConnectNonBlock(address, Int32(port)) else { return nil }
        unsafe self.context = context
        if let reader = unsafe context.pointee.reader { unsafe reader.pointee.fn = ArrayLimit.functions }
        if unsafe context.pointee.fd >= 0 { _ = unsafe fcntl(context.pointee.fd, F_SETFD, FD_CLOEXEC) }
    }

    deinit { unsafe redisFree(context) }

    var descriptor: Int32 { unsafe context.pointee.fd }

    /// Why connecting failed; nil while it has not. What was said once is not said again.
    func connectFailure() -> String? {
        if unsafe context.pointee.err != 0 {
            return unsafe withUnsafePointer(to: &context.pointee.errstr) { text in
                unsafe text.withMemoryRebound(to: CChar.self, capacity: 128) { unsafe String(cString: $0) }
            }
        }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        // getsockopt(2): 0, or -1 for a descriptor that is none.
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return "errno \(errno)" }
        return code == 0 ? nil : unsafe String(cString: strerror(code))
    }

    /// One command as Redis wants it; nil when there is no memory for it.
    static func format(_ arguments: [String]) -> [UInt8]? {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        var lengths: [Int] = []
        for argument in arguments {
            offsets.append(bytes.count)
            lengths.append(argument.utf8.count)
            bytes += argument.utf8.map { CChar(bitPattern: $0) }
        }
        bytes.append(0)
        var target: UnsafeMutablePointer<CChar>?
        let length = unsafe bytes.withUnsafeBufferPointer { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return -1 }
            var pointers = unsafe offsets.map { offset -> UnsafePointer<CChar>? in unsafe base + offset }
            // redisFormatCommandArgv: the length, or -1 when out of memory.
            return unsafe redisFormatCommandArgv(&target, Int32(arguments.count), &pointers, lengths)
        }
        guard length >= 0, let target = unsafe target else { return nil }
        defer { unsafe redisFreeCommand(target) }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: target, count: Int(length)))
    }

    enum Moved: Equatable {
        case bytes(Int)
        case wouldBlock
        case closed(String)
    }

    func send(_ bytes: ArraySlice<UInt8>) -> Moved {
        // send(2): the number of bytes, or -1 with EAGAIN, EINTR or a reason why the connection is over.
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, quietly) }
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .closed("errno \(errno)")
    }

    /// Reads what is there, at most 64 KB, and hands it to the parser.
    func receive() -> Moved {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count == 0 { return .closed("the server closed the connection") }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .wouldBlock : .closed("errno \(errno)") }
        let status = unsafe chunk.withUnsafeBytes { bytes in
            // redisReaderFeed: REDIS_OK, or REDIS_ERR when out of memory or already broken.
            unsafe redisReaderFeed(
                context.pointee.reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
        }
        return status == REDIS_OK ? .bytes(count) : .closed("no memory for the answer")
    }

    enum Parsed: Equatable {
        case reply(RedisReply)
        case incomplete
        case broken
    }

    func nextReply() -> Parsed {
        var raw: UnsafeMutableRawPointer?
        // redisReaderGetReply: REDIS_OK with NULL while a reply is incomplete; REDIS_ERR on anything but RESP2.
        guard unsafe redisReaderGetReply(context.pointee.reader, &raw) == REDIS_OK else { return .broken }
        guard let raw = unsafe raw else { return .incomplete }
        defer { unsafe freeReplyObject(raw) }
        return unsafe RedisReply(copying: raw.assumingMemoryBound(to: redisReply.self)).map(Parsed.reply) ?? .broken
    }
}

private let quietly = Int32(MSG_NOSIGNAL)

/// hiredis makes room for as many elements as a reply announces, before one of them has come.
private enum ArrayLimit {
    static let most: Int32 = 65_536

    /// hiredis's own functions, behind a limit on arrays. One copy for all connections, never freed.
    nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions>? = {
        guard let original else { return nil }
        let copy = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        unsafe copy.initialize(to: original)
        unsafe copy.pointee.createArray = { task, elements in
            // NULL: the reader is broken from here on ("out of memory").
            elements > ArrayLimit.most ? nil : unsafe ArrayLimit.original?.createArray?(task, elements)
        }
        return unsafe copy
    }()

    /// Read once from a reader that exists for no other purpose.
    private static let original: redisReplyObjectFunctions? = {
        guard let reader = unsafe redisReaderCreate() else { return nil }
        defer { unsafe redisReaderFree(reader) }
        return unsafe reader.pointee.fn?.pointee
    }()
}
