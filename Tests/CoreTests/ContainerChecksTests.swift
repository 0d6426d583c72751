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

    @Test func powerIsComparedWithWhatIsDesired() throws {
        var fleet = Fleet(4)
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.changeRow(5002) { $0.power = .stopped }
        fleet.changeGuest(5003) { $0.status = "paused" }
        fleet.billing = [BillingRow(customer: "c5004", status: .suspended, serverState: .allowed)]
        let report = try #require(fleet.audit())
        #expect(
            report.kinds == [
                "container.stopped 5001", "container.running 5002", "container.suspended_running 5004",
            ])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5003), plane: .proxmox, reason: .statusUnknown)])
        #expect(report.decisions.map(\.verdict) == [.manual, .manual, .manual])
        #expect(report.decisions.map(\.reason) == [.noAction, .noAction, .noAction])
        #expect(report.decisions.map(\.drift.evidence.looks) == [2, 2, 2])
    }

    private static let power: [(change: @Sendable (inout Fleet) -> Void, kind: DriftKind)] = [
        ({ $0.changeGuest(5001) { $0.status = "stopped" } }, .containerStopped),
        ({ $0.changeRow(5001) { $0.power = .stopped } }, .containerRunning),
        (
            { $0.billing = [BillingRow(customer: "c5001", status: .suspended, serverState: .allowed)] },
            .containerSuspendedRunning
        ),
    ]

    /// A restart, or a listing that was some seconds old.
    @Test(arguments: 0..<3)
    func powerThatOneOfTwoLooksShowsIsUnknown(which: Int) throws {
        var fleet = Fleet()
        Self.power[which].change(&fleet)
        #expect(try #require(fleet.audit()).decisions.map(\.drift.kind) == [Self.power[which].kind])
        var other = fleet
        other.changeGuest(5001) { $0.status = $0.status == "running" ? "stopped" : "running" }
        #expect(try #require(fleet.audit(second: other)).kinds == [])
        // What is first seen in the second look has no other one.
        other.removeRecord("s5002")
        fleet.removeRecord("s5002")
        other.guests.append(.init(vmid: VMID(5900)!, type: "lxc", node: "n1", status: "running", name: "mc-x-5900"))
        let late = try #require(other.audit(second: fleet))
        #expect(!late.decisions.contains { $0.drift.kind == Self.power[which].kind })
        #expect(late.unknown.contains(UnknownFact(vmid: VMID(5001), plane: .proxmox, reason: .notConfirmed)))
        // Nor has a second look that comes to nothing.
        var blind = fleet
        blind.isQuorate = false
        let report = try #require(fleet.audit(second: blind))
        #expect(report.unknown.contains(UnknownFact(vmid: VMID(5001), plane: .proxmox, reason: .notConfirmed)))
        #expect(!report.decisions.contains { $0.drift.kind == Self.power[which].kind })
    }

    @Test func aStoppedMomentUnderALockIsNoDrift() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { ($0.status, $0.lock) = ("stopped", "backup") }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .proxmox, reason: .locked)])
    }

    @Test func aStoppedMomentOfAnOperationIsNoDrift() throws {
        for status in [DesiredOperation.Status.queued, .running] {
            var fleet = Fleet()
            fleet.changeGuest(5001) { $0.status = "stopped" }
            fleet.addOperation("op", .restart, vmid: 5001, status: status)
            let report = try #require(fleet.audit())
            #expect(report.kinds == [])
            #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .proxmox, reason: .actedOn)])
            // One that has ended, or that is another server's, explains nothing.
            fleet.changeOperation("op") { $0.status = .ready }
            #expect(try #require(fleet.audit()).kinds == ["container.stopped 5001"])
            fleet.changeOperation("op") { ($0.status, $0.vmid) = (status, VMID(5002)) }
            #expect(try #require(fleet.audit()).kinds == ["container.stopped 5001"])
        }
    }

    @Test func aDeadOperationActsOnNothing() throws {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.addDeadBackup("dead", vmid: 5001)
        #expect(try #require(fleet.audit()).kinds == ["container.stopped 5001", "operation.stale 5001"])
        // Whether it is dead only its queue can tell, and beside a dead one another may live.
        fleet.queues.isPaused = true
        #expect(try #require(fleet.audit()).kinds == [])
        fleet.queues.isPaused = false
        fleet.addOperation("alive", .restart, vmid: 5001, status: .running)
        #expect(try #require(fleet.audit()).kinds == ["operation.stale 5001"])
    }

    /// Without its queue nobody ever says of an operation that it is dead, and it stays live in the database.
    @Test func anOperationThatIsLateHidesNothingWhereNoQueueIsRead() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.addDeadBackup("late", vmid: 5001)
        #expect(try #require(fleet.audit()).kinds == ["container.stopped 5001"])
        fleet.addOperation("alive", .restart, vmid: 5001, status: .running)
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .proxmox, reason: .actedOn)])
    }

    /// It may be the very one that stopped it.
    @Test func anOperationThatNobodyCanReadMayActOnIt() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.unreadable = [.init(table: .operation, vmid: VMID(5001), externalID: nil, hostname: nil, why: "kind")]
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .database, reason: .unreadableRow)])
    }

    /// What should rest and runs does so whoever acts on it; the person who stops it is told.
    @Test func whatRunsIsToldWhoeverActsOnIt() throws {
        var fleet = Fleet()
        fleet.changeRow(5001) { $0.power = .stopped }
        fleet.addOperation("op", .restart, vmid: 5001, status: .running)
        let decision = try #require(fleet.audit()?.decision(.containerRunning))
        #expect(decision.detail?.contains("mind: restart op is running and owns the instance") == true)
    }

    @Test func whatADeadNodeSaidLastIsNotBelieved() throws {
        var fleet = Fleet()
        fleet.nodes[0].status = "offline"
        fleet.changeGuest(5001) { $0.status = "stopped" }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["container.node_offline -"])
        #expect(Set(report.unknown.map(\.reason)) == [.nodeOffline])
    }

    @Test func haIsNamedWhereItActs() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { ($0.status, $0.haState) = ("stopped", "started") }
        let decision = try #require(fleet.audit()?.decision(.containerStopped))
        #expect((decision.verdict, decision.reason) == (.manual, .noAction))
        #expect(decision.detail?.contains("managed by Proxmox HA (state started)") == true)
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

    @Test func anotherNodeIsWorthKnowing() throws {
        var fleet = Fleet()
        fleet.changeGuest(5001) { $0.node = "n2" }
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["container.node_changed 5001"])
        #expect((report.decisions[0].verdict, report.decisions[0].reason) == (.report, .observeOnly))
    }

    @Test func aGuestThatNobodyClaimsIsAnOrphan() throws {
        var fleet = Fleet()
        fleet.guests.append(.init(vmid: VMID(5900)!, type: "lxc", node: "n2", status: "running", name: "mc-old-5900"))
        fleet.guests.append(.init(vmid: VMID(9001)!, type: "lxc", node: "n2", status: "running", name: "grafana"))
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["container.orphan 5900"])
        #expect(report.decisions[0].reason == .personOnly)
        #expect(report.decisions[0].drift.subject.hostname == "mc-old-5900")
    }

    @Test func aServerMadeDuringTheReadingIsNoOrphan() throws {
        let second = Fleet(4)
        var first = second
        first.removeRow(5004)
        #expect(try #require(first.audit(second: second)).kinds == [])
    }

    @Test func noOrphanWhileACreateHasNoVMIDOrARowIsUnreadable() throws {
        var fleet = Fleet()
        fleet.guests.append(.init(vmid: VMID(5900)!, type: "lxc", node: "n2", status: "running", name: "mc-old-5900"))
        var waiting = fleet
        waiting.addOperation("op1", .create, vmid: nil, status: .running)
        #expect(try #require(waiting.audit()).unknown.map(\.reason) == [.createWithoutVMID])
        #expect(try #require(waiting.audit()).kinds == [])

        var unreadable = fleet
        unreadable.unreadable = [
            .init(table: .instance, vmid: VMID(5077), externalID: nil, hostname: nil, why: "ctype")
        ]
        let report = try #require(unreadable.audit())
        #expect(report.kinds == [])
        #expect(report.unknown.contains(UnknownFact(vmid: VMID(5900), plane: .database, reason: .unreadableRow)))
        #expect(report.status(.database) == .partial)
        #expect(report.summary.instances == 4)
    }

    @Test(arguments: [DesiredInstance.Status.failed, .provisioning, .terminating, .pendingReconciliation])
    func otherStatesClaimTheirVMIDAndExpectNothing(status: DesiredInstance.Status) throws {
        var fleet = Fleet()
        fleet.changeRow(5001) { $0.status = status }
        fleet.changeGuest(5001) { $0.status = "stopped" }
        fleet.records.removeAll { $0.id == "s5001" }
        #expect(try #require(fleet.audit()).kinds == [])
    }

    @Test func aServerThatIsStillBeingMadeNeedsNoContainer() throws {
        var fleet = Fleet(4)
        fleet.changeRow(5001) { $0.status = .provisioning }
        fleet.removeGuest(5001)
        fleet.removeGuest(5002)
        let report = try #require(fleet.audit())
        #expect(report.kinds == ["container.missing 5002"])
        #expect(report.unknown == [])
    }

    @Test(arguments: [nil, false, true])
    func aGuestThatTheTokenMayNotSeeIsNotMissing(isVisible: Bool?) throws {
        // The role NoAccess on /vms/N shows in no list: only the question about that very guest finds it.
        var fleet = Fleet()
        fleet.removeGuest(5002)
        fleet.probes = isVisible.map { [VMID(5002)!: $0] } ?? [:]
        let report = try #require(fleet.audit())
        #expect(report.kinds == (isVisible == true ? ["container.missing 5002"] : []))
        let reason: Unknown? = isVisible == true ? nil : isVisible == false ? .permissionMissing : .notConfirmed
        #expect(report.unknown.map(\.reason) == [reason].compactMap { $0 })
    }

    @Test func anEmptyDesiredStateMakesNoOrphans() throws {
        var fleet = Fleet(2)
        fleet.instances = []
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(Set(report.unknown.map(\.reason)) == [.bulkOrphans])
        #expect(report.status(.database) == .partial)
        #expect(report.exitStatus == 3)
    }

    @Test func aGuestThatIsBeingMadeIsNoOrphanYet() throws {
        for (name, lock) in [(nil, nil), ("CT5900", "create")] as [(String?, String?)] {
            var fleet = Fleet()
            fleet.guests.append(
                .init(vmid: VMID(5900)!, type: "lxc", node: "n2", status: "unknown", name: name, lock: lock))
            let report = try #require(fleet.audit())
            #expect(report.kinds == [])
            #expect(report.unknown.map(\.reason) == [lock == nil ? .nameUnknown : .locked])
        }
    }

    @Test func aBillingRowThatMakesNoSenseClaimsNothing() throws {
        var fleet = Fleet()
        fleet.billing = [BillingRow(customer: "c5001", status: nil, serverState: .allowed)]
        fleet.removeRecord("s5001")
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .database, reason: .unreadableRow)])
        #expect((report.summary.unknown, report.summary.suppressed) == (1, 0))
    }

    @Test func rowsOfOneIdentityThatDifferAreNotBelieved() throws {
        var fleet = Fleet()
        var other = fleet.instances[0]
        other.port = 25570
        fleet.instances.append(other)
        let report = try #require(fleet.audit())
        #expect(report.decisions.allSatisfy { $0.drift.evidence.plane == .database }, "only that there are two")
        #expect(report.unknown == [UnknownFact(vmid: VMID(5001), plane: .database, reason: .contradictoryRows)])
        fleet.instances[3].key = InstanceKey(vmid: VMID(5099)!, externalID: fleet.id(5001))
        #expect(Set(try #require(fleet.audit()).unknown.map(\.reason)) == [.contradictoryRows])
    }

    @Test func whatIsLeftOfAFailedOperationIsUncertainAndNoOrphan() throws {
        var fleet = Fleet()
        fleet.guests.append(.init(vmid: VMID(5900)!, type: "lxc", node: "n2", status: "running", name: "mc-new-5900"))
        fleet.addOperation("op1", .create, vmid: 5900, status: .failed)
        #expect(try #require(fleet.audit()).kinds == ["operation.uncertain 5900"])
    }
}
