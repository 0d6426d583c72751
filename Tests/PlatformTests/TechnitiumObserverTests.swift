import Core
import Curl
import Testing

@testable import Platform

@Suite struct TechnitiumObserverTests {
    private let client = HTTPClient()
    private static let token = "0123456789abcdef_secret+token"

    private func observer(_ url: String, token: String = token + "\n", timeout: Span = .seconds(20))
        -> TechnitiumObserver
    {
        TechnitiumObserver(
            url: url + "/api", zone: "Example.net.", token: Secret(token), timeout: timeout, client: client,
            now: { Timestamp(seconds: 7) })
    }

    private func failure(_ observer: TechnitiumObserver) async -> ReadFailure? {
        guard case .failure(let failure) = await observer.read() else { return nil }
        #expect(!failure.detail.contains(Self.token))
        #expect(!failure.detail.contains("dns.public"))
        #expect(failure.detail.count < 1000)
        #expect(failure.at == Timestamp(seconds: 7))
        return failure
    }

    private static let soa = """
        {"name":"example.net","type":"SOA","ttl":900,"disabled":false,"rData":{"primaryNameServer":"ns1.example.net",\
        "responsiblePerson":"hostadmin@example.net","serial":35,"refresh":900,"retry":300,"expire":604800,"minimum":900}}
        """
    private static let rows = """
        {"name":"example.net","type":"NS","ttl":3600,"disabled":false,"rData":{"nameServer":"ns1.example.net"}},\
        {"name":"mc1.example.net","type":"A","ttl":60,"ttlString":"1m","disabled":true,"comments":"zlh-controller/a 5001",\
        "rData":{"ipAddress":"10.60.0.242"},"dnssecStatus":"Unknown","lastUsedOn":"0001-01-01T00:00:00",\
        "lastModified":"2026-05-09T07:57:08.1842183Z","expiryTtl":0,"expiryTtlString":"0s"}
        """

