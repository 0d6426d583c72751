import Core
import Glibc

/// The least that a poll costs: its system calls alone, on a socket of its own for each agent, with no HTTP library, no task, no
/// wait for readiness and no look at what has come, but for its length.
@safe
final class RawPolls {
    private let hosts: [sockaddr_in]
    private let request: [UInt8]
    private var sockets: [Int32] = []
    /// Bytes of each agent's answer; as long in each round, but for one that has changed its state in between.
    private var lengths: [Int] = []
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(_ agents: [AgentTarget], port: Int, token: String) throws {
        hosts = try agents.map { agent in
            guard let number = DNSName.ipv4(agent.address) else { throw BenchError("\(agent.address) is no address") }
            var host = sockaddr_in()
            host.sin_family = sa_family_t(AF_INET)
            host.sin_port = in_port_t(port).bigEndian
            host.sin_addr.s_addr = number.bigEndian
            return host
        }
        request = Array(
            """
            GET /status HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            User-Agent: zlh-controller\r
            Accept: application/json\r
            Authorization: Bearer \(token)\r
            \r\n
            """.utf8)
    }

    deinit { closeAll() }

    /// Opens a connection to each and asks once over it; closes those of before. `batch` of them are under way at once.
    func fresh(batch: Int) throws {
        closeAll()
        lengths = []
        try ask(batch: batch) { index in
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard socket >= 0 else { throw BenchError("no socket: \(errno)") }
            sockets.append(socket)
            var host = hosts[index]
            let code = unsafe withUnsafePointer(to: &host) { host in
                unsafe host.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe connect(socket, address, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard code == 0 else { throw BenchError("no connection: \(errno)") }
        }
    }

    /// Asks each once over the connection that it has.
    func kept(batch: Int) throws { try ask(batch: batch) { _ in } }

    func closeAll() {
        for socket in sockets { close(socket) }
        sockets = []
    }

    private func ask(batch: Int, _ open: (Int) throws -> Void) throws {
        for start in stride(from: 0, to: hosts.count, by: batch) {
            let turn = start..<min(start + batch, hosts.count)
            for index in turn {
                try open(index)
                guard unsafe send(sockets[index], request, request.count, Int32(MSG_NOSIGNAL)) == request.count
                else { throw BenchError("a request was not sent: \(errno)") }
            }
            for index in turn {
                if index < lengths.count {
                    try receive(index, until: { _, count in count >= lengths[index] })
                } else {
                    lengths.append(try receive(index, until: RawPolls.isWhole))
                }
            }
        }
    }

    @discardableResult
    private func receive(_ index: Int, until isWhole: ([UInt8], Int) -> Bool) throws -> Int {
        var count = 0
        repeat {
            let room = buffer.count - count
            let more = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(sockets[index], bytes.baseAddress?.advanced(by: count), room, 0)
            }
            guard more > 0 else { throw BenchError("an answer was cut short: \(errno)") }
            count += more
        } while !isWhole(buffer, count)
        guard buffer.starts(with: "HTTP/1.1 200 ".utf8) else { throw BenchError("an agent did not answer 200") }
        return count
    }

    /// Whether the head is there and as much after it as it announces.
    private static func isWhole(_ bytes: [UInt8], _ count: Int) -> Bool {
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        guard let end = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        for line in text[..<end.lowerBound].split(separator: "\r\n")
        where line.lowercased().hasPrefix("content-length:") {
            let digits = line.drop { $0 != ":" }.dropFirst().filter { $0 != " " }
            guard let length = Int(digits) else { return false }
            return text.utf8.distance(from: end.upperBound, to: text.utf8.endIndex) >= length
        }
        return false
    }
}
