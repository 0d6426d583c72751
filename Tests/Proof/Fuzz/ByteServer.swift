import Curl
import Foundation
import Glibc

/// A server on loopback that sends the bytes of the moment to whoever connects, and closes.
final class ByteServer: Sendable {
    struct CannotListen: Error {}

    static let shared = Result { try ByteServer() }

    let port: Int
    let bytes = Locked<[UInt8]>([])

    private init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                let code = unsafe bind(listener, raw, length)
                return code == 0 ? unsafe getsockname(listener, raw, &length) : code
            }
        }
        guard code == 0, listen(listener, 16) == 0 else { throw CannotListen() }
        port = Int(UInt16(bigEndian: address.sin_port))
        let bytes = bytes
        Thread.detachNewThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                ByteServer.serve(bytes.withLock { $0 }, to: client)
                close(client)
            }
        }
    }

    private static func serve(_ bytes: [UInt8], to client: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
        shutdown(client, Int32(SHUT_WR))
        // What was asked is read to its end: closing before would reset the connection, and take bytes from the answer.
        var sink = [UInt8](repeating: 0, count: 4096)
        while unsafe recv(client, &sink, sink.count, 0) > 0 {}
    }
}
