internal import Glibc

/// Where a service manager hears how a service is: the datagram socket that `NOTIFY_SOCKET` names. sd_notify(3) has the protocol.
///
/// Spoken here and not by libsystemd, which would be one more library for one `sendto`.
package struct NotifySocket: Sendable {
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package var description: String

        package init(description: String) { self.description = description }
    }

    /// As the kernel wants it: an abstract name begins with a zero byte.
    private let path: [UInt8]

    /// Nil where nobody listens, which is what an empty name means, too.
    package init?(environment: [String: String]) throws(Failure) {
        guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else { return nil }
        var path = Array(name.utf8)
        switch path[0] {
        case UInt8(ascii: "/"): break
        case UInt8(ascii: "@"): path[0] = 0
        default: throw Failure(description: "NOTIFY_SOCKET names neither a path nor an abstract socket")
        }
        guard path.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path), !path.dropFirst().contains(0)
        else {
            throw Failure(description: "NOTIFY_SOCKET is no name of a socket")
        }
        self.path = path
    }

    /// Sends assignments in one datagram. Waits for nobody: a service manager that does not read loses it.
    package func send(_ assignments: [String]) throws(Failure) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket could be made: errno \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        // An abstract name is as long as it is said to be; the zero byte behind a path need not be counted.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let text = assignments.joined(separator: "\n")
        let sent = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe sendto(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
        guard sent >= 0 else { throw Failure(description: "the service manager was not reached: errno \(errno)") }
    }
}
