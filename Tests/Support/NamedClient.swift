internal import Foundation
internal import Glibc

/// One connection to a Redis that has a name, as a queue's worker has. It does nothing else, and ends with this value.
package final class NamedClient: Sendable {
    private let descriptor: Int32

    package init(port: Int, name: String, database: Int = 0) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let (own, size) = (descriptor, socklen_t(MemoryLayout<sockaddr_in>.size))
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(own, $0, size) }
        }
        guard status == 0 else { throw PrivateRedis.Failure(description: "no connection: errno \(errno)") }
        try send("SELECT \(database)")
        try rename(name)
    }

    deinit { close(descriptor) }

    /// Waits until Redis has said that it is so.
    package func rename(_ name: String) throws {
        try send("CLIENT SETNAME \(name)")
    }

    private func send(_ line: String) throws {
        let command = Array("\(line)\r\n".utf8)
        var answer = [UInt8](repeating: 0, count: 5)
        guard unsafe write(descriptor, command, command.count) == command.count,
            unsafe recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL)) == answer.count,
            answer == Array("+OK\r\n".utf8)
        else { throw PrivateRedis.Failure(description: "Redis refuses \(line)") }
    }
}
