import Curl
import Glibc

/// A server that behaves as ``Serving`` says, for as long as it is held.
struct FaultyServer: Sendable {
    let port: UInt16
    private let server: RawServer?
    private let held: Held?
    private let house: DatabaseHouse?

    /// Keeps a port bound and not listening.
    private final class Held: Sendable {
        let socket: Int32
        init(_ socket: Int32) { self.socket = socket }
        deinit { close(socket) }
    }

    init(_ serving: Serving) async throws {
        if case .nobody = serving {
            let bound = try RawServer.bound()
            (port, server, held, house) = (bound.port, nil, Held(bound.socket), nil)
            return
        }
        if case .database(let scene) = serving {
            let house = try await DatabaseHouse(scene)
            let server = try RawServer { house.relay($0) }
            (port, self.server, held, self.house) = (server.port, server, nil, house)
            return
        }
        let count = Locked(0)
        let server = try RawServer { connection in
            switch serving {
            case .answersBy(let answer):
                while let target = connection.wholeRequest() {
                    let number = count.withLock { count in
                        count += 1
                        return count
                    }
                    guard connection.send(answer(target, number)) else { return }
                }
            case .at(let path, let fault, let others):
                while let target = connection.wholeRequest() {
                    if target.hasPrefix(path) {
                        guard fault.perform(connection) else { return }
                        continue
                    }
                    guard case .nobody = fault, target.hasSuffix("/access/permissions") else {
                        guard connection.send(others(target)) else { return }
                        continue
                    }
                    connection.endListening()
                    connection.send(others(target).replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n"))
                    return
                }
            case .answers: while connection.wholeRequest() != nil, serving.perform(connection) {}
            case .resets, .drips:
                connection.waitForFirstByte()
                _ = serving.perform(connection)
            case .nobody, .hangs, .says, .floods, .database: _ = serving.perform(connection)
            }
        }
        (port, self.server, held, house) = (server.port, server, nil, nil)
    }
}

extension Connection {
    /// Until then a reset could come before the connection is made.
    fileprivate func waitForFirstByte() {
        var byte: UInt8 = 0
        _ = unsafe recv(socket, &byte, 1, 0)
    }

    /// The target of the next request, read with its body; nil when the client has closed.
    fileprivate func wholeRequest() -> String? {
        guard let head = request() else { return nil }
        let length = head.split(separator: "\r\n").compactMap { line -> Int? in
            line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
        }.first
        var byte: UInt8 = 0
        for _ in 0..<(length ?? 0) { guard unsafe recv(socket, &byte, 1, 0) == 1 else { return nil } }
        return String(head.split(separator: " ").dropFirst().first ?? "")
    }
}

/// What HTTP servers do wrong, whatever they serve.
extension Serving {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"

    static let httpReset = Serving.resets(after: head + "{")
    static let httpDrip = Serving.drips(after: head)
    // With a term that is longer than any deadline, so that nothing is asked twice.
    static let http503 = Serving.answers(answer("503 Later", headers: ["Retry-After: 3000"]))
    static let http401 = Serving.answers(answer("401 Unauthorized"))
    static let http403 = Serving.answers(answer("403 Forbidden"))
    static let http404 = Serving.answers(answer("404 Not Found"))
    static let http429 = Serving.answers(answer("429 Too Many Requests"))
    static let httpEmpty = Serving.answers(answer())
    static let httpPage = Serving.answers(answer("200 OK", "<html>login</html>"))
    static let httpOversize = Serving.answers("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")

    static func json(_ body: String) -> Serving { .answers(answer("200 OK", body)) }
}

extension Serving {
    /// To whom has asked. False when the connection is of no more use.
    func perform(_ connection: Connection) -> Bool {
        switch self {
        case .nobody, .answersBy, .at, .database: return false
        case .hangs: connection.waitForClose()
        case .resets(let text):
            connection.send(text)
            connection.resetOnClose()
        case .drips(let text):
            connection.send(text)
            while connection.send(" ") { usleep(10_000) }
        case .answers(let text): return connection.send(text)
        case .says(let text):
            connection.send(text)
            connection.waitForClose()
        case .floods(let text):
            connection.send(text)
            let chunk = String(repeating: "x", count: 1 << 20)
            while connection.send(chunk) {}
        }
        return false
    }
}
