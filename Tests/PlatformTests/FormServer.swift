import Curl
import Glibc

/// A ``RawServer`` for calls that are forms: reads the body of each request before it answers.
struct FormServer: Sendable {
    struct Call: Sendable {
        var head: String
        var body: String
        var target: String { String(head.split(separator: " ").dropFirst().first ?? "") }
    }

    private let server: RawServer
    private let recorded: Locked<[Call]>

    var url: String { server.url }
    var calls: [Call] { recorded.withLock { $0 } }

    /// - Parameter answer: what is sent for the n-th call, from 1; nil closes the connection without a word.
    init(_ answer: @escaping @Sendable (_ number: Int, _ call: Call) -> String?) throws {
        let recorded = Locked<[Call]>([])
        self.recorded = recorded
        server = try RawServer { connection in
            while let call = connection.call() {
                let number = recorded.withLock { calls in
                    calls.append(call)
                    return calls.count
                }
                guard let text = answer(number, call), connection.send(text) else { return }
            }
        }
    }
}

extension Connection {
    func call() -> FormServer.Call? {
        guard let head = request() else { return nil }
        let length = head.split(separator: "\r\n").compactMap { line -> Int? in
            line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
        }.first
        var body: [UInt8] = []
        var byte: UInt8 = 0
        while body.count < length ?? 0, unsafe recv(socket, &byte, 1, 0) == 1 { body.append(byte) }
        return FormServer.Call(head: head, body: String(decoding: body, as: UTF8.self))
    }
}
