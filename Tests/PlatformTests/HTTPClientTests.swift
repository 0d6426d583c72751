import Core
import Curl
import Foundation
import Glibc
import Testing

@Suite struct HTTPClientTests {
    private let client = HTTPClient()

    private func get(_ url: String, timeout: Span = .seconds(20), maxBody: Int = 1 << 20) -> HTTPRequest {
        HTTPRequest(.get, url, timeout: timeout, maxBody: maxBody)
    }

    private func outcome(_ request: HTTPRequest) async -> HTTPFailure? {
        do throws(HTTPFailure) {
            _ = try await client.send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func returnsTheAnswerAsItIs() async throws {
        let server = try RawServer.answering { _, _ in
            "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
                + answer("404 Nothing here, sorry", "no", headers: ["X-Thing:  a b \t", "x-thing: second"])
        }
        let response = try await client.send(get(server.url + "/a?b=c"))
        #expect(response.status == 404)
        #expect(response.reason == "Nothing here, sorry")
        #expect(response.headers["X-THING"] == "a b")
        #expect(response.headers["X-Interim"] == nil)
        #expect(response.body == Array("no".utf8))
        #expect(server.targets == ["/a?b=c"])
    }

    @Test func sendsNothingThatWasNotAsked() async throws {
        let server = try RawServer.answering { _, _ in answer(headers: ["Set-Cookie: a=b"]) }
        for _ in 0..<2 {
            var request = get(server.url)
            request.headers = [.init("Authorization", Secret("Bearer t")), .init("X-Empty", "")]
            _ = try await client.send(request)
        }
        for head in server.heads {
            let names = head.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != ":" } }
            #expect(names.sorted() == ["Accept", "Authorization", "Host", "User-Agent", "X-Empty"])
            #expect(head.contains("User-Agent: zlh-controller\r\n"))
            #expect(head.contains("Authorization: Bearer t\r\n"))
        }
    }

    @Test func doesNotUnpackWhatItDidNotAskFor() async throws {
        let server = try RawServer.answering { _, _ in answer("200 OK", "xyz", headers: ["Content-Encoding: gzip"]) }
        #expect(try await client.send(get(server.url)).body == Array("xyz".utf8))
    }

    @Test func sendsABodyWithItsLength() async throws {
        let server = try RawServer { connection in
            guard let head = connection.request(), head.contains("Content-Length: 5\r\n") else { return }
            var body = [UInt8](repeating: 0, count: 5)
            guard unsafe recv(connection.socket, &body, 5, Int32(MSG_WAITALL)) == 5 else { return }
            connection.send(answer("200 OK", String(decoding: body, as: UTF8.self)))
        }
        let request = HTTPRequest(.put, server.url, body: Array("a\0b=c".utf8), timeout: .seconds(20))
        #expect(try await client.send(request).body == Array("a\0b=c".utf8))
        #expect(server.heads[0].hasPrefix("PUT / HTTP/1.1\r\n"))
        #expect(!server.heads[0].contains("Content-Type"))
        #expect(!server.heads[0].contains("Expect"))
    }

    @Test func keepsTheConnection() async throws {
        let server = try RawServer.answering { _, _ in answer("200 OK", "{}") }
        for _ in 0..<20 { _ = try await client.send(get(server.url)) }
        #expect(server.connections == 1)
        #expect(server.heads.count == 20)
    }

