import Core
import TestSupport
import Testing

@Suite("What runs and what rests")
struct ContainerPowerTests {
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
}
