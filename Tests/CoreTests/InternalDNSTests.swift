import Core
import TestSupport
import Testing

@Suite("Internal records")
struct InternalDNSTests {
    private let host = "mc-paper-5001"
    private let srvHost = "_minecraft._tcp.mc-paper-5001"

    @Test func aFleetThatIsRightOnBothSidesIsInSync() throws {
        let report = try #require(Fleet.withInternalZone(12).audit())
        #expect(report.kinds == [])
        #expect(report.exitStatus == 0)
        #expect(report.status(.internalDNS) == .complete)
        #expect(!report.notEvaluated.contains { $0.kind.plane == .internalDNS })
    }

    @Test func theInternalEdgeIsNotThePublicOne() throws {
        var fleet = Fleet.withInternalZone()
        fleet.changeInternalRecord(host, "A") { $0.data = .a(Fleet.edge) }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["dns.internal.a_wrong 5001"])
        #expect(report.decisions[0].drift.desired == "A \(Fleet.internalEdge)")
        var public_ = Fleet.withInternalZone()
        public_.changeRecord("a5001") { $0.data = .a(Fleet.internalEdge) }
        #expect(try #require(public_.audit()).kinds == ["dns.public.a_wrong 5001"])
    }

    enum Deviation: CaseIterable {
        case aMissing, aWrong, aDisabled, aDuplicate, srvMissing, srvWrong, srvDisabled, srvDuplicate

        var kind: DriftKind {
            switch self {
            case .aMissing: .internalAMissing
            case .aWrong, .aDisabled: .internalAWrong
            case .aDuplicate: .internalADuplicate
            case .srvMissing: .internalSRVMissing
            case .srvWrong, .srvDisabled: .internalSRVWrong
            case .srvDuplicate: .internalSRVDuplicate
            }
        }
    }

    @Test("Each deviation of one side leaves the other side alone", arguments: Deviation.allCases)
    func eachKind(deviation: Deviation) throws {
        var fleet = Fleet.withInternalZone()
        let target = "\(host).example.net"
        let other = SRV(priority: 0, weight: 0, port: 25566, target: target)
        switch deviation {
        case .aMissing: fleet.removeInternalRecord(host, "A")
        case .aWrong: fleet.changeInternalRecord(host, "A") { $0.data = .a("10.0.0.99") }
        case .aDisabled: fleet.changeInternalRecord(host, "A") { $0.isDisabled = true }
        case .aDuplicate: fleet.addInternalRecord(Fleet.internalRecord(target, .a(Fleet.formerInternalEdge)))
        case .srvMissing: fleet.removeInternalRecord(srvHost, "SRV")
        case .srvWrong: fleet.changeInternalRecord(srvHost, "SRV") { $0.data = .srv(other) }
        case .srvDisabled: fleet.changeInternalRecord(srvHost, "SRV") { $0.isDisabled = true }
        case .srvDuplicate:
            fleet.addInternalRecord(
                Fleet.internalRecord("\(srvHost).example.net", .srv(other), comment: "zlh-controller/test-1 5001"))
        }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["\(deviation.kind.rawValue) 5001"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.action) == (.repair, .edgeRepublish))
        #expect(decision.drift.evidence.plane == .internalDNS)
        #expect(report.status(.publicDNS) == .complete)
        // The same once more, with the internal side unreadable: nothing is concluded of it, the public side stands.
        fleet.internalZone = .failure(ReadFailure(.timeout, "no answer", at: Fleet.now))
        fleet.removeRecord("s5002")
        let blind = try #require(fleet.audit())
        #expect(blind.kinds == ["dns.public.srv_missing 5002"])
        #expect(blind.unknown.count == 3 && blind.unknown.allSatisfy { $0.plane == .internalDNS })
        #expect(blind.status(.internalDNS) == .failed)
    }

    @Test func bothSidesDriftEachByItself() throws {
        var fleet = Fleet.withInternalZone()
        fleet.removeRecord("s5002")
        fleet.removeInternalRecord("_minecraft._tcp.mc-paper-5002", "SRV")
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["dns.public.srv_missing 5002", "dns.internal.srv_missing 5002"])
        #expect(Set(report.decisions.map(\.drift.id)).count == 2)
        #expect(report.summary.drifted == 1)
    }

    @Test func anAbsenceIsLookedAtTwice() throws {
        var first = Fleet.withInternalZone()
        first.removeInternalRecord(srvHost, "SRV")
        #expect(try #require(first.audit(second: Fleet.withInternalZone())).exitStatus == 0)
        let confirmed = try #require(first.audit()?.decision(.internalSRVMissing))
        #expect(confirmed.drift.evidence.looks == 2)
        var failing = first
        failing.internalZone = .failure(ReadFailure(.refused, "connection refused", at: Fleet.now))
        let report = try #require(first.audit(second: failing))
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .internalDNS, reason: .refused)])
        #expect(report.status(.internalDNS) == .partial)
        #expect(report.exitStatus == 3)
    }

    @Test(arguments: ["ANAME", "APP", "CNAME", "AAAA", "NS"])
    func whatAnswersForTheNameInPlaceOfOursHolds(type: String) throws {
        var fleet = Fleet.withInternalZone()
        fleet.changeInternalRecord(host, "A") { record in
            switch type {
            case "CNAME": record.data = .cname("other.example.org")
            case "AAAA": record.data = .aaaa("2001:db8::1")
            default: record.data = .other(type: type)
            }
        }
        let decision = try #require(fleet.audit()?.decision(.internalAMissing))
        #expect((decision.verdict, decision.reason) == (.held, .foreignRecord))
        #expect(decision.detail?.contains(type) == true)
    }

    @Test(arguments: [(nil, true), ("zlh-controller/test-1 5001", true), ("by hand", false)])
    func ownershipIsInTheComment(comment: String?, isOurs: Bool) throws {
        var fleet = Fleet.withInternalZone()
        fleet.changeInternalRecord(host, "A") { ($0.data, $0.comment) = (.a("10.0.0.99"), comment) }
        #expect(try #require(fleet.audit()?.decision(.internalAWrong)).verdict == (isOurs ? .repair : .held))
    }

    @Test func aRecordOfNobodyIsAnOrphanOfItsOwnPlane() throws {
        var fleet = Fleet.withInternalZone()
        fleet.addInternalRecord(Fleet.internalRecord("mc-old-5900.example.net", .a(Fleet.internalEdge)))
        fleet.addInternalRecord(Fleet.internalRecord("mc-old-5901.example.net", .a(Fleet.formerInternalEdge)))
        // The public edge means nothing in the internal zone, nor do names that are not ours.
        fleet.addInternalRecord(Fleet.internalRecord("mc-old-5902.example.net", .a(Fleet.edge)))
        fleet.addInternalRecord(Fleet.internalRecord("db.example.net", .a(Fleet.internalEdge)))
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["dns.internal.orphan 5900", "dns.internal.orphan 5901"])
        #expect(report.decisions.allSatisfy { $0.reason == .personOnly })
    }

    @Test func theBrakeCountsEachSideByItself() throws {
        var fleet = Fleet.withInternalZone(20)
        for vmid in 5001...5005 {
            fleet.removeRecord("s\(vmid)")
            fleet.removeInternalRecord("_minecraft._tcp.mc-paper-\(vmid)", "SRV")
        }
        #expect(try #require(fleet.audit()).decisions.allSatisfy { $0.verdict == .repair })
        fleet.removeInternalRecord("_minecraft._tcp.mc-paper-5006", "SRV")
        let decisions = try #require(fleet.audit()).decisions
        #expect(decisions.filter { $0.reason == .massChange }.allSatisfy { $0.drift.kind.plane == .internalDNS })
        #expect(decisions.count { $0.verdict == .held } == 6)
        #expect(decisions.count { $0.verdict == .repair } == 5)
    }

    // MARK: What is believed

    struct Disbelief: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reason: Unknown
        var spoil: @Sendable (inout TechnitiumReading) -> Void
    }

    static let disbeliefs = [
        Disbelief(testDescription: "the zone above", reason: .wrongZone) { $0.zone.name = "net" },
        Disbelief(testDescription: "a zone below", reason: .wrongZone) { $0.zone.name = "games.example.net" },
        Disbelief(testDescription: "a copy", reason: .wrongZone) { $0.zone.type = "Secondary" },
        Disbelief(testDescription: "a stub", reason: .wrongZone) { $0.zone.type = "Stub" },
        Disbelief(testDescription: "a type of a later version", reason: .wrongZone) { $0.zone.type = "Later" },
        Disbelief(testDescription: "disabled", reason: .configuration) { $0.zone.isDisabled = true },
        Disbelief(testDescription: "no record at all", reason: .emptyListing) { $0.records = [] },
        Disbelief(testDescription: "no SOA", reason: .partialListing) {
            $0.records.removeAll { $0.data == .other(type: "SOA") }
        },
        Disbelief(testDescription: "no NS", reason: .partialListing) {
            $0.records.removeAll { $0.data == .other(type: "NS") }
        },
        Disbelief(testDescription: "an NS of a delegation alone", reason: .partialListing) { reading in
            for index in reading.records.indices where reading.records[index].data == .other(type: "NS") {
                reading.records[index].name = "lab.example.net"
            }
        },
        Disbelief(testDescription: "written to meanwhile", reason: .changedWhileRead) { $0.zone.serial = 36 },
        Disbelief(testDescription: "a stranger", reason: .wrongZone) {
            $0.records.append(Fleet.internalRecord("badexample.net", .a("10.0.0.1")))
        },
        Disbelief(testDescription: "a record twice", reason: .malformed) { $0.records.append($0.records[2]) },
    ]

    @Test(arguments: disbeliefs) func nothingIsConcludedFromADoubtfulListing(_ disbelief: Disbelief) throws {
        var fleet = Fleet.withInternalZone()
        // Were it believed, two records would be missing and one be wrong.
        fleet.removeInternalRecord(srvHost, "SRV")
        fleet.changeInternalRecord("mc-paper-5002", "A") { $0.data = .a("10.0.0.99") }
        fleet.changeInternalZone(disbelief.spoil)
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(Set(report.unknown.map(\.reason)) == [disbelief.reason])
        #expect(Set(report.unknown.compactMap(\.vmid)).count == 3)
        #expect(report.status(.internalDNS) == .failed)
        #expect(report.exitStatus == 3)
        let detail = try #require(report.coverage.first { $0.plane == .internalDNS }?.detail)
        #expect(!detail.contains("dns.public") && !detail.contains("zone_id"))
        #expect(detail.contains("example.net"))
    }

    /// Technitium removes such records by itself: they will drift, and do not yet.
    @Test func recordsOfOursThatExpireAreSaid() throws {
        func detail(_ expiring: [DNSRecord]) throws -> String {
            var fleet = Fleet.withInternalZone()
            for record in expiring where !record.name.hasPrefix("mc-paper-5") && !record.name.hasPrefix("_") {
                fleet.addInternalRecord(record)
            }
            fleet.changeInternalZone { $0.expiring = Set(expiring.map(\.id)) }
            let report = try #require(fleet.audit())
            #expect(report.kinds == [] && report.isComplete && report.exitStatus == 0)
            return try #require(report.coverage.first { $0.plane == .internalDNS }?.detail)
        }
        let host = "mc-paper-5001.example.net"
        let address = Fleet.internalRecord(host, .a(Fleet.internalEdge))
        let service = Fleet.internalRecord(
            "_minecraft._tcp.\(host)", .srv(SRV(priority: 0, weight: 0, port: 25565, target: host)))
        let printer = Fleet.internalRecord("printer.example.net", .a("10.0.0.77"))
        #expect(try !detail([]).contains("remove"))
        #expect(try !detail([printer]).contains("remove"), "what others keep there is theirs")
        #expect(
            try detail([printer, address]).hasSuffix(
                "; the server will remove a record of ours by itself (expiryTtl): '\(address.id)'"))
        #expect(
            try detail([address, service]).contains(
                "will remove 2 records of ours by itself (expiryTtl), '\(service.id)'"))
    }

    @Test func whatIsNoDoubtIsBelieved() throws {
        for spoil: @Sendable (inout TechnitiumReading) -> Void in [
            { $0.zone.serial = nil }, { $0.listedSerial = nil }, { $0.records.reverse() },
            { reading in
                reading.zone.type = "Forwarder"
                reading.records.removeAll { $0.data == .other(type: "NS") }
                reading.records.append(Fleet.internalRecord(Fleet.zone, .other(type: "FWD")))
            },
            { reading in
                // Several of a type whose content is not kept look alike; they are none of ours.
                for _ in 0..<2 { reading.records.append(Fleet.internalRecord(Fleet.zone, .other(type: "TXT"))) }
            },
        ] {
            var fleet = Fleet.withInternalZone()
            fleet.changeInternalZone(spoil)
            #expect(try #require(fleet.audit()).exitStatus == 0)
        }
    }

    @Test func aRecordThatMakesNoSenseIsUnknown() throws {
        var fleet = Fleet.withInternalZone()
        fleet.changeInternalRecord(srvHost, "SRV") { $0.data = .unreadable(type: "SRV") }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .internalDNS, reason: .unreadableRecord)])
    }

    @Test func aSuspendedCustomersInternalRecordsAreLeftAlone() throws {
        var fleet = Fleet.withInternalZone()
        fleet.billing = [BillingRow(customer: "c5001", status: .suspended, serverState: .allowed)]
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.removeInternalRecord(host, "A")
        #expect(try #require(fleet.audit()).exitStatus == 0)
    }

    @Test func withoutAnInternalServiceNothingIsSaidOfIt() throws {
        let report = try #require(Fleet().audit())
        #expect(report.status(.internalDNS) == .notConfigured)
        #expect(report.notEvaluated.contains { $0.kind == .internalAMissing })
        #expect(report.exitStatus == 0)
    }
}
