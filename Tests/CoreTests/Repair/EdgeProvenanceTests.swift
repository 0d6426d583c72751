import Core
import TestSupport
import Testing

/// What is read from the ledger is resumed only where this installation can have decided on it.
@Suite struct EdgeProvenanceTests {
    private static let host = "mc-paper-5001.example.net"
    private static let mark = "zlh-controller/test-1 5001"
    private let settings = Fleet(0).settings

    private func doubt(_ change: EdgeChange, vmid: Int = 5001, _ settings: PipelineSettings? = nil) throws -> String? {
        let id = try #require(ExternalID("00000000-0000-4000-8000-000000000001"))
        let key = InstanceKey(vmid: try #require(VMID(vmid)), externalID: id)
        return EdgeGrounds(key: key, change: change, dead: []).doubt(settings: settings ?? self.settings)
    }

    private func rule(
        plane: Plane = .publicDNS, name: String = host, wanted: DNSRecord.Data = .a(Fleet.edge), ttl: Int = 60,
        mark: String = mark
    ) -> RecordRule {
        RecordRule(plane: plane, name: name, wanted: wanted, ttl: ttl, mark: mark, formerEdges: [])
    }

    private func service(port: Int = 25565, target: String = host) -> DNSRecord.Data {
        .srv(SRV(priority: 0, weight: 0, port: port, target: target))
    }

    private func create(_ rule: RecordRule) -> EdgeChange { .record(RecordChange(rule, deed: .create)) }

    /// Whatever was configured when it was written down.
    @Test func whatAnEarlierConfigurationWantedIsOurs() throws {
        for rule in [
            rule(), rule(wanted: .a(Fleet.formerEdge), ttl: 86_400),
            rule(name: "_minecraft._tcp.\(Self.host)", wanted: service(port: 1)),
            // Of a game that no row names any more.
            rule(name: "rust-5001.example.net"),
        ] {
            #expect(try doubt(create(rule)) == nil, "\(rule)")
        }
        let backend = VelocityReading.Backend(name: "mc-paper-5001", address: "10.70.0.1", port: 25_000)
        #expect(try doubt(.backend(BackendChange(wanted: backend, before: []))) == nil)
        // Nothing is read or written there.
        var without = settings
        without.publicDNS = nil
        #expect(try doubt(create(rule(name: "www.example.net")), without) == nil)
    }

    @Test func whatIsNotOursIsDoubted() throws {
        let other = "mc-paper-5002.example.net"
        for rule in [
            rule(mark: ""), rule(mark: "zlh-controller/test-1 5002"), rule(mark: "zlh-controller/test-2 5001"),
            rule(wanted: .a("198.51.100.66")), rule(wanted: .cname(Self.host)), rule(plane: .velocity),
            rule(name: "example.net"), rule(name: "www.example.net"), rule(name: other), rule(name: "*.example.net"),
            rule(name: "mc-paper-5001.example.org"), rule(name: "a.mc-paper-5001.example.net"),
            rule(name: Self.host, wanted: service()),
            rule(name: "_minecraft._tcp.\(Self.host)", wanted: service(target: other)),
            rule(name: "_minecraft._tcp.\(other)", wanted: service(target: other)),
        ] {
            #expect(try doubt(create(rule)) != nil, "\(rule)")
        }
        for name in ["lobby", "mc-paper-5002", "dev-6001", ""] {
            let backend = VelocityReading.Backend(name: name, address: "10.70.0.1", port: 25565)
            #expect(try doubt(.backend(BackendChange(wanted: backend, before: []))) != nil, "\(name)")
        }
        // A VMID of the range for developers, and one of nobody's.
        #expect(
            try doubt(create(rule(name: "mc-6001.example.net", mark: "zlh-controller/test-1 6001")), vmid: 6001) != nil)
        #expect(
            try doubt(create(rule(name: "mc-4001.example.net", mark: "zlh-controller/test-1 4001")), vmid: 4001) != nil)
    }

    /// What is put back has been found by the rule that corrected it.
    @Test func whatIsPutBackStoodAtThatNameAndWasNotForeign() throws {
        func record(
            _ name: String = EdgeProvenanceTests.host, _ data: DNSRecord.Data = .a("192.0.2.7"),
            _ comment: String? = nil
        ) -> DNSRecord {
            DNSRecord(id: "1", name: name, data: data, ttl: 60, comment: comment)
        }
        func correct(_ record: DNSRecord) -> EdgeChange { .record(RecordChange(rule(), deed: .correct(record))) }
        #expect(try doubt(correct(record())) == nil)
        #expect(try doubt(correct(record(Self.host, .a("192.0.2.7"), Self.mark))) == nil)
        for record in [
            record("www.example.net"), record(Self.host, .cname("x.example.org")),
            record(Self.host, .a("192.0.2.7"), "somebody else's"), record(Self.host, .a(Fleet.edge)),
        ] {
            #expect(try doubt(correct(record)) != nil, "\(record)")
        }
        let kept = DNSRecord(id: "0", name: Self.host, data: .a(Fleet.edge), ttl: 60, comment: Self.mark)
        func remove(_ records: [DNSRecord]) -> EdgeChange {
            .record(RecordChange(rule(), deed: .removeSurplus(records, keeping: kept)))
        }
        #expect(try doubt(remove([record(Self.host, .a("192.0.2.7"), Self.mark)])) == nil)
        #expect(try doubt(remove([record()])) != nil)
        #expect(try doubt(remove([])) != nil)
    }
}
