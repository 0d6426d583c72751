import Core
import Curl
import Lab
import Testing
import World

/// The laboratory's writes as any client meets them, without a writer of ours.
@Suite struct LabWritesTests {
    private func withLab(_ body: (LabHouse, HTTPClient) async throws -> Void) async throws {
        let house = LabHouse(estate: Scenery.estate)
        try await house.start()
        try await body(house, HTTPClient())
        await house.stop()
    }

    private func technitium(
        _ house: LabHouse, _ client: HTTPClient, _ call: String, _ form: String
    ) async throws -> String {
        let base = try #require(await house.technitiumURL)
        let answer = try await client.send(
            HTTPRequest(
                .post, base + "/zones/records/" + call,
                headers: [
                    .init("Content-Type", "application/x-www-form-urlencoded"),
                    .init("Authorization", "Bearer " + (await house.technitiumToken)),
                ], body: Array("domain=\(Scenery.name)&zone=example.net&\(form)".utf8), timeout: .seconds(20)))
        #expect(answer.status == 200)
        return String(decoding: answer.body, as: UTF8.self)
    }

    @Test func technitiumResetsWhatIsLeftOut() async throws {
        try await withLab { house, client in
            let serial = await house.estate.internalZone.serial
            let added = try await technitium(
                house, client, "add", "type=A&ipAddress=10.0.0.1&ttl=1h&comments=mine&expiryTtl=1d")
            #expect(added.contains(#""addedRecord":{"name":"mc-new-5990.example.net","type":"A","ttl":3600"#))
            #expect(added.contains(#""comments":"mine""#) && added.contains(#""expiryTtl":86400"#))
            #expect(await house.estate.internalZone.serial == serial + 1)
            _ = try await technitium(
                house, client, "update", "type=A&ipAddress=10.0.0.1&ttl=60&comments=mine&disable=true&expiryTtl=5")
            var record = try #require(await house.estate.internalZone.records(at: Scenery.name).first)
            #expect(record.isDisabled && record.ttl == 60 && record.comment == "mine" && record.expiryTTL == 5)
            _ = try await technitium(house, client, "update", "type=A&ipAddress=10.0.0.1&newIpAddress=10.0.0.2")
            record = try #require(await house.estate.internalZone.records(at: Scenery.name).first)
            #expect(record.data == .a("10.0.0.2"))
            #expect(!record.isDisabled && record.ttl == 3600 && record.comment == nil && record.expiryTTL == 0)
        }
    }

    @Test func technitiumHasOneTTLForAnRRset() async throws {
        try await withLab { house, client in
            for form in ["ipAddress=10.0.0.1&ttl=60", "ipAddress=10.0.0.2&ttl=300"] {
                _ = try await technitium(house, client, "add", "type=A&\(form)")
            }
            #expect(await house.estate.internalZone.records(at: Scenery.name).map(\.ttl) == [300, 300])
            // The same value with another TTL is taken, and is no second record.
            _ = try await technitium(house, client, "add", "type=A&ipAddress=10.0.0.1&ttl=90")
            #expect(await house.estate.internalZone.records(at: Scenery.name).map(\.ttl) == [90, 90])
            _ = try await technitium(house, client, "add", "type=A&ipAddress=10.0.0.3&ttl=60&overwrite=true")
            #expect(await house.estate.internalZone.records(at: Scenery.name).map(\.data) == [.a("10.0.0.3")])
        }
    }

    @Test(arguments: [
        ("add", "type=A&ipAddress=10.0.0.1&ttl=60", "record already exists"),
        ("add", "type=CNAME&cname=x.example.net", "a CNAME record cannot exists with other record types"),
        ("add", "type=A&ipAddress=10.0.0.9&ttl=1w1", "Parameter 'ttl' is invalid"),
        ("add", "type=A&ipAddress=10.0.0.9&ttl=8d", "TTL cannot be greater than SOA EXPIRE"),
        ("add", "type=A&ipAddress=nowhere", "Parameter 'ipAddress' is invalid"), ("add", "ttl=60", "'type' missing"),
        ("update", "type=A&ipAddress=10.0.0.2&newIpAddress=10.0.0.3", "does not exists to be updated"),
        ("delete", "type=A&ipAddress=10.0.0.2", "no such record exists"),
        ("delete", "type=SRV&priority=0&weight=0&port=1", "'target' missing"),
        ("delete", "type=A&ipAddress=10.0.0.1&domain2=x&zone=", ""),
    ])
    func technitiumSaysNoInItsOwnWords(call: String, form: String, words: String) async throws {
        try await withLab { house, client in
            await house.edit { Scenery.add(to: &$0, .internalDNS, Scenery.name, .a("10.0.0.1")) }
            let before = await house.estate.internalZone
            let said = try await technitium(house, client, call, form)
            guard !words.isEmpty else {
                #expect(said.contains(#""status":"ok""#))
                return
            }
            #expect(said.contains(#""status":"error""#) && said.contains(words), "\(said)")
            #expect(await house.estate.internalZone == before)
            #expect(await house.writes.count == 1)
        }
    }

    @Test func faultsAreSwitchedAndWritesAreCounted() async throws {
        try await withLab { house, client in
            let control = try #require(await house.controlURL)
            func post(_ path: String, _ body: String) async throws -> (Int, String) {
                let answer = try await client.send(
                    HTTPRequest(.post, control + path, body: Array(body.utf8), timeout: .seconds(20)))
                return (answer.status, String(decoding: answer.body, as: UTF8.self))
            }
            for plane in ["cloudflare", "technitium", "velocity"] {
                for fault in WriteFault.allCases {
                    #expect(try await post("/fault", #"{"plane":"\#(plane)","fault":"\#(fault.rawValue)"}"#).0 == 200)
                }
            }
            #expect(try await post("/fault", #"{"plane":"cloudflare","fault":"late-listing:9"}"#).0 == 200)
            let wrong = try await post("/fault", #"{"plane":"agents","fault":"answer-lost"}"#)
            #expect(wrong.0 == 400 && !wrong.1.contains("answer-lost"))
            let unknown = try await post("/fault", #"{"plane":"velocity","fault":"tired"}"#)
            #expect(unknown.0 == 400 && unknown.1.contains("answer-lost") && unknown.1.contains("request-lost"))
            await house.clearFaults()

            // The fault waits for a request that would change something.
            _ = try await post("/fault", #"{"plane":"technitium","fault":"denied","times":1}"#)
            _ = try await technitium(house, client, "get", "listZone=false")
            #expect(
                try await technitium(house, client, "delete", "type=A&ipAddress=1.1.1.1").contains("Access was denied"))
            #expect(
                try await technitium(house, client, "delete", "type=A&ipAddress=1.1.1.1").contains("no such record"))
            let writes = try await client.send(HTTPRequest(.get, control + "/writes", timeout: .seconds(20)))
            let text = String(decoding: writes.body, as: UTF8.self)
            #expect(text.contains(#""planes":{"proxmox":0,"cloudflare":0,"technitium":2,"agents":0,"velocity":0}"#))
        }
    }
}
