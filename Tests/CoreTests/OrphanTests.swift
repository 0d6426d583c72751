import Core
import TestSupport
import Testing

@Suite("Guests that nobody ordered, and rows that claim nothing")
struct OrphanTests {
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
