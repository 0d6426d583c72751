import Curl
import Foundation
import Glibc

/// A TCP server on loopback that does exactly what a test says, hostile things among it.
final class RawServer: Sendable {
    private struct State: Sendable {
        var connections = 0
        var heads: [String] = []
        var open: Set<Int32> = []
        var isStopped = false
        var isListening = true
    }

    struct CannotListen: Error {}

    let port: UInt16
    private let listener: Int32
    private let state = Locked(State())

    var url: String { "http://127.0.0.1:\(port)" }
    var connections: Int { state.withLock { $0.connections } }
    /// Request line and headers of every request that arrived.
    var heads: [String] { state.withLock { $0.heads } }
    /// The targets of the request lines, in order.
    var targets: [String] { heads.map { String($0.split(separator: " ").dropFirst().first ?? "") } }

    /// Each connection is handled on a thread of its own and closed when `handle` returns.
    init(_ handle: @escaping @Sendable (Connection) -> Void) throws {
        (listener, port) = try RawServer.bound()
        guard listen(listener, 512) == 0 else { throw CannotListen() }
        let state = state
        let listener = listener
        Thread.detachNewThread {
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                let number: Int? = state.withLock { state in
                    guard !state.isStopped else { return nil }
                    state.connections += 1
                    state.open.insert(socket)
                    return state.connections
                }
                guard let number else {
                    close(socket)
                    break
                }
                Thread.detachNewThread {
                    handle(
                        Connection(
                            socket: socket, number: number,
                            record: { head in state.withLock { $0.heads.append(head) } },
                            endListening: { RawServer.endListening(listener, state) }))
                    state.withLock { state in
                        state.open.remove(socket)
                        _ = close(socket)
                    }
                }
            }
            state.withLock { state in
                state.isListening = false
                _ = close(listener)
            }
        }
    }

    /// Answers every request on a kept connection.
    static func answering(_ answer: @escaping @Sendable (_ target: String, _ head: String) -> String) throws
        -> RawServer
    {
        try RawServer { connection in
            while let head = connection.request() {
                let target = String(head.split(separator: " ").dropFirst().first ?? "")
                guard connection.send(answer(target, head)) else { return }
            }
        }
    }

    /// Refuses every further connection; those that are there stay.
    func stopListening() { RawServer.endListening(listener, state) }

    /// A closed descriptor may be another's by then.
    private static func endListening(_ listener: Int32, _ state: Locked<State>) {
        state.withLock { if $0.isListening { shutdown(listener, Int32(SHUT_RDWR)) } }
    }

    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            if state.isListening { shutdown(listener, Int32(SHUT_RDWR)) }
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    deinit { stop() }

    /// A port that refuses connections for as long as the socket is held: bound, not listening.
    static func bound() throws -> (socket: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw CannotListen() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                let code = unsafe bind(descriptor, raw, length)
                return code == 0 ? unsafe getsockname(descriptor, raw, &length) : code
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw CannotListen()
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

/// The server's side of one connection.
struct Connection: Sendable {
    let socket: Int32
    /// From 1, in the order of acceptance.
    let number: Int
    private let record: @Sendable (String) -> Void
    /// Makes the server refuse every further connection.
    let endListening: @Sendable () -> Void

    init(
        socket: Int32, number: Int, record: @escaping @Sendable (String) -> Void,
        endListening: @escaping @Sendable () -> Void
    ) {
        self.socket = socket
        self.number = number
        self.record = record
        self.endListening = endListening
    }

    /// The next request up to its empty line; nil when the client has closed.
    func request() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe recv(socket, &byte, 1, 0) == 1 {
            bytes.append(byte)
            if bytes.suffix(4) == [13, 10, 13, 10] {
                let head = String(decoding: bytes, as: UTF8.self)
                record(head)
                return head
            }
        }
        return nil
    }

    /// False when the client has closed.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)[...]) }

    /// False when the client has closed.
    @discardableResult
    func send(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Returns when the client closes.
    func waitForClose() {
        var byte: UInt8 = 0
        while unsafe recv(socket, &byte, 1, 0) == 1 {}
    }

    /// Makes the coming close a reset.
    func resetOnClose() {
        var value = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }
}

/// An HTTP answer with its length.
func answer(_ status: String = "200 OK", _ body: String = "", headers: [String] = []) -> String {
    (["HTTP/1.1 \(status)", "Content-Type: application/json", "Content-Length: \(body.utf8.count)"] + headers + [
        "", body,
    ])
    .joined(separator: "\r\n")
}
