import Core
import TestSupport
import Testing

@Suite("Containers")
struct ContainerChecksTests {
    @Test func aContainerThatTwoLooksLackIsMissing() throws {
        var fleet = Fleet()
        fleet.removeGuest(5002)
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["container.missing 5002"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.reason, decision.level) == (.manual, .personOnly, .destructive))
        #expect(decision.drift.evidence.looks == 2)
        #expect(report.exitStatus == 2)
    }

    @Test func aContainerThatComesBackWasNeverMissing() throws {
        var first = Fleet()
        first.removeGuest(5002)
        let report = try #require(first.audit(second: Fleet()))
        #expect(report.kinds == [])
        #expect(report.exitStatus == 0)
    }

    @Test func aRowDeletedBetweenTheLooksMakesNothingMissing() throws {
        var first = Fleet()
        first.removeGuest(5002)
        var second = first
        second.removeRow(5002)
        second.records.removeAll { $0.name.contains("5002") }
        #expect(try #require(first.audit(second: second)).kinds == [])
    }

    @Test func anAbsenceOfTheSecondLookAloneIsUnknown() throws {
        var first = Fleet()
        first.removeGuest(5001)
        var second = Fleet()
        second.removeGuest(5002)
        let report = try #require(first.audit(second: second))
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5002), plane: .proxmox, reason: .notConfirmed)])
        #expect(report.exitStatus == 3)
    }

    @Test func manyAbsentAtOnceAreNotBelieved() throws {
        var fleet = Fleet(20)
        for vmid in 5001...5006 { fleet.removeGuest(vmid) }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown.map(\.reason) == Array(repeating: .bulkAbsence, count: 6))
        #expect(report.status(.proxmox) == .partial)

        fleet = Fleet(20)
        for vmid in 5001...5005 { fleet.removeGuest(vmid) }
        #expect(try #require(fleet.audit()).kinds.count == 5, "five is the floor and not over it")
    }

    @Test(
        "Each of these makes an absence unbelievable",
        arguments: [Unknown.permissionMissing, .canaryMissing, .malformed, .nodeOffline])
    func doubts(reason: Unknown) throws {
        var fleet = Fleet()
        fleet.removeGuest(5002)
        switch reason {
        case .permissionMissing: fleet.permissions = ["/vms/5001": ["VM.Audit": true]]
        case .canaryMissing: fleet.settings.proxmox?.canary = VMID(100)
        case .malformed: fleet.unreadableRows = 1
        case .nodeOffline: fleet.nodes[0].status = "offline"
        default: Issue.record("no such case")
        }
        let report = try #require(fleet.audit())
        #expect(!report.kinds.contains("container.missing 5002"))
        #expect(report.unknown.contains(UnknownFact(vmid: VMID(5002), plane: .proxmox, reason: reason)))
        #expect(report.exitStatus != 0)
    }

    /// A guest that is listed is there, whatever else is not; but then nothing was verified of the rest.
    @Test func theEvidenceSaysNoMoreThanWasVerified() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.name = "mc-other-5001" }
        func evidence() throws -> String {
            Words.evidence(try #require(fleet.audit()?.decision(.containerIdentityMismatch)).drift.evidence)
        }
        #expect(try evidence() == "complete cluster inventory with verified permissions")
        fleet.permissions = [:]
        #expect(try evidence() == "cluster inventory")
        fleet.permissions = ["/": ["VM.Audit": true]]
        fleet.unreadableRows = 1
        #expect(try evidence() == "cluster inventory")
    }

    /// As Proxmox itself decides: what stands on `/vms` replaces what stands on `/`.
    @Test func theNearestPathDecidesWhatTheTokenMaySee() throws {
        var fleet = Fleet()
        fleet.removeGuest(5002)
        for hidden in [[:], ["Pool.Audit": true], ["VM.Audit": false]] {
            fleet.permissions = ["/": ["VM.Audit": true, "Sys.Audit": true], "/vms": hidden]
            let report = try #require(fleet.audit())
            #expect(report.kinds == [])
            #expect(
                report.unknown == [UnknownFact(vmid: VMID(5002), plane: .proxmox, reason: .permissionMissing)])
        }
        fleet.permissions = ["/": ["Sys.Audit": true], "/vms": ["VM.Audit": true]]
        #expect(try #require(fleet.audit()).kinds == ["container.missing 5002"])
    }

    @Test func aPathRuleHidesOneGuest() throws {
        var fleet = Fleet()
        fleet.removeGuest(5002)
        fleet.permissions["/vms/5002"] = ["Pool.Audit": true]
        #expect(
            try #require(fleet.audit()).unknown
                == [UnknownFact(vmid: VMID(5002), plane: .proxmox, reason: .permissionMissing)])
    }

    @Test func aPoolThatIsBusyAndShowsNobodyIsALostPermission() throws {
        var fleet = Fleet()
        fleet.removeGuest(5002)
        fleet.pools = [("games", 4)]
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.status(.proxmox) == .partial)
    }

    @Test(
        "Each of these makes the whole inventory unbelievable",
        arguments: [Unknown.noQuorum, .wrongCluster, .partialListing])
    func refusals(reason: Unknown) throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.status = "stopped" }
        switch reason {
        case .noQuorum: fleet.isQuorate = false
        case .wrongCluster: fleet.clusterName = "test"
        case .partialListing: fleet.clusterNodes = ["n1", "n2", "n3"]
        default: Issue.record("no such case")
        }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.status(.proxmox) == .failed)
        #expect(Set(report.unknown.map(\.reason)) == [reason])
        #expect(report.exitStatus == 3)
    }

    @Test func aStandaloneNodeNeedsNoQuorum() throws {
        var fleet = Fleet()
        (fleet.clusterName, fleet.isQuorate, fleet.settings.proxmox) = (nil, nil, .init(cluster: nil, canary: nil))
        #expect(try #require(fleet.audit()).exitStatus == 0)
    }

    @Test func anEmptyInventoryIsNotBelieved() throws {
        var fleet = Fleet(2)
        fleet.guests = []
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(Set(report.unknown.map(\.reason)) == [.emptyListing])
    }

    @Test func anotherGuestUnderTheVMIDIsNotJudgedFurther() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { ($0.name, $0.status, $0.node) = ("mc-vanilla-5001", "stopped", "n2") }
        fleet.removeRecord("s5001")
        fleet.removeRecord("a5001")
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["container.identity_mismatch 5001"])
        #expect(report.decisions[0].reason == .personOnly)
    }

    @Test(arguments: ["qemu", "template"])
    func aGuestThatCannotBeTheServerIsAnother(what: String) throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { if what == "qemu" { $0.type = "qemu" } else { $0.isTemplate = true } }
        #expect(try #require(fleet.audit()).kinds == ["container.identity_mismatch 5001"])
    }

    @Test(arguments: [nil, "CT5001"])
    func aGuestWithoutANameIsUnknownAndItsRecordsAreHeld(name: String?) throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.name = name }
        fleet.removeRecord("s5001")
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["dns.public.srv_missing 5001"])
        #expect((report.decisions[0].verdict, report.decisions[0].reason) == (.held, .evidenceUnknown))
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .proxmox, reason: .nameUnknown)])
    }

    /// Proxmox calls a container `CT<vmid>` whose configuration says no name: under a VMID that was handed out again it may be another
    /// customer's, and nobody is to be sent there to stop or start it.
    @Test(arguments: [nil, "CT5001"])
    func aGuestThatMayBeAnothersIsNotJudged(name: String?) throws {
        func unnamed(_ change: (inout Fleet) -> Void) throws -> Report {
            var fleet = Fleet()
            change(&fleet)
            #expect(try #require(fleet.audit()).decisions.count == 1)
            fleet.changeGuest(5001) { $0.name = name }
            return try #require(fleet.audit())
        }
        let suspended = BillingRow(customer: "c5001", status: .suspended, serverState: .suspendedShutdown)
        for report in [
            try unnamed { $0.changeGuest(5001) { $0.status = "stopped" } },
            try unnamed { $0.changeRow(5001) { $0.power = .stopped } }, try unnamed { $0.billing = [suspended] },
            try unnamed { $0.changeGuest(5001) { $0.node = "n2" } },
        ] {
            #expect(report.kinds == [])
            #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .proxmox, reason: .nameUnknown)])
            #expect(report.summary.unknown == 1)
        }
    }

    @Test func anotherNodeIsWorthKnowing() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.node = "n2" }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["container.node_changed 5001"])
        #expect((report.decisions[0].verdict, report.decisions[0].reason) == (.report, .observeOnly))
    }
}
