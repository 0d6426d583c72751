import Core
import Platform
import Redis
import Testing

/// Every way in which what answers may not be a Redis with queues.
@Suite struct QueueFaultTests {
    private static let secret = "correct-horse-battery"
    private static let info = bulk("# Server\r\nrun_id:abc\r\n")
    private static let healthy =
        info + "*3\r\n" + bulk("master") + ":0\r\n*0\r\n" + "*2\r\n" + bulk("1767225600") + bulk("5")
        + bulk("id=1 name=bull:q\n")

    private static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private func read(_ port: UInt16, timeout: Span = .seconds(20), password: String? = nil) async throws -> Result<
        QueueReading, ReadFailure
    > {
        let connection = try RedisConnection(
            RedisTarget(host: "127.0.0.1", port: Int(port)), password: password.map { Secret($0) })
        let observer = QueueObserver(
            connection: connection, prefix: "bull", names: ["q"], timeout: timeout, now: { Timestamp(seconds: 7) })
        let result = await observer.read(jobs: [JobReference(queue: "q", id: "1")])
        if case .failure(let failure) = result { #expect(!failure.detail.contains(Self.secret)) }
        return result
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var code: Unknown
        var closes = false
        init(_ name: String, _ answer: String, _ code: Unknown, closes: Bool = false) {
            (testDescription, self.answer, self.code, self.closes) = (name, answer, code, closes)
        }
    }

    /// Beside those of the fault matrix.
    static let faults = [
        Fault("protected mode", "-DENIED Redis is running in protected mode\r\n", .connectionLost, closes: true),
        Fault("MASTERDOWN", .all("-MASTERDOWN Link with MASTER is down"), .loading),
        Fault("unknown command", .all("-ERR unknown command 'INFO', with args beginning with: '\(secret)'"), .rejected),
        Fault("an error without a code", .all("-\(secret)"), .rejected),
        Fault("maxclients", "-ERR max number of clients reached\r\n", .connectionLost, closes: true),
        Fault("nothing", .all("$-1"), .malformed),
        Fault("not UTF-8", "$2\r\n\u{fe}\r\n" + .all("$-1"), .malformed),
        Fault("RESP3", .all("%1\r\n+a\r\n+b"), .malformed),
        Fault("an endless array", "*1000000000\r\n", .malformed),
        Fault("a deep array", String(repeating: "*1\r\n", count: 30), .malformed),
        Fault("closed at once", "", .connectionLost, closes: true),
        Fault("cut", "$100\r\nrun_id:a", .connectionLost, closes: true),
    ]

    @Test(arguments: faults) func everyFaultOfTheServer(_ fault: Fault) async throws {
        let server = try RawServer { connection in
            connection.send(fault.answer)
            if !fault.closes { connection.waitForClose() }
        }
        guard case .failure(let failure) = try await read(server.port, timeout: .seconds(20)) else {
            Issue.record("the fault was read as a fact")
            return
        }
        // A farewell may be overtaken by the reset of the connection: then only the broken connection is seen.
        let mayBe: Set<Unknown> = fault.closes ? [fault.code, .unauthorized, .rejected] : [fault.code]
        #expect(mayBe.contains(failure.code))
        #expect(failure.detail.contains("127.0.0.1:\(server.port)"))
    }

    @Test(arguments: ["+"]) func aFloodIsCutOff(head: String) async throws {
        let server = try RawServer { connection in
            connection.send(head)
            let chunk = String(repeating: "x", count: 1 << 20)
            while connection.send(chunk) {}
        }
        guard case .failure(let failure) = try await read(server.port, timeout: .seconds(60)) else {
            Issue.record("the flood was read as a fact")
            return
        }
        #expect(failure.code == .oversize)
    }

    static let queueFaults = [
        Fault("NOPERM", .many("-NOPERM this user has no permissions to access one of the keys"), .forbidden),
        Fault("WRONGTYPE", .many("-WRONGTYPE Operation against a key"), .unknownLayout),
        Fault("text for numbers", .many("+OK"), .malformed),
        Fault("numbers for lists", .many(":0"), .malformed),
        Fault("an error in the middle", .many(":0", 2) + .many("-ERR no", 60), .rejected),
        Fault("more jobs than there can be", .queue(length: "9223372036854775807"), .malformed),
        Fault("fewer jobs than none", .queue(length: "-9223372036854775808"), .malformed),
    ]

    @Test(arguments: queueFaults) func everyFaultOfAQueueIsItsOwn(_ fault: Fault) async throws {
        let server = try RawServer { connection in
            connection.send(Self.healthy + fault.answer)
            connection.waitForClose()
        }
        let reading = try await read(server.port).get()
        #expect(reading.runID == "abc")
        guard case .failure(let failure) = reading.answers.first?.queue else {
            Issue.record("the fault was read as a fact")
            return
        }
        #expect(failure.code == fault.code)
        let judged = try #require(Queues.judge(reading).value)
        #expect(judged.job(JobReference(queue: "q", id: "1")).unknown == fault.code)
    }

    @Test func theMiddleOfAQueueMayHang() async throws {
        let server = try RawServer { connection in
            connection.send(Self.healthy + .many(":0", 5))
            connection.waitForClose()
        }
        guard case .failure(let failure) = try await read(server.port, timeout: .milliseconds(300)) else {
            Issue.record("half a queue was read as a whole one")
            return
        }
        #expect(failure.code == .timeout)
    }

    @Test func aPasswordIsNeverRepeated() async throws {
        let server = try RawServer { connection in
            connection.send(.all("-ERR unknown command 'AUTH', with args beginning with: '\(Self.secret)'"))
            connection.waitForClose()
        }
        guard case .failure(let failure) = try await read(server.port, password: Self.secret) else {
            Issue.record("a refused password was accepted")
            return
        }
        #expect(failure.code == .rejected)
    }
}

extension String {
    /// The same reply to each of the first commands.
    fileprivate static func all(_ reply: String) -> String { many(reply, 4) }
    /// A whole answer about a queue without jobs, of which each list claims so many.
    fileprivate static func queue(length: String) -> String {
        let head =
            many(":1", 1) + many(":0", 1) + many("$-1", 1) + many(":" + length, 6) + many("*0", 5) + many("$-1", 1)
        let heads = length.hasPrefix("-") ? "" : many("*0", 1)
        let search = many("$-1", 3) + String(repeating: ":0\r\n$-1\r\n", count: 3)
        return head + heads + search + search
    }
    fileprivate static func many(_ reply: String, _ count: Int = 60) -> String {
        String(repeating: reply + "\r\n", count: count)
    }
}
