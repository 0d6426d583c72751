import Core
import TestSupport
import Testing

@Suite("Public records")
struct DNSChecksTests {
    private func record(_ id: String, _ name: String, _ data: DNSRecord.Data, comment: String? = nil) -> DNSRecord {
        DNSRecord(id: id, name: "\(name).example.net", data: data, ttl: 60, comment: comment)
    }

    @Test func aDeletedSRVIsTheReferenceRepair() throws {
        var fleet = Fleet()
        fleet.removeRecord("s5002")
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["dns.public.srv_missing 5002"])
        let decision = report.decisions[0]
        #expect(decision.verdict == .repair)
        #expect(decision.reason == .policyMatched)
        #expect(decision.action == .edgeRepublish)
        #expect(decision.policy == "edge-republish")
        #expect(decision.pending == [.notSeenLongEnough])
        #expect(decision.execution == .audit)
        #expect(decision.drift.subject.record == "_minecraft._tcp.mc-paper-5002.example.net")
        #expect(decision.drift.desired == "SRV 0 0 25565 mc-paper-5002.example.net")
    }

    @Test func aRecordThatComesBackWasNeverMissing() throws {
        var first = Fleet()
        first.removeRecord("s5002")
        #expect(try #require(first.audit(second: Fleet())).exitStatus == 0)
    }

    @Test func anEmptyZoneIsNotBelieved() throws {
        var fleet = Fleet(2)
        fleet.records = []
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(Set(report.unknown.map(\.reason)) == [.emptyListing])
        #expect(report.status(.publicDNS) == .partial)
    }

    enum Wrongness: CaseIterable { case formerEdge, proxied, disabled, priority, port, target }

    @Test(arguments: Wrongness.allCases)
    func wrongRecords(what: Wrongness) throws {
        var fleet = Fleet()
        let host = "mc-paper-5001.example.net"
        switch what {
        case .formerEdge: fleet.changeRecord("a5001") { $0.data = .a(Fleet.formerEdge) }
        case .proxied: fleet.changeRecord("a5001") { $0.isProxied = true }
        case .disabled: fleet.changeRecord("a5001") { $0.isDisabled = true }
        case .priority:
            fleet.changeRecord("s5001") { $0.data = .srv(SRV(priority: 5, weight: 0, port: 25565, target: host)) }
        case .port: fleet.changeRecord("s5001") { $0.data = .srv(SRV(priority: 0, weight: 0, port: 1, target: host)) }
        case .target:
            fleet.changeRecord("s5001") { $0.data = .srv(SRV(priority: 0, weight: 0, port: 25565, target: ".")) }
        }
        let report = try #require(fleet.audit())
        let isAddress = [.formerEdge, .proxied, .disabled].contains(what)
        #expect(report.kinds == [isAddress ? "dns.public.a_wrong 5001" : "dns.public.srv_wrong 5001"])
        #expect(report.decisions[0].verdict == .repair)
    }

    @Test(
        "Only a record without a comment or with our own mark is corrected",
        arguments: [
            (nil, true), ("", true), ("zlh-controller/test-1 5001", true), ("zlh-controller/test-1 5002", false),
            ("zlh-controller/other 5001", false), ("managed by hand", false),
        ])
    func ownership(comment: String?, isOurs: Bool) throws {
        var fleet = Fleet()
        fleet.changeRecord("a5001") { ($0.data, $0.comment) = (.a("198.51.100.7"), comment) }
        let decision = try #require(fleet.audit()?.decision(.publicAWrong))
        #expect(decision.verdict == (isOurs ? .repair : .held))
        #expect(decision.reason == (isOurs ? .policyMatched : .foreignRecord))
    }

    @Test func anAliasAtTheNameIsForeign() throws {
        var fleet = Fleet()
        fleet.changeRecord("a5001") { $0.data = .cname("other.example.org") }
        let decision = try #require(fleet.audit()?.decision(.publicAMissing))
        #expect((decision.verdict, decision.reason) == (.held, .foreignRecord))
        #expect(decision.detail?.contains("CNAME other.example.org") == true)
    }

    @Test func anIPv6AddressBesideAWrongOneHolds() throws {
        var fleet = Fleet()
        fleet.changeRecord("a5001") { $0.data = .a("198.51.100.7") }
        fleet.records.append(record("x", "mc-paper-5001", .aaaa("2001:db8::1")))
        #expect(try #require(fleet.audit()?.decision(.publicAWrong)).reason == .foreignRecord)
    }

    @Test(
        "Surplus goes only while a right record stays, and only what is ours",
        arguments: [
            (Fleet.formerEdge, nil, true), ("198.51.100.7", nil, false),
            ("198.51.100.7", "zlh-controller/test-1 5001", true), (Fleet.formerEdge, "by hand", false),
        ])
    func duplicates(address: String, comment: String?, isRepairable: Bool) throws {
        var fleet = Fleet()
        fleet.records.append(record("x", "mc-paper-5001", .a(address), comment: comment))
        let decision = try #require(fleet.audit()?.decision(.publicADuplicate))
        #expect(decision.verdict == (isRepairable ? .repair : .held))
        fleet.changeRecord("a5001") { $0.data = .a("198.51.100.8") }
        #expect(try #require(fleet.audit()?.decision(.publicADuplicate)).reason == .foreignRecord)
    }

    private static let service = "_minecraft._tcp.mc-paper-5001"
    private static func service(_ port: Int) -> DNSRecord.Data {
        .srv(SRV(priority: 0, weight: 0, port: port, target: "mc-paper-5001.example.net"))
    }

    struct Surplus: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Of the record that stands there anyhow.
        var own: (port: Int, comment: String?) = (25565, nil)
        var other: (port: Int, comment: String?)
        var blocker: DNSRecord.Data?
        /// Why a guard holds it; nil where the other one goes and the own one stays.
        var says: String?
    }

    private static let mark = "zlh-controller/test-1 5001"

    static let surplus = [
        Surplus(testDescription: "a marked one", other: (25570, mark)),
        Surplus(testDescription: "a marked one beside a marked right one", own: (25565, mark), other: (25570, mark)),
        // A former edge tells that an address was ours; a service has nothing that would.
        Surplus(testDescription: "one without a comment", other: (25570, nil), says: "not marked as ours"),
        Surplus(testDescription: "one with an empty comment", other: (25570, ""), says: "not marked as ours"),
        Surplus(testDescription: "a right one that is marked", other: (25565, mark), says: "not marked as ours"),
        Surplus(testDescription: "somebody else's", other: (25570, "by hand"), says: "is not ours: by hand"),
        Surplus(
            testDescription: "another installation's", other: (25570, "zlh-controller/other 5001"),
            says: "is not ours"),
        Surplus(
            testDescription: "another server's", other: (25570, "zlh-controller/test-1 5002"), says: "is not ours"),
        Surplus(
            testDescription: "a marked one beside somebody else's right one", own: (25565, "by hand"),
            other: (25570, mark), says: "is not ours: by hand"),
        Surplus(
            testDescription: "a marked one beside a wrong one", own: (25569, mark), other: (25570, mark),
            says: "none of them is right"),
        Surplus(
            testDescription: "a marked one beside an alias", other: (25570, mark), blocker: .cname("shop.example.org"),
            says: "CNAME shop.example.org"),
    ]

    @Test("Of two SRV records one goes where it is marked as ours and the other one is right", arguments: surplus)
    func services(_ example: Surplus) throws {
        var fleet = Fleet()
        fleet.changeRecord("s5001") { ($0.data, $0.comment) = (Self.service(example.own.port), example.own.comment) }
        fleet.records.append(
            record("x", Self.service, Self.service(example.other.port), comment: example.other.comment))
        if let blocker = example.blocker { fleet.records.append(record("y", Self.service, blocker)) }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["dns.public.srv_duplicate 5001"])
        let decision = report.decisions[0]
        #expect(decision.drift.subject.record == "\(Self.service).example.net")
        #expect(decision.drift.desired == "SRV 0 0 25565 mc-paper-5001.example.net")
        #expect(decision.drift.observed.split(separator: "; ").count == 2)
        if let says = example.says {
            #expect((decision.verdict, decision.reason) == (.held, .foreignRecord))
            #expect(decision.detail?.contains(says) == true, "\(decision.detail ?? "")")
            #expect(decision.drift.edge == nil)
            return
        }
        #expect((decision.verdict, decision.action) == (.repair, .edgeRepublish))
        guard case .record(let change)? = decision.drift.edge, case .removeSurplus(let goes, let stays) = change.deed
        else {
            Issue.record("nothing would be removed")
            return
        }
        #expect(stays.id == "s5001" && goes.map(\.id) == ["x"])
    }

    @Test func theMarkedOneOfTwoRightServicesStays() throws {
        var fleet = Fleet()
        fleet.changeRecord("s5001") { $0.comment = Self.mark }
        fleet.records.append(record("a0", Self.service, Self.service(25565), comment: Self.mark))
        let drift = try #require(fleet.audit()?.decision(.publicSRVDuplicate)).drift
        guard case .record(let change)? = drift.edge, case .removeSurplus(let goes, let stays) = change.deed else {
            Issue.record("nothing would be removed")
            return
        }
        // Of two marked ones the first by its id, whatever the order of the listing.
        #expect((stays.id, goes.map(\.id)) == ("a0", ["s5001"]))
        fleet.records.reverse()
        #expect(try #require(fleet.audit()?.decision(.publicSRVDuplicate)).drift.edge == drift.edge)
    }

    @Test func aServiceThatMakesNoSenseBesideARightOneIsUnknown() throws {
        var fleet = Fleet()
        fleet.records.append(record("x", Self.service, .unreadable(type: "SRV"), comment: Self.mark))
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .publicDNS, reason: .unreadableRecord)])
    }

    @Test func aRecordThatMakesNoSenseIsUnknown() throws {
        var fleet = Fleet()
        fleet.changeRecord("s5001") { $0.data = .unreadable(type: "SRV") }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .publicDNS, reason: .unreadableRecord)])
    }

    @Test func aSuspendedCustomersRecordsAreNeitherWrongNorOrphans() throws {
        for status in [BillingRow.Status.suspended, .retained, .pendingDeletion] {
            var fleet = Fleet()
            fleet.billing = [BillingRow(customer: "c5001", status: status, serverState: .allowed)]
            fleet.changeGuest(5001) { $0.status = "stopped" }
            fleet.changeRecord("a5001") { $0.data = .a(Fleet.formerEdge) }
            fleet.removeRecord("s5001")
            let report = try #require(fleet.audit())
            #expect(report.kinds == [])
            #expect(report.summary.suppressed == 1)
            #expect(report.exitStatus == 0)
        }
    }

    @Test func aCustomerWhoIsLateIsNotSuspended() throws {
        var fleet = Fleet()
        fleet.billing = [BillingRow(customer: "c5001", status: .pastDue, serverState: .backupBlocked)]
        fleet.removeRecord("s5001")
        #expect(try #require(fleet.audit()).decisions.map(\.verdict) == [.repair])
    }

    @Test func anOperationInFlightOwnsItsInstance() throws {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        fleet.addOperation("op7", .restart, vmid: 5001, status: .running)
        let decision = try #require(fleet.audit()?.decision(.publicSRVMissing))
        #expect((decision.verdict, decision.reason) == (.held, .operationInFlight))
        #expect(decision.detail == "restart op7 is running and owns the instance")
    }

    @Test func anOperationThatCannotBeUnderstoodMayOwnItsInstance() throws {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        fleet.unreadable = [.init(table: .operation, vmid: VMID(5001), externalID: nil, hostname: nil, why: "kind")]
        let report = try #require(fleet.audit())
        let decision = try #require(report.decision(.publicSRVMissing))
        #expect((decision.verdict, decision.reason) == (.held, .evidenceUnknown))
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .database, reason: .unreadableRow)])
    }

    @Test(arguments: ["mc-paper-5002", "web", "mc_paper_5001", "mc-1.example.net", "mc-paper-5001x", ""])
    func aNameThatIsNotOursHolds(name: String) throws {
        var fleet = Fleet(1)
        fleet.changeRow(5001) { $0.hostname = name }
        fleet.changeGuest(5001) { $0.name = name }
        let report = try #require(fleet.audit())
        let dns = report.decisions.filter { $0.drift.kind.plane == .publicDNS && $0.drift.kind != .publicOrphan }
        #expect(dns.count == 2)
        #expect(dns.allSatisfy { $0.verdict == .held })
        #expect(dns.allSatisfy { $0.reason == .badHostname || (name.isEmpty && $0.reason == .evidenceUnknown) })
    }

    @Test func aRecordOfNobodyIsAnOrphan() throws {
        var fleet = Fleet()
        fleet.records += [
            record("o1", "mc-old-5900", .a(Fleet.edge)),
            record(
                "o2", "_minecraft._tcp.mc-old-5900",
                .srv(SRV(priority: 0, weight: 0, port: 25565, target: "mc-old-5900.example.net"))),
            record("o3", "rust-5901", .a(Fleet.formerEdge)),
            record("o4", "anything", .a("198.51.100.1"), comment: "zlh-controller/test-1 5902"),
            record("f1", "www", .a(Fleet.edge)), record("f2", "mc-old-5903", .a("198.51.100.1")),
            record("f3", "mc-old-9900", .a(Fleet.edge)), record("f4", "web-5904", .a(Fleet.edge)),
            record("f5", "mc-old-5905", .other(type: "TXT")),
            record("f6", "x", .a("198.51.100.1"), comment: "zlh-controller/test-2 5902"),
        ]
        let report = try #require(fleet.audit())
        #expect(
            report.decisions.map(\.drift.subject.record) == [
                "_minecraft._tcp.mc-old-5900.example.net", "mc-old-5900.example.net", "rust-5901.example.net",
                "anything.example.net",
            ])
        #expect(report.decisions.allSatisfy { $0.drift.kind == .publicOrphan && $0.reason == .personOnly })
    }

    /// What nobody can read may be the row or the operation that the record belongs to: a record of a server, or one of ours
    /// whose name says nothing.
    @Test(arguments: [UnreadableRow.Table.instance, .operation], ["mc-old-5900", "lobby"])
    func whatAnUnreadableRowMayClaimIsNoOrphan(_ table: UnreadableRow.Table, _ host: String) throws {
        var fleet = Fleet()
        fleet.records.append(record("o1", host, .a(Fleet.edge), comment: "zlh-controller/test-1 5900"))
        #expect(try #require(fleet.audit()).kinds.count == 1)
        for vmid in [VMID(5900), VMID(5800), nil] {
            fleet.unreadable = [UnreadableRow(table: table, vmid: vmid, externalID: nil, hostname: nil, why: "status")]
            let report = try #require(fleet.audit())
            #expect(report.kinds == [])
            #expect(report.unknown.contains { $0.plane == .database && $0.reason == .unreadableRow })
        }
    }

    /// As with guests: its records may be there before the operation says which VMID it has.
    @Test func aRecordMayBeThatOfACreateWithoutVMID() throws {
        var fleet = Fleet()
        fleet.records.append(record("o1", "mc-old-5900", .a(Fleet.edge)))
        fleet.addOperation("op", .create, vmid: nil, status: .running)
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(
            report.unknown == [UnknownFact(vmid: VMID(5900), plane: .database, reason: .createWithoutVMID)])
    }

    @Test func lostRowsMakeNoOrphans() throws {
        var fleet = Fleet(11)
        for vmid in 5001...5008 { fleet.removeRow(vmid) }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(Set(report.unknown.map(\.reason)) == [.bulkOrphans])
        #expect(report.status(.database) == .partial)
        fleet.settings.proxmox = nil
        let withoutProxmox = try #require(fleet.audit())
        #expect(withoutProxmox.kinds == [])
        #expect(withoutProxmox.status(.database) == .partial)
    }

    @Test func whoIsKnownToBeDeletedIsAnOrphanHoweverMany() throws {
        var fleet = Fleet(11)
        for vmid in 5001...5008 {
            fleet.removeRow(vmid)
            fleet.removeGuest(vmid)
            fleet.retired.append(
                RetiredInstance(
                    vmid: VMID(vmid)!, externalID: nil, customer: nil, hostname: "mc-paper-\(vmid)", game: nil,
                    deletedAt: Fleet.now - .minutes(60)))
        }
        #expect(try #require(fleet.audit()).kinds.count == 16)
    }

    @Test func acceptedDriftsEngageNoBrake() throws {
        var fleet = Fleet(20)
        for vmid in 5001...5006 { fleet.removeRecord("s\(vmid)") }
        let id = try #require(fleet.audit()?.decisions.first?.drift.id)
        fleet.accepted = [Acceptance(driftID: id, reason: "known", until: Fleet.now + .minutes(1), by: "ops")]
        #expect(try #require(fleet.audit()).decisions.allSatisfy { $0.verdict == .repair })
    }

    @Test func manyRepairsAtOnceAreHeld() throws {
        var fleet = Fleet(20)
        for vmid in 5001...5005 { fleet.removeRecord("s\(vmid)") }
        #expect(try #require(fleet.audit()).decisions.allSatisfy { $0.verdict == .repair })
        fleet.removeRecord("s5006")
        let decisions = try #require(fleet.audit()).decisions
        #expect(decisions.count == 6)
        #expect(decisions.allSatisfy { $0.verdict == .held && $0.reason == .massChange })
    }

    @Test(arguments: [Unknown.partialListing, .changedWhileRead, .wrongZone])
    func pagesHaveToAgree(reason: Unknown) throws {
        let fleet = Fleet(4)
        var reading = fleet.zoneReading
        switch reason {
        case .partialListing: reading.pages[0].records.removeLast()
        case .changedWhileRead:
            reading.pages[0].totalPages = 2
            reading.pages.append(
                .init(number: 2, totalPages: 2, totalCount: 99, count: 0, records: []))
        case .wrongZone:
            reading.pages[0].records[0].name = "example.org"
        default: Issue.record("no such case")
        }
        #expect(Zone.judge(reading, zone: "example.net", plane: .publicDNS).failure == reason)
    }
}
