import Core
import Curl
import Testing

@testable import Platform

@Suite struct CloudflareObserverTests {
    private let client = HTTPClient()
    private static let token = "abcdef0123456789_secret-token"
    private static let zoneID = "0123456789abcdef0123456789abcdef"

    private func look(
        _ url: String, token: String = token + "\n", zoneID: String = zoneID, timeout: Span = .seconds(20)
    ) async -> CloudflareObserver.Look {
        let observer = CloudflareObserver(
            url: url + "/client/v4", zoneID: zoneID, zone: "Example.net.", token: Secret(token), timeout: timeout,
            client: client, now: { Timestamp(seconds: 7) })
        let look = await observer.look()
        if case .failure(let failure) = look.result {
            #expect(!failure.detail.contains(Self.token))
            #expect(failure.detail.count < 1000)
        }
        return look
    }

    private static func row(_ id: Int) -> String {
        #"{"id":"r\#(id)","name":"h\#(id).example.net","type":"A","content":"192.0.2.\#(id)","ttl":60}"#
    }

    private static func page(_ ids: [Int], _ number: Int, of pages: Int, total: Int) -> String {
        answer(
            "200 OK",
            #"{"result":[\#(ids.map(row).joined(separator: ","))],"success":true,"errors":[],"#
                + #""messages":[{"code":10000,"message":"valid"}],"result_info":{"page":\#(number),"per_page":2,"#
                + #""count":\#(ids.count),"total_count":\#(total),"total_pages":\#(pages)}}"#)
    }

    private static func error(_ status: String, _ errors: String, headers: [String] = []) -> String {
        answer(status, #"{"result":null,"success":false,"errors":[\#(errors)],"messages":[]}"#, headers: headers)
    }

    /// Which page a request line asks for.
    private static func number(_ target: String) -> Int {
        let query = target.split(separator: "?").last ?? ""
        return query.split(separator: "&").compactMap { $0.hasPrefix("page=") ? Int($0.dropFirst(5)) : nil }.first ?? 0
    }

    @Test func readsAllPagesInSequence() async throws {
        let server = try RawServer.answering { target, _ in
            let number = Self.number(target)
            return Self.page(number == 3 ? [5] : [2 * number - 1, 2 * number], number, of: 3, total: 5)
        }
        let look = await look(server.url)
        let reading = try look.result.get()
        #expect(reading.endpoint == server.url)
        #expect(reading.pages.map(\.number) == [1, 2, 3])
        #expect(reading.pages.flatMap(\.records).map(\.id) == ["r1", "r2", "r3", "r4", "r5"])
        #expect(look.requests == 3)
        #expect(server.connections == 1)
        let target = "/client/v4/zones/\(Self.zoneID)/dns_records?page=1&per_page=5000&order=name&direction=asc"
        #expect(server.targets.first == target)
        #expect(server.heads.allSatisfy { $0.contains("Authorization: Bearer \(Self.token)\r\n") })
    }

    /// A thousand pages of 64 MB each would be held together.
    @Test func allPagesTogetherHaveABound() async throws {
        let server = try RawServer.answering { target, _ in
            let number = Self.number(target)
            return Self.page([2 * number - 1, 2 * number], number, of: 9, total: 18)
        }
        let access = try CloudflareAccess(
            url: server.url + "/client/v4", zoneID: Self.zoneID, token: Secret(Self.token), client: client)
        let size = Self.page([1, 2], 1, of: 9, total: 18).split(separator: "\r\n").last?.utf8.count ?? 0
        func listing(_ mostBytes: Int) -> CloudflareListing {
            CloudflareListing(access, deadline: .now + .seconds(20), mostBytes: mostBytes)
        }
        var enough = listing(9 * (size + 20))
        for _ in 1...2 { #expect(try await enough.pages().count == 9, "each listing has the whole of it") }
        var tooLittle = listing(4 * size + size / 2)
        await #expect {
            _ = try await tooLittle.pages()
        } throws: { error in
            (error as? CloudflareFault)?.code == .oversize
        }
        #expect(tooLittle.requests == 5)
        // The records of a hundred thousand instances, two of 400 bytes each, are far below.
        #expect(CloudflareListing.maxBodies > 5 * 2 * 100_000 * 400)
    }

    @Test func anEmptyZoneIsAReading() async throws {
        let server = try RawServer.answering { _, _ in Self.page([], 1, of: 1, total: 0) }
        let pages = try await look(server.url).result.get().pages
        #expect(pages == [.init(number: 1, totalPages: 1, totalCount: 0, count: 0, records: [])])
    }

    @Test func aZoneThatChangesWhileReadIsListedAgain() async throws {
        let asked = Locked(0)
        let server = try RawServer.answering { target, _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            if count <= 2 { return Self.page(count == 1 ? [1, 2] : [3], count, of: 2, total: 5 - count) }
            return Self.page(count == 3 ? [1, 2] : [3], count - 2, of: 2, total: 3)
        }
        let look = await look(server.url)
        #expect(try look.result.get().pages.map(\.totalCount) == [3, 3])
        #expect(look.requests == 4)
    }

    @Test func aLastingContradictionIsShownToItsJudge() async throws {
        let server = try RawServer.answering { target, _ in Self.page([1], 1, of: 1, total: 2) }
        let look = await look(server.url)
        #expect(try look.result.get().pages.map(\.count) == [1])
        #expect(look.requests == 3)
    }

    /// Any number can stand in an answer; what is no count is refused before anything is reckoned with it.
    @Test(arguments: [
        (#""total_count":9223372036854775807,"per_page":5000"#, nil as Int?),
        (#""total_count":-9223372036854775808,"per_page":5000"#, nil),
        (#""total_count":3,"total_pages":9223372036854775807"#, nil),
        (#""total_count":3,"per_page":9223372036854775807"#, 1), (#""total_count":3,"per_page":2"#, 2),
        (#""total_count":0,"per_page":2"#, 1), (#""total_count":4,"per_page":-1"#, nil),
    ])
    func totalsAreCounts(_ info: String, _ pages: Int?) {
        let body = #"{"result":[],"success":true,"errors":[],"result_info":{"page":1,\#(info)}}"#
        let response = HTTPResponse(status: 200, body: Array(body.utf8))
        let page = Result { try CloudflareListing.page(1, response, zoneID: Self.zoneID, hiding: []) }
        switch page {
        case .success(let page): #expect(page.totalPages == pages)
        case .failure(let error): #expect(pages == nil && (error as? CloudflareFault)?.code == .malformed)
        }
    }

    @Test func twoPagesWithOneRecordDoNotAddUp() {
        func page(_ number: Int, _ ids: String...) -> ZoneReading.Page {
            .init(
                number: number, totalPages: 2, totalCount: 4, count: ids.count,
                records: ids.map { DNSRecord(id: $0, name: "a", data: .other(type: "TXT"), ttl: 1, comment: nil) })
        }
        #expect(CloudflareListing.addsUp([page(1, "a", "b"), page(2, "c", "d")]))
        #expect(!CloudflareListing.addsUp([page(1, "a", "b"), page(2, "b", "c")]))
        #expect(!CloudflareListing.addsUp([page(1, "a", "b")]))
        #expect(!CloudflareListing.addsUp([]))
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var code: Unknown
        var requests: Int
        var says: String
        init(_ name: String, _ answer: String, _ code: Unknown, requests: Int = 1, says: String = "") {
            (testDescription, self.answer, self.code, self.requests, self.says) = (name, answer, code, requests, says)
        }
    }

    /// Beside those of the fault matrix.
    static let faults = [
        Fault(
            "6003 with its chain",
            error(
                "400 Bad Request",
                #"{"code":6003,"message":"Invalid request headers","#
                    + #""error_chain":[{"code":6111,"message":"Invalid format \#(token)"}]}"#
            ),
            .unauthorized, says: "6003 Invalid request headers: 6111 Invalid format <redacted>"),
        Fault("9109", error("403 Forbidden", #"{"code":9109,"message":"Invalid access token"}"#), .unauthorized),
        Fault(
            "9109 by address",
            error("403 Forbidden", #"{"code":9109,"message":"Cannot use the access token from location: 192.0.2.1"}"#),
            .forbidden),
        Fault("10000", error("403 Forbidden", #"{"code":10000,"message":"Authentication error"}"#), .forbidden),
        Fault("10000 with 401", error("401 Unauthorized", #"{"code":10000,"message":"x"}"#), .unauthorized),
        Fault(
            "7003", error("400 Bad Request", #"{"code":7003,"message":"No route"}"#), .notFound, says: "zone_id"),
        Fault(
            "429", error("429 Too Many Requests", #"{"code":971,"message":"throttle"}"#, headers: ["Retry-After: 300"]),
            .rateLimited, says: "Retry-After 300 s"),
        Fault("429 without a term", answer("429 Too Many Requests", "<html>"), .rateLimited),
        Fault("500", answer("500 Oops", "<html>"), .serverError, requests: 3),
        Fault("403 by the edge", answer("403 Forbidden", "<html>blocked</html>"), .forbidden),
        Fault("redirect", answer("302 Found", headers: ["Location: http://127.0.0.1:1/"]), .redirected),
        Fault("cut JSON", answer("200 OK", #"{"success":true,"result":["#), .malformed),
        Fault(
            "no success", answer("200 OK", #"{"result":[],"result_info":{"total_count":0,"total_pages":1}}"#),
            .malformed),
        Fault("null", answer("200 OK", #"{"success":true,"errors":[],"result":null,"result_info":null}"#), .malformed),
        Fault("no totals", answer("200 OK", #"{"success":true,"errors":[],"result":[]}"#), .malformed),
        Fault("another page", page([1], 2, of: 2, total: 3), .malformed),
        Fault("too many pages", page([1], 1, of: 1001, total: 5000), .oversize),
        Fault(
            "a record without a name",
            answer(
                "200 OK",
                #"{"success":true,"errors":[],"result":[{"id":"x","type":"A"}],"#
                    + #""result_info":{"total_count":1,"total_pages":1}}"#
            ),
            .malformed),
        Fault("unsuccessful with 200", error("200 OK", #"{"code":1,"message":"no"}"#), .rejected),
    ]

    @Test(arguments: faults) func everyFaultHasItsCode(_ fault: Fault) async throws {
        let server = try RawServer.answering { _, _ in fault.answer }
        let look = await look(server.url)
        guard case .failure(let failure) = look.result else {
            Issue.record("the fault was read as a fact")
            return
        }
        #expect(failure.code == fault.code)
        #expect(failure.detail.contains(fault.says))
        #expect(look.requests == fault.requests)
        #expect(server.heads.count == fault.requests)
    }

    @Test func aLostConnectionIsTriedAgain() async throws {
        let server = try RawServer { connection in
            guard connection.request() != nil, connection.number == 2 else { return }
            connection.send(Self.page([1], 1, of: 1, total: 1))
            connection.waitForClose()
        }
        let look = await look(server.url)
        #expect(try look.result.get().pages.count == 1)
        #expect(look.requests == 2)
    }

    @Test func throttlingIsWaitedOutWhenTheTermFits() async throws {
        let asked = Locked(0)
        let server = try RawServer.answering { _, _ in
            let isFirst = asked.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst
                ? Self.error("429 Too Many Requests", #"{"code":971,"message":"wait"}"#, headers: ["Retry-After: 1"])
                : Self.page([1], 1, of: 1, total: 1)
        }
        #expect(try await look(server.url).result.get().pages.count == 1)
    }

    @Test(arguments: [("", zoneID), ("a b", zoneID), (token, ""), (token, ".."), (token, "a/b"), (token, "a?b")])
    func nothingIsSentWithABrokenConfiguration(_ token: String, _ zoneID: String) async throws {
        let server = try RawServer.answering { _, _ in Self.page([], 1, of: 1, total: 0) }
        let look = await look(server.url, token: token, zoneID: zoneID)
        guard case .failure(let failure) = look.result else {
            Issue.record("accepted")
            return
        }
        #expect(failure.code == .configuration)
        #expect(server.connections == 0)
    }
}

@Suite struct CloudflareRecordTests {
    private func data(_ fields: String) throws -> DNSRecord {
        let body = #"{"success":true,"errors":[],"result":[{"id":"x","name":"N.Example.NET.",\#(fields)}]}"#
        return try #require(CloudflareEnvelope.decode(Array(body.utf8)).get().records?.first?.record)
    }

    @Test(arguments: [
        (#""type":"A","content":"192.0.2.1""#, DNSRecord.Data.a("192.0.2.1")),
        (#""type":"a","content":"192.0.2.1""#, .a("192.0.2.1")),
        (#""type":"A","content":"192.0.2.256""#, .unreadable(type: "A")),
        (#""type":"A""#, .unreadable(type: "A")),
        (#""type":"AAAA","content":"2001:DB8:0::1""#, .aaaa("2001:db8::1")),
        (#""type":"AAAA","content":"192.0.2.1""#, .unreadable(type: "AAAA")),
        (#""type":"CNAME","content":"Other.Example.net.""#, .cname("other.example.net")),
        (#""type":"TXT","content":"hunter2""#, .other(type: "TXT")),
        (#""type":"LATER","content":{"x":1}"#, .other(type: "LATER")),
        (
            #""type":"SRV","content":"wrong","#
                + #""data":{"priority":0,"weight":"5","port":25565.0,"target":"T.example.net."}"#,
            .srv(SRV(priority: 0, weight: 5, port: 25565, target: "t.example.net"))
        ),
        (
            #""type":"SRV","content":"1\t5061\tt.example.net","priority":100"#,
            .srv(SRV(priority: 100, weight: 1, port: 5061, target: "t.example.net"))
        ),
        (
            #""type":"SRV","data":null,"content":"9 1 5061 t.example.net","priority":100"#,
            .srv(SRV(priority: 100, weight: 1, port: 5061, target: "t.example.net"))
        ),
        (#""type":"SRV","content":"9 1 5061 .""#, .srv(SRV(priority: 9, weight: 1, port: 5061, target: "."))),
        (#""type":"SRV","content":"1 5061 t""#, .unreadable(type: "SRV")),
        (#""type":"SRV","content":"1 5061 t","priority":1,"data":{"port":1}"#, .unreadable(type: "SRV")),
        (#""type":"SRV","data":{"priority":0,"weight":0,"port":65536,"target":"t"}"#, .unreadable(type: "SRV")),
    ])
    func contentsAreCanonical(_ fields: String, _ expected: DNSRecord.Data) throws {
        let record = try data(fields)
        #expect(record.data == expected)
        #expect(record.name == "n.example.net")
    }

    @Test func fieldsAreReadLoosely() throws {
        let plain = try data(#""type":"A","content":"192.0.2.1","ttl":"60","comment":null,"proxied":"true""#)
        #expect(plain.ttl == 60 && plain.comment == nil && plain.isProxied)
        let marked = try data(#""type":"A","content":"192.0.2.1","ttl":5.0,"comment":"zlh","proxied":0"#)
        #expect(marked.ttl == 5 && marked.comment == "zlh" && !marked.isProxied)
        #expect(try data(#""type":"A","content":"192.0.2.1""#).ttl == 1)
    }

    @Test(arguments: [
        #"{"name":"a","type":"A"}"#, #"{"id":"","name":"a","type":"A"}"#, #"{"id":"x","type":"A"}"#,
        #"{"id":"x","name":"a"}"#, "null", "\"x\"",
    ])
    func aHoleInTheListingIsNoListing(_ row: String) {
        let body = #"{"success":true,"errors":[],"result":[\#(row)]}"#
        #expect(throws: (any Error).self) { try CloudflareEnvelope.decode(Array(body.utf8)).get() }
    }

    @Test func foreignTextIsMadeHarmless() {
        #expect(SafeText.clean("a\u{1b}[31m\r\n\u{202e} b\u{0}  c ") == "a[31m b c")
        #expect(SafeText.clean("x token1 y", hiding: ["token1"]) == "x <redacted> y")
        #expect(SafeText.clean(String(repeating: "x", count: 300), limit: 10) == "xxxxxxxxxx…")
    }
}
