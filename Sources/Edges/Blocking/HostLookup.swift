internal import Glibc

/// Turns a host name into an address within a limit: getaddrinfo(3) knows none, so it runs on a thread of its own.
///
/// Unchecked because `answer` is only touched with the lock held.
package final class HostLookup: @unchecked Sendable {
    private let lock = ThreadLock()
    private let done: WakeSignal
    private var answer: [String] = []

    private init() throws(BlockingError) { done = try WakeSignal() }

    /// The addresses of `host`, which may be an address already; never none.
    package static func addresses(of host: String, within limit: CallLimit) throws(BlockingError) -> [String] {
        let numeric = resolve(host, flags: AI_NUMERICHOST)
        if !numeric.isEmpty { return numeric }
        let lookup = try HostLookup()
        try DetachedThread.start {
            let answer = resolve(host, flags: AI_ADDRCONFIG)
            lookup.lock.withLock { lookup.answer = answer }
            lookup.done.signal()
        }
        switch Readiness.wait(lookup.done.descriptor, for: POLLIN, within: limit) {
        case .ready:
            let found = lookup.lock.withLock { lookup.answer }
            if !found.isEmpty { return found }
            throw BlockingError(.noAddress, host)
        case .expired:
            throw BlockingError(.timeout, host)
        case .cancelled: throw BlockingError(.cancelled, host)
        }
    }

    private static func resolve(_ host: String, flags: Int32) -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = flags
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // getaddrinfo(3): 0, or an EAI_ code.
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var next = unsafe list
        while let entry = unsafe next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            // getnameinfo(3): 0, or an EAI_ code.
            let status = unsafe getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            if status == 0 {
                addresses.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}
