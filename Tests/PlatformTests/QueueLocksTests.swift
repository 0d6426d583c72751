import Core
import Glibc
import Platform
import Redis
import Testing

/// Which jobs have no lock, in a Redis that goes on working between two questions.
@Suite struct QueueLocksTests {
    /// Answers command by command, whatever their order: jobs `1` to `3` are active, `1` ends right after the first listing and `2` had
    /// been taken by another worker a moment before.
    private static func serve(_ connection: Connection) {
        var listings = 0
        var looks: [String: Int] = [:]
        while let command = connection.command() {
            let key = command.count > 1 ? command[1] : ""
            var reply = "$-1\r\n"
            switch command[0] {
            case "INFO": reply = bulk("# Server\r\nrun_id:abc\r\n")
            case "ROLE": reply = "*3\r\n" + bulk("master") + ":0\r\n*0\r\n"
            case "TIME": reply = "*2\r\n" + bulk("1767225600") + bulk("5")
            case "CLIENT": reply = bulk("id=1 name=bull:q\n")
            case "EXISTS": reply = ":1\r\n"
            case "LLEN": reply = key.hasSuffix(":active") ? ":3\r\n" : ":0\r\n"
            case "HEXISTS", "ZCARD": reply = ":0\r\n"
            case "LRANGE" where key.hasSuffix(":active"):
                listings += 1
                reply = listings == 1 ? "*3\r\n" + bulk("1") + bulk("2") + bulk("3") : "*2\r\n" + bulk("2") + bulk("3")
            case "LRANGE", "ZRANGE", "ZRANGEBYSCORE": reply = "*0\r\n"
            case "PTTL":
                looks[key, default: 0] += 1
                reply = key == "bull:q:2:lock" && looks[key] == 2 ? ":25000\r\n" : ":-2\r\n"
            default: break
            }
            guard connection.send(reply) else { return }
        }
    }

    private static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    @Test func aJobThatEndedMeanwhileHasNotLostItsLock() async throws {
        let server = try RawServer { Self.serve($0) }
        let observer = QueueObserver(
            connection: try RedisConnection(RedisTarget(host: "127.0.0.1", port: Int(server.port))), prefix: "bull",
            names: ["q"], timeout: .seconds(20), now: { Timestamp(seconds: 7) })
        let running = try #require(try await observer.read().get().answers.first).queue.get().running
        #expect(running.map(\.id) == ["2", "3"])
        #expect(running.map(\.lock) == [.seconds(25), nil])
    }
}

extension Connection {
    /// The next command of RESP2; nil when the client has closed.
    fileprivate func command() -> [String]? {
        guard let head = line(), head.first == "*", let count = Int(head.dropFirst()) else { return nil }
        var parts: [String] = []
        for _ in 0..<count {
            guard line() != nil, let part = line() else { return nil }
            parts.append(part)
        }
        return parts
    }

    private func line() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe recv(socket, &byte, 1, 0) == 1 {
            bytes.append(byte)
            if bytes.suffix(2) == [13, 10] { return String(decoding: bytes.dropLast(2), as: UTF8.self) }
        }
        return nil
    }
}