    /// One after the other on one client: each is sent on the handle of the one before.
    @Test func nothingOfARequestIsLeftForTheNext() async throws {
        let long = String(repeating: "x", count: 2000)
        let first = try RawServer.answering { _, _ in answer("200 OK", "x", headers: ["X-Of: first"]) }
        let second = try RawServer.answering { _, _ in answer("200 OK", long) }
        for _ in 0..<3 {
            var request = get(first.url + "/a", maxBody: 10)
            request.headers = [.init("Authorization", Secret("Bearer t")), .init("Accept", "text/plain")]
            request.userAgent = "somebody"
            #expect(try await client.send(request).headers["x-of"] == "first")
            let response = try await client.send(get(second.url + "/b"))
            #expect(response.body == Array(long.utf8))
            #expect(response.headers["x-of"] == nil)
            _ = try await client.send(
                HTTPRequest(.delete, first.url + "/c", headers: [.init("X-Token", "t")], timeout: .seconds(20)))
        }
        #expect(second.heads.count == 3)
        for head in second.heads {
            #expect(head.hasPrefix("GET /b HTTP/1.1\r\n"))
            let names = head.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != ":" } }
            #expect(names.sorted() == ["Accept", "Host", "User-Agent"])
            #expect(head.contains("User-Agent: zlh-controller\r\n") && head.contains("Accept: application/json\r\n"))
            #expect(head.contains("Host: \(second.url.dropFirst(7))"))
        }
        // The cap of each request is its own, too.
        #expect(await outcome(get(second.url, maxBody: 10))?.code == .oversize)
        #expect(await outcome(get(second.url)) == nil)
    }

    @Test func aHandleOfAFaultIsNotUsedAgain() async throws {
        let server = try RawServer { connection in
            guard connection.request() != nil else { return }
            connection.send(connection.number == 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc" : answer())
        }
        let failure = try #require(await outcome(get(server.url)))
        #expect(failure.code == .connectionLost && failure.mayHaveBeenSent)
        #expect(await outcome(get(server.url)) == nil)
        let (socket, port) = try RawServer.bound()
        defer { close(socket) }
        #expect(await outcome(get("http://127.0.0.1:\(port)/"))?.mayHaveBeenSent == false)
    }

    @Test func aFoldedHeaderIsOneValue() async throws {
        let server = try RawServer.answering { _, _ in answer(headers: ["X-Long: a", "\t b ", "X-Last:"]) }
        let headers = try await client.send(get(server.url)).headers
        #expect(headers["x-long"] == "a b")
        #expect(headers["X-Last"] == "")
    }

    @Test func carriesManyRequestsAtOnce() async throws {
        // Nobody is answered before all have asked.
        let arrived = Locked(0)
        let gate = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            guard connection.request() != nil else { return }
            let isLast = arrived.withLock { count in
                count += 1
                return count == 64
            }
            if isLast { for _ in 0..<64 { gate.signal() } }
            gate.wait()
            connection.send(answer("200 OK", "\(connection.number)"))
        }
        let client = client
        let url = server.url
        let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<64 {
                group.addTask { try await client.send(HTTPRequest(.get, url, timeout: .seconds(30))).body }
            }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(bodies.count == 64)
    }

    @Test func neverFollowsARedirect() async throws {
        let other = try RawServer.answering { _, _ in answer() }
        let location = other.url
        let server = try RawServer.answering { _, _ in answer("301 Moved", headers: ["Location: \(location)/x"]) }
        var request = get(server.url)
        request.headers = [.init("Authorization", Secret("Bearer t"))]
        let response = try await client.send(request)
        #expect(response.status == 301)
        #expect(response.headers["location"] == "\(location)/x")
        #expect(other.connections == 0)
    }

    @Test func refusedIsRefused() async throws {
        let (socket, port) = try RawServer.bound()
        defer { close(socket) }
        let failure = try #require(await outcome(get("http://127.0.0.1:\(port)/")))
        #expect(failure == HTTPFailure(.refused, "the connection was refused", mayHaveBeenSent: false))
    }

    @Test func silenceIsATimeout() async throws {
        let server = try RawServer { $0.waitForClose() }
        let failure = try #require(await outcome(get(server.url, timeout: .milliseconds(200))))
        #expect(failure.code == .timeout)
        #expect(failure.mayHaveBeenSent)
    }

    @Test func aDripIsATimeout() async throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while connection.send("x") { usleep(5000) }
        }
        #expect(await outcome(get(server.url, timeout: .milliseconds(300)))?.code == .timeout)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var code: Unknown
    }

    static let faults = [
        Fault(testDescription: "nothing at all", answer: "", code: .connectionLost),
        Fault(testDescription: "cut head", answer: "HTTP/1.1 200 OK\r\nContent-", code: .connectionLost),
        Fault(
            testDescription: "cut body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            code: .connectionLost),
        Fault(
            testDescription: "cut chunk", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            code: .connectionLost),
        Fault(testDescription: "not HTTP", answer: "SSH-2.0-OpenSSH_9.2\r\n", code: .malformed),
        Fault(
            testDescription: "announced too large", answer: "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
            code: .oversize),
        Fault(
            testDescription: "too large without a length",
            answer: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 1001),
            code: .oversize),
        Fault(
            testDescription: "many headers",
            answer: "HTTP/1.1 200 OK\r\n" + (0..<300).map { "h\($0): v\r\n" }.joined() + "\r\n", code: .oversize),
        Fault(
            testDescription: "long headers",
            answer: "HTTP/1.1 200 OK\r\n"
                + (0..<20).map { "h\($0): \(String(repeating: "v", count: 4000))\r\n" }.joined() + "\r\n",
            code: .oversize),
        Fault(
            testDescription: "one header of 200 kB",
            answer: "HTTP/1.1 200 OK\r\nh: \(String(repeating: "v", count: 200_000))\r\n\r\n", code: .oversize),
    ]

    @Test(arguments: faults) func everyFaultHasItsCode(_ fault: Fault) async throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.send(fault.answer)
        }
        let failure = try #require(await outcome(get(server.url, maxBody: 1000)))
        #expect(failure.code == fault.code)
        #expect(failure.mayHaveBeenSent)
        #expect(!failure.detail.contains("127.0.0.1"))
        // A new connection that breaks is no reason to ask again.
        #expect(server.heads.count == 1)
    }

    @Test func exactlyTheAllowedSizePasses() async throws {
        let server = try RawServer.answering { _, _ in answer("200 OK", String(repeating: "x", count: 1000)) }
        #expect(try await client.send(get(server.url, maxBody: 1000)).body.count == 1000)
    }

    @Test func aResetInTheBodyIsALostConnection() async throws {
        let server = try RawServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            connection.resetOnClose()
        }
        #expect(await outcome(get(server.url))?.code == .connectionLost)
    }

    @Test(arguments: [false, true]) func aReadSurvivesAKeptConnectionThatCloses(reset: Bool) async throws {
        let server = try RawServer { connection in
            guard connection.request() != nil else { return }
            connection.send(answer("200 OK", "\(connection.number)"))
            if connection.number == 1 {
                // Closes with the next request read and not answered, as a server does that was about to.
                _ = connection.request()
                if reset { connection.resetOnClose() }
            } else {
                connection.waitForClose()
            }
        }
        #expect(try await client.send(get(server.url)).body == Array("1".utf8))
        #expect(try await client.send(get(server.url)).body == Array("2".utf8))
        #expect(server.connections == 2)
        #expect(server.heads.count == 3)
    }

    @Test func aReadIsRepeatedOnceOnly() async throws {
        let server = try RawServer { connection in
            guard connection.request() != nil else { return }
            if connection.number > 1 { return }
            connection.send(answer())
            _ = connection.request()
        }
        _ = try await client.send(get(server.url))
        #expect(await outcome(get(server.url))?.code == .connectionLost)
        #expect(server.heads.count == 3)
    }

    @Test func aWriteIsNeverRepeated() async throws {
        let server = try RawServer { connection in
            guard let head = connection.request(), head.hasPrefix("GET") else { return }
            connection.send(answer())
            _ = connection.request()
        }
        _ = try await client.send(get(server.url))
        let failure = try #require(await outcome(HTTPRequest(.post, server.url, timeout: .seconds(20))))
        #expect(failure.code == .connectionLost)
        #expect(failure.mayHaveBeenSent)
        #expect(server.heads.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test func cancellingEndsTheTransfer() async throws {
        let asked = DispatchSemaphore(value: 0)
        let closed = AsyncStream<Void>.makeStream()
        let server = try RawServer { connection in
            _ = connection.request()
            asked.signal()
            connection.waitForClose()
            closed.continuation.finish()
        }
        let request = get(server.url, timeout: .minutes(10))
        let task = Task { await outcome(request) }
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                asked.wait()
                continuation.resume()
            }
        }
        task.cancel()
        let failure = try #require(await task.value)
        #expect(failure.code == .notRead)
        #expect(failure.mayHaveBeenSent)
        // The connection is gone too; a client that kept it would hang here until the ten minutes are over.
        for await _ in closed.stream {}
    }

    @Test func aCancelledTaskSendsNothing() async throws {
        let server = try RawServer.answering { _, _ in answer() }
        let request = get(server.url)
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await outcome(request)
        }
        #expect(await task.value?.code == .notRead)
        #expect(server.connections == 0)
    }

    @Test func shutdownEndsWhatIsUnderWay() async throws {
        let client = client
        let server = try RawServer { connection in
            _ = connection.request()
            client.shutdown()
            connection.waitForClose()
        }
        #expect(await outcome(get(server.url, timeout: .minutes(10)))?.code == .notRead)
        #expect(await outcome(get(server.url))?.code == .notRead)
        client.shutdown()
    }

    @Test(arguments: [
        "", "127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///x", "http://:80/",
        "http://user:pw@127.0.0.1/", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\u{0}",
        "http://127.0.0.1/ä", "http://127.0.0.1\\@example.net/",
    ])
    func refusesURLsThatSmuggle(_ url: String) async {
        let failure = await outcome(get(url))
        #expect(failure?.code == .configuration)
        #expect(failure?.mayHaveBeenSent == false)
    }

    @Test(arguments: [
        ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\u{0}"), ("X\r\nY", "a"), ("X Y", "a"), ("", "a"), ("X:", "a"),
        ("Host", "other"), ("content-length", "0"), ("Transfer-Encoding", "chunked"),
    ])
    func refusesHeadersThatSmuggle(_ name: String, _ value: String) async throws {
        let server = try RawServer.answering { _, _ in answer() }
        var request = get(server.url)
        request.headers = [.init(name, Secret(value))]
        #expect(await outcome(request)?.code == .configuration)
        #expect(server.connections == 0)
    }
}
