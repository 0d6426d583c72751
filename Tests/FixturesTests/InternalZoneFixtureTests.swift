import Core
import Fixtures
import Testing

@Suite("The internal zone in a fixture")
struct InternalZoneFixtureTests {
    private let now = Timestamp(seconds: 1_767_225_600) + .milliseconds(7)

    private func fixture(_ zone: Result<TechnitiumReading, ReadFailure>?) -> Fixture {
        let settings = PipelineSettings(
            id: "test-1", scope: .defaults, proxmox: nil, zone: "example.net", publicDNS: nil,
            internalDNS: .init(edge: "10.0.0.5", formerEdges: ["10.0.0.4"], ttl: 60), agents: false, velocity: false,
            queues: false)
        let desired = DesiredState(
            instances: [], operations: [], billing: [], retired: [], unreadable: [], pauses: [], accepted: [],
            readAt: now)
        return Fixture(
            capturedAt: now, settings: settings, looks: [.init(desired: .success(desired), internalZone: zone)])
    }

    private func record(_ data: DNSRecord.Data, comment: String? = nil, isDisabled: Bool = false) -> DNSRecord {
        DNSRecord(
            id: TechnitiumReading.id(of: "mc-1.example.net", data), name: "mc-1.example.net", data: data, ttl: 60,
            comment: comment, isDisabled: isDisabled)
    }

    @Test func comesBackAsItWas() throws {
        let records = [
            record(.other(type: "SOA")),
            record(.a("10.0.0.5"), comment: "zlh-controller/test-1 5001", isDisabled: true),
            record(.aaaa("2001:db8::1")), record(.cname("other.example.net")),
            record(.srv(SRV(priority: 0, weight: 0, port: 25565, target: "mc-1.example.net"))),
            record(.unreadable(type: "A")),
        ]
        for zone: TechnitiumReading.ZoneInfo in [
            .init(name: "example.net", type: "Primary", isDisabled: false, serial: 35),
            .init(name: "net", type: "Secondary", isDisabled: true, serial: nil),
        ] {
            let fixture = fixture(
                .success(
                    TechnitiumReading(
                        endpoint: "http://10.0.0.2:5380", zone: zone, records: records, listedSerial: zone.serial,
                        expiring: [records[1].id], startedAt: now)))
            let bytes = try FixtureFile.encode(fixture)
            #expect(try FixtureFile.decode(bytes, path: "f") == fixture)
        }
    }

    @Test func aFailureComesBackAsItWas() throws {
        let fixture = fixture(.failure(ReadFailure(.unauthorized, "the token is not accepted", at: now)))
        #expect(try FixtureFile.decode(try FixtureFile.encode(fixture), path: "f") == fixture)
    }

    @Test func anOlderFixtureHasNone() throws {
        let fixture = fixture(nil)
        let bytes = try FixtureFile.encode(fixture)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("dns_internal_failed"))
        #expect(try FixtureFile.decode(bytes, path: "f").looks[0].internalZone == nil)
    }
}
