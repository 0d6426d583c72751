import Core
import Curl
import Testing

@testable import Platform

@Suite struct VelocityObserverTests {
    private static let secret = "shared"
    private let client = HTTPClient()

    private func read(_ url: String, timeout: Span = .seconds(5)) async -> Result<VelocityReading, ReadFailure> {
        let result = await VelocityObserver(
            url: url, secret: Secret(Self.secret), timeout: timeout, client: client, now: { Timestamp(seconds: 7) }
        ).read()
        if case .failure(let failure) = result {
            #expect(!failure.detail.contains(Self.secret))
            #expect(failure.detail.count < 300)
        }
        return result
    }

    @Test func sendsTheDigestAndReadsTheList() async throws {
        let server = try RawServer.answering { _, _ in
            answer(
                "200 OK",
                #"{"servers":[{"name":"MC-1","address":"/10.0.0.5","port":25565},"#
                    + #"{"name":"b","address":"10.0.0.6","port":"25566","later":1}],"more":{}}"#)
        }
        let reading = try await read(server.url).get()
        #expect(reading.endpoint == server.url)
        #expect(reading.unreadableRows == 0)
        #expect(
            reading.servers == [
                .init(name: "mc-1", address: "10.0.0.5", port: 25565),
                .init(name: "b", address: "10.0.0.6", port: 25566),
            ])
        #expect(server.targets == ["/zpack/status"])
        // printf shared | sha256sum
        let header = server.heads[0].split(separator: "\r\n").first { $0.hasPrefix("X-Zpack-Secret: ") }
        #expect(header == "X-Zpack-Secret: a4d26868017c0ccffe2efe50944ef4211834660cca834c6e9f86dec6a88246fa")
    }

    @Test func anEmptyListIsAReadingAndNoListIsNone() async throws {
        let empty = try RawServer.answering { _, _ in answer("200 OK", #"{"servers":[]}"#) }
        #expect(try await read(empty.url).get().servers == [])
        for body in ["{}", #"{"servers":null}"#, #"{"status":"ok"}"#] {
            let none = try RawServer.answering { _, _ in answer("200 OK", body) }
            let reading = try await read(none.url).get()
            #expect(reading.servers == nil)
            #expect(ProxyList.judge(reading).failure == .malformed)
        }
    }

    @Test(arguments: [
        #"{"address":"10.0.0.5","port":1}"#, #"{"name":"a","port":1}"#, #"{"name":"a","address":"10.0.0.5"}"#,
        #"{"name":"a","address":"10.0.0.5","port":70000}"#, #"{"name":"","address":"10.0.0.5","port":1}"#, "null", "7",
        "[]",
    ])
    func anEntryThatMakesNoSenseIsCounted(_ entry: String) async throws {
        let server = try RawServer.answering { _, _ in
            answer("200 OK", #"{"servers":[\#(entry),{"name":"b","address":"10.0.0.6","port":2}]}"#)
        }
        let reading = try await read(server.url).get()
        #expect(reading.servers?.count == 1)
        #expect(reading.unreadableRows == 1)
        #expect(ProxyList.judge(reading).value?.isDoubtful == true)
    }

    /// Beside those of the fault matrix.
    static let faults: [(String, Unknown)] = [
        (answer("500 Oops", #"{"servers":[]}"#), .serverError),
        (answer("302 Found", headers: ["Location: http://127.0.0.1:1/"]), .redirected),
        (answer("200 OK", "OK"), .malformed), (answer("200 OK", "[]"), .malformed),
        (answer("200 OK", #"{"servers":"none"}"#), .malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"servers\":[]}", .connectionLost),
    ]

    @Test(arguments: faults) func everyFaultIsUnknown(_ text: String, _ code: Unknown) async throws {
        let server = try RawServer { connection in
            guard connection.request() != nil else { return }
            connection.send(text)
        }
        guard case .failure(let failure) = await read(server.url) else {
            Issue.record("the fault was read as a fact")
            return
        }
        #expect(failure.code == code)
    }

    @Test func anAddressOfAnotherKindIsNotAsked() async {
        guard case .failure(let failure) = await read("ftp://127.0.0.1") else {
            Issue.record("ftp was read")
            return
        }
        #expect(failure.code == .configuration)
    }
}

@Suite struct ProxmoxInterfacesTests {
    private func decode(_ data: String) throws -> GuestAddresses {
        try ProxmoxInterfaces.decode(Array(#"{"data":\#(data)}"#.utf8))
    }

    @Test func loIsSkippedByNameAndNotByAddress() throws {
        let rows = #"""
            [{"name":"lo","inet":"127.0.0.1/8","ip-addresses":[{"ip-address":"127.0.0.1","ip-address-type":"inet","prefix":8}]},
             {"name":"eth0","inet":"127.70.0.5/16","ip-addresses":[
               {"ip-address":"10.0.0.5","prefix":24},{"ip-address":"fe80::1","prefix":"64"},{"ip-address":"127.70.0.5"}]}]
            """#
        #expect(try decode(rows) == GuestAddresses(ipv4: ["10.0.0.5", "127.70.0.5"], isWhole: true))
    }

    @Test func anOlderAnswerIsNotWhole() throws {
        let rows = #"[{"name":"lo","inet":"127.0.0.1/8"},{"name":"eth0","inet":"10.0.0.5/24","inet6":"fe80::1/64"}]"#
        #expect(try decode(rows) == GuestAddresses(ipv4: ["10.0.0.5"], isWhole: false))
        #expect(
            try decode(#"[{"name":"eth0","hwaddr":"bc:24:11:aa:bb:cc"}]"#) == GuestAddresses(ipv4: [], isWhole: true))
    }

    @Test(arguments: ["null", "{}", #"[{"inet":"10.0.0.5/24"}]"#, #"[{"name":"eth0","ip-addresses":[{}]}]"#])
    func whatMakesNoSenseIsNoAnswer(_ data: String) {
        #expect(throws: (any Error).self) { try decode(data) }
    }
}
