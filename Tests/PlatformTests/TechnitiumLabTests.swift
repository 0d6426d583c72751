import Core
import Curl
import Lab
import Platform
import Testing
import World

/// The observer against the laboratory: what it reads is what the simulation says that it would.
@Suite struct TechnitiumLabTests {
    private func withLab(
        _ body: (LabHouse, TechnitiumObserver, Estate) async throws -> Void, timeout: Span = .seconds(20)
    ) async throws {
        let estate = Estate.demo()
        let house = LabHouse(estate: estate)
        try await house.start()
        let url = try #require(await house.technitiumURL)
        let observer = TechnitiumObserver(
            url: url, zone: estate.internalZone.name, token: Secret(await house.technitiumToken), timeout: timeout,
            client: HTTPClient(), now: { Timestamp(seconds: 7) })
        try await body(house, observer, estate)
        await house.stop()
    }

    private static func result(_ result: Result<TechnitiumReading, ReadFailure>) -> Result<Zone, Outcome> {
        switch result {
        case .failure(let failure): return .failure(Outcome(code: failure.code))
        case .success(let reading):
            switch Zone.judge(reading, zone: "example.net") {
            case .read(let zone): return .success(zone)
            case .failed(let code, _, _): return .failure(Outcome(code: code))
            case .notConfigured: return .failure(Outcome(code: .configuration))
            }
        }
    }

    struct Outcome: Error, Equatable { var code: Unknown }

    @Test func readsWhatIsThere() async throws {
        try await withLab { house, observer, estate in
            let reading = try await observer.read().get()
            var expected = try estate.internalReading(endpoint: reading.endpoint, at: Timestamp(seconds: 7)).get()
            expected.records.sort { $0.id < $1.id }
            var sorted = reading
            sorted.records.sort { $0.id < $1.id }
            #expect(sorted == expected)
            #expect(await house.writes == [])
            #expect(await house.requests == ["technitium POST /api/zones/records/get": 1])
        }
    }

    @Test(arguments: TechnitiumFault.allCases)
    func everyFaultIsTheSameInBothWorlds(fault: TechnitiumFault) async throws {
        try await withLab(
            { house, observer, estate in
                await house.inject(fault)
                let simulated = estate.internalReading(
                    endpoint: "x", faults: [fault], at: Timestamp(seconds: 7))
                switch (Self.result(await observer.read()), Self.result(simulated)) {
                case (.success(let seen), .success(let expected)):
                    #expect(fault == .staleCopy)
                    #expect(seen.records == expected.records)
                case (.failure(let seen), .failure(let expected)):
                    // A connection that breaks before an answer is the nearest that an open port comes to refusing.
                    let isNear = fault == .refused && seen.code == .connectionLost
                    #expect(isNear || seen.code == expected.code)
                case (let seen, let expected): Issue.record("\(seen) here, \(expected) there")
                }
            }, timeout: .seconds(2))
    }

    static let transport: [(HTTPFault, Unknown)] = [
        (.hang, .timeout), (.resetAtOnce, .connectionLost), (.resetInBody, .connectionLost),
        (.truncatedBody, .connectionLost), (.drip, .timeout), (.status(500), .serverError),
        (.status(503), .serverError),
        (.status(401), .unauthorized), (.status(403), .forbidden), (.status(404), .notFound),
        (.status(429), .rateLimited), (.emptyOK, .malformed), (.malformed, .malformed), (.wrongType, .malformed),
        (.oversize, .oversize), (.redirect, .redirected),
    ]

    @Test(arguments: transport) func everyFaultOfTheTransport(fault: HTTPFault, code: Unknown) async throws {
        try await withLab(
            { house, observer, _ in
                await house.inject(fault, on: .technitium)
                #expect(Self.result(await observer.read()) == .failure(Outcome(code: code)))
                await house.clearFaults()
                let zone = try Self.result(await observer.read()).get()
                #expect(!zone.records.isEmpty)
            }, timeout: code == .timeout ? .seconds(1) : .seconds(20))
    }

    @Test func theLaboratorySpeaksTheApisDialect() async throws {
        try await withLab { house, observer, estate in
            let client = HTTPClient()
            let base = try #require(await house.technitiumURL)
            let token = await house.technitiumToken
            func call(_ path: String, _ form: String, header: String? = nil) async throws -> (Int, String) {
                var headers = [HTTPRequest.Header("Content-Type", "application/x-www-form-urlencoded")]
                if let header { headers.append(.init("Authorization", header)) }
                let answer = try await client.send(
                    HTTPRequest(.post, base + path, headers: headers, body: Array(form.utf8), timeout: .seconds(10)))
                return (answer.status, String(decoding: answer.body, as: UTF8.self))
            }
            let refused = try await call("/zones/list", "token=wrong")
            #expect(refused.0 == 200 && refused.1.contains(#""status":"invalid-token""#))
            // The header wins over the form.
            #expect(try await call("/zones/list", "token=\(token)", header: "Bearer wrong").1.contains("invalid-token"))
            let zones = try await call("/zones/list", "", header: "Bearer \(token)")
            #expect(zones.0 == 200 && zones.1.contains(#""soaSerial":\#(estate.internalZone.serial)"#))
            let missing = try await call("/zones/records/get", "token=\(token)&domain=other.org")
            #expect(missing.0 == 200 && missing.1.contains("No such zone was found: other.org"))
            #expect(try await call("/zones/records/get", "token=\(token)").1.contains("Parameter 'domain' missing."))
            // The closest enclosing zone, whatever was asked for.
            let enclosing = try await call(
                "/zones/records/get", "token=\(token)&domain=games.example.net&zone=games.example.net&listZone=true")
            #expect(enclosing.1.contains(#""name":"example.net","type":"Primary""#))
            let nobody = try await call("/zones/records/get", "token=\(token)&domain=nobody.example.net")
            #expect(nobody.1.contains(#""records":[]"#) && nobody.1.contains(#""status":"ok""#))
            #expect(await house.writes == [])
            let unknown = try await call("/zones/records/everything", "token=\(token)")
            #expect(unknown.0 == 404 && unknown.1.isEmpty)
            #expect(await house.writes.map(\.path) == ["/api/zones/records/everything"])

            let session = try await observer.session().get()
            #expect(
                session == TechnitiumSession(version: "15.2", user: "zlh", isAPIToken: true, isAdministrator: false))
        }
    }
}