    private static func ok(_ response: String) -> String {
        answer("200 OK", #"{"response":\#(response),"server":"dns1","status":"ok"}"#)
    }

    private static func listing(serial: Int = 35, records: String? = nil) -> String {
        ok(
            #"{"zone":{"name":"Example.NET","type":"Primary","lastModified":"2026-05-09T07:57:08.1842183Z","#
                + #""disabled":false,"soaSerial":\#(serial),"internal":false,"catalog":null},"#
                + #""records":[\#(records ?? soa + "," + rows)]}"#)
    }

    private static func said(_ status: String, _ text: String, inner: String? = nil) -> String {
        let more = inner.map { #","innerErrorMessage":"\#($0)""# } ?? ""
        return answer("200 OK", #"{"server":"dns1","status":"\#(status)","errorMessage":"\#(text)"\#(more)}"#)
    }

    @Test func asksByFormWithTheTokenInBodyAndHeader() async throws {
        let server = try FormServer { _, _ in Self.listing() }
        let reading = try await observer(server.url).read().get()
        #expect(reading.endpoint == server.url)
        #expect(reading.zone == .init(name: "example.net", type: "Primary", isDisabled: false, serial: 35))
        #expect(reading.listedSerial == 35)
        #expect(!reading.isTorn)
        #expect(reading.startedAt == Timestamp(seconds: 7))
        #expect(reading.records.map(\.data) == [.other(type: "SOA"), .other(type: "NS"), .a("10.60.0.242")])
        let record = try #require(reading.records.last)
        #expect(record.id == "mc1.example.net A 10.60.0.242")
        #expect(record.isDisabled && record.comment == "zlh-controller/a 5001" && record.ttl == 60)

        let call = try #require(server.calls.first)
        #expect(server.calls.count == 1)
        #expect(call.head.hasPrefix("POST /api/zones/records/get HTTP/1.1\r\n"))
        #expect(call.head.contains("Authorization: Bearer \(Self.token)\r\n"))
        #expect(call.head.contains("Content-Type: application/x-www-form-urlencoded\r\n"))
        #expect(
            call.body
                == "token=0123456789abcdef_secret%2Btoken&domain=example.net&zone=example.net&listZone=true")
    }

    @Test func whatTheServerWillRemoveByItselfIsNoted() async throws {
        func expiring(_ term: String) async throws -> Set<String> {
            let rows = Self.rows.replacing(#""expiryTtl":0"#, with: #""expiryTtl":\#(term)"#)
            let server = try FormServer { _, _ in Self.listing(records: Self.soa + "," + rows) }
            return try await observer(server.url).read().get().expiring
        }
        #expect(try await expiring("0") == [])
        #expect(try await expiring("86400") == ["mc1.example.net A 10.60.0.242"])
        // What is no term is none.
        #expect(try await expiring(#""soon""#) == [])
    }

    @Test func theAnswerOfAnOlderVersionIsUnderstood() async throws {
        let server = try FormServer { _, _ in
            Self.ok(
                #"{"zone":{"name":"example.net","type":"Primary","internal":false,"disabled":false},"records":[{"disabled""#
                    + #":false,"name":"mc1.example.net","type":"SRV","ttl":60,"rData":{"priority":0,"weight":0,"port":50001,"#
                    + #""target":"mc1.example.net"}}]}"#)
        }
        let reading = try await observer(server.url).read().get()
        #expect(reading.zone.serial == nil && reading.listedSerial == nil && !reading.isTorn)
        #expect(
            reading.records.map(\.data) == [.srv(SRV(priority: 0, weight: 0, port: 50001, target: "mc1.example.net"))])
    }

    @Test func aZoneThatChangesWhileListedIsListedAgain() async throws {
        let server = try FormServer { number, _ in Self.listing(serial: number == 1 ? 36 : 35) }
        #expect(try await !observer(server.url).read().get().isTorn)
        #expect(server.calls.count == 2)
        let restless = try FormServer { number, _ in Self.listing(serial: 35 + number) }
        #expect(try await observer(restless.url).read().get().isTorn)
        #expect(restless.calls.count == 3)
    }

    @Test func anEmptyOrForeignListingIsShownToItsJudge() async throws {
        let empty = try FormServer { _, _ in Self.listing(records: "") }
        let reading = try await observer(empty.url).read().get()
        #expect(reading.records == [])
        #expect(Zone.judge(reading, zone: "example.net").failure == .emptyListing)
        let above = try FormServer { _, _ in
            Self.ok(#"{"zone":{"name":"net","type":"Primary","disabled":false},"records":[]}"#)
        }
        #expect(try await Zone.judge(observer(above.url).read().get(), zone: "example.net").failure == .wrongZone)
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
            "invalid token", said("invalid-token", "Invalid token or session expired."), .unauthorized, says: "token"),
        Fault("second factor", said("2fa-required", "TOTP needed"), .unauthorized, says: "API token"),
        Fault("no zone", said("error", "No such zone was found: example.net"), .notFound, says: "No such zone"),
        Fault("no right", said("error", "Access was denied."), .forbidden, says: "View"),
        Fault(
            "blocked", said("error", "Max limit of 5 attempts exceeded. Access blocked for 300 seconds."), .rateLimited),
        Fault(
            "another text", said("error", "Something \(token) odd", inner: "why"), .rejected,
            says: "<redacted> odd: why"),
        Fault("no text", answer("200 OK", #"{"status":"error"}"#), .rejected),
        Fault("a status of a later version", said("later", "x"), .malformed, says: "'later'"),
        Fault("an error with another HTTP status", answer("500 Oops", #"{"status":"invalid-token"}"#), .unauthorized),
        Fault(
            "ok with another HTTP status", answer("500 Oops", #"{"status":"ok","response":{}}"#), .serverError,
            requests: 3),
        Fault("401", answer("401 Unauthorized", "<html>"), .unauthorized),
        Fault("403", answer("403 Forbidden", "<html>"), .forbidden),
        Fault("404 without a body", answer("404 Not Found"), .notFound, says: "/api"),
        Fault("418", answer("418 Teapot"), .rejected),
        Fault("429 with a term", answer("429 Slow Down", headers: ["Retry-After: 300"]), .rateLimited),
        Fault("500", answer("500 Oops", "<html>"), .serverError, requests: 3),
        Fault(
            "redirect", answer("307 Elsewhere", headers: ["Location: https://127.0.0.1:1/"]), .redirected, says: "https"
        ),
        Fault("cut JSON", answer("200 OK", #"{"response":{"zone":{"name":"example.net""#), .malformed),
        Fault("no status", answer("200 OK", #"{"response":{"zone":{},"records":[]}}"#), .malformed),
        Fault("a list", answer("200 OK", #"["ok"]"#), .malformed),
        Fault("null", answer("200 OK", #"{"status":"ok","response":null}"#), .malformed),
        Fault("no records", ok(#"{"zone":{"name":"example.net","type":"Primary","disabled":false}}"#), .malformed),
        Fault(
            "null records", ok(#"{"zone":{"name":"example.net","type":"Primary","disabled":false},"records":null}"#),
            .malformed),
        Fault("no zone in it", ok(#"{"records":[]}"#), .malformed),
        Fault(
            "a zone without a type", ok(#"{"zone":{"name":"example.net","disabled":false},"records":[]}"#), .malformed),
        Fault(
            "a zone that may be disabled", ok(#"{"zone":{"name":"example.net","type":"Primary"},"records":[]}"#),
            .malformed),
        Fault(
            "a record without a name", listing(records: #"{"type":"A","rData":{"ipAddress":"10.0.0.1"}}"#), .malformed),
        Fault("a record without a type", listing(records: #"{"name":"a.example.net","rData":{}}"#), .malformed),
        Fault("a record that is none", listing(records: "7"), .malformed),
    ]

    @Test(arguments: faults) func everyFaultHasItsCode(_ fault: Fault) async throws {
        let server = try FormServer { _, _ in fault.answer }
        let failure = try #require(await failure(observer(server.url)), "the fault was read as a fact")
        #expect(failure.code == fault.code)
        #expect(failure.detail.contains(fault.says))
        #expect(server.calls.count == fault.requests)
    }

    @Test func aLostConnectionIsTriedAgain() async throws {
        let server = try FormServer { number, _ in number == 1 ? nil : Self.listing() }
        #expect(try await observer(server.url).read().get().records.count == 3)
        #expect(server.calls.count == 2)
        let dead = try FormServer { _, _ in nil }
        #expect(await failure(observer(dead.url))?.code == .connectionLost)
        #expect(dead.calls.count == 3)
    }

    @Test func aBodyCutShortIsAConnectionLost() async throws {
        let cut = try RawServer { connection in
            guard connection.request() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"response\":")
        }
        #expect(await failure(observer(cut.url))?.code == .connectionLost)
    }

    @Test(arguments: ["", " \n", "a b", "a\u{e9}"])
    func nothingIsSentWithABrokenToken(_ token: String) async throws {
        let server = try FormServer { _, _ in Self.listing() }
        #expect(await failure(observer(server.url, token: token))?.code == .configuration)
        #expect(server.calls.isEmpty)
        #expect(await failure(observer("ftp://127.0.0.1", token: Self.token))?.code == .configuration)
    }

    // MARK: Session

    private static let session = """
        "username":"zlh","token":"\(token)","info":{"version":"15.2","uptimestamp":"2026-05-09T07:57:08.18Z",\
        "permissions":{"Zones":{"canView":true,"canModify":false,"canDelete":false},\
        "Administration":{"canView":true,"canModify":true,"canDelete":false}}},"server":"dns1","status":"ok"}
        """

    @Test func tellsTheServersVersionAndTheTokensKind() async throws {
        let server = try FormServer { number, _ in
            answer("200 OK", (number == 1 ? #"{"tokenName":"c","# : #"{"displayName":"Z","#) + Self.session)
        }
        let first = try await observer(server.url).session().get()
        #expect(first == TechnitiumSession(version: "15.2", user: "zlh", isAPIToken: true, isAdministrator: true))
        #expect(first.major == 15)
        #expect(try await !observer(server.url).session().get().isAPIToken)
        #expect(server.calls[0].target == "/api/user/session/get")
    }

    @Test(arguments: [
        (said("invalid-token", "Invalid token or session expired."), Unknown.unauthorized),
        (answer("200 OK", #"{"status":"ok","info":{}}"#), .malformed),
        (answer("200 OK", #"{"status":"ok"}"#), .malformed),
        (answer("404 Not Found"), .notFound),
    ])
    func aSessionThatTellsNothingIsNone(_ text: String, _ code: Unknown) async throws {
        let server = try FormServer { _, _ in text }
        guard case .failure(let failure) = await observer(server.url).session() else {
            Issue.record("accepted")
            return
        }
        #expect(failure.code == code)
    }

    @Test(arguments: [("13.0.1", 13), ("8.1.2", 8), ("15", 15), ("next", nil), ("", nil)])
    func versionsBeginWithANumber(_ text: String, _ major: Int?) {
        #expect(TechnitiumSession(version: text, user: "", isAPIToken: true, isAdministrator: false).major == major)
    }
}
