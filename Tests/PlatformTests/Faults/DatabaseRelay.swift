import Glibc

/// One connection of a client, carried on to a PostgreSQL. It knows where the server's messages begin and end, and no more.
final class DatabaseRelay {
    private let client: Connection
    private let upstream: Int32

    /// Nil when nobody listens there.
    init?(_ client: Connection, to port: UInt16) {
        self.client = client
        upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard upstream >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                unsafe connect(upstream, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { return nil }
    }

    deinit { if upstream >= 0 { close(upstream) } }

    /// Carries the first message on, with another user and another database in it. False for a request to cancel, and when the
    /// client has closed.
    func welcome(user: String, database: String) -> Bool {
        while let head = take(8) {
            let (length, code) = (DatabaseRelay.number(head[0..<4]), DatabaseRelay.number(head[4..<8]))
            switch code {
            // SSLRequest: the way is plain.
            case 80_877_103: client.send("N")
            // Version 3.0, then names and values, each with its zero, and a zero at the end.
            case 196_608:
                guard length >= 8, let rest = take(length - 8) else { return false }
                var words = rest.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
                for index in stride(from: 0, to: words.count - 1, by: 2) {
                    if words[index] == Array("user".utf8) { words[index + 1] = Array(user.utf8) }
                    if words[index] == Array("database".utf8) { words[index + 1] = Array(database.utf8) }
                }
                let body = Array(words.joined(separator: [0]))
                let size = UInt32(body.count + 8)
                let lead = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } + head[4..<8]
                return carry(lead + body, to: upstream)
            default: return false
            }
        }
        return false
    }

    /// Carries everything until one of both has closed, and misbehaves from the first row on that holds `mark`.
    func run(_ wire: DatabaseScene.Wire, from mark: String) {
        var pending: [UInt8] = []
        while true {
            var both = [
                pollfd(fd: client.socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&both, 2, -1) > 0 else { return }
            if both[0].revents != 0 {
                let bytes = receive(client.socket)
                guard !bytes.isEmpty, carry(bytes, to: upstream) else { return }
            }
            guard both[1].revents != 0 else { continue }
            let bytes = receive(upstream)
            if bytes.isEmpty { return }
            pending += bytes
            while let message = DatabaseRelay.message(&pending) {
                let isMarked = message[0] == UInt8(ascii: "D") && DatabaseRelay.holds(message, mark)
                guard isMarked, wire != .whole else {
                    guard client.send(message[...]) else { return }
                    continue
                }
                client.send(message.prefix(message.count / 2))
                switch wire {
                case .whole: break
                case .hangs: client.waitForClose()
                case .resets: client.resetOnClose()
                case .drips:
                    // Slowly enough that no deadline sees the end of the row.
                    for byte in message.suffix(from: message.count / 2) {
                        guard client.send([byte]) else { return }
                        usleep(50_000)
                    }
                }
                return
            }
        }
    }

    /// The first whole message: a letter, and a length that counts itself.
    private static func message(_ pending: inout [UInt8]) -> [UInt8]? {
        guard pending.count >= 5 else { return nil }
        let length = number(pending[1..<5]) + 1
        guard pending.count >= length else { return nil }
        defer { pending.removeFirst(length) }
        return Array(pending.prefix(length))
    }

    private static func holds(_ message: [UInt8], _ mark: String) -> Bool {
        String(decoding: message, as: UTF8.self).contains(mark)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    private func take(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < count {
            guard unsafe recv(client.socket, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private func receive(_ socket: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(socket, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    private func carry(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
