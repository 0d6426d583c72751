import Core
import TestSupport
import Testing

/// `operation.uncertain`: it ended badly, something exists under its VMID, no active row and no later operation explains that.
@Suite("What is left of an operation that ended badly")
struct UncertainOperationTests {
    private static let vmid = VMID(5900)!

    /// A guest under VMID 5900, and an operation that made it.
    private func fleet(
        _ status: DesiredOperation.Status = .failed, _ kind: DesiredOperation.Kind = .create,
        _ change: (inout Fleet) -> Void = { _ in }
    ) -> Fleet {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.guests.append(.init(vmid: Self.vmid, type: "lxc", node: "n2", status: "running", name: "mc-new-5900"))
        fleet.addOperation("op1", kind, vmid: 5900, status: status)
        // Where it is called live its job is there: it is in flight, and neither stale nor stuck.
        fleet.changeOperation("op1") { $0.heartbeatAt = Fleet.now }
        fleet.queues.jobs["op1"] = .listed([.active])
        change(&fleet)
        return fleet
    }

    private func uncertain(_ fleet: Fleet) throws -> [Drift] {
        try #require(fleet.audit()).decisions.map(\.drift).filter { $0.kind == .operationUncertain }
    }

    @Test(arguments: [DesiredOperation.Status.failed, .stale, .pendingReconciliation], DesiredOperation.Kind.allCases)
    func isToldWhateverItWas(_ status: DesiredOperation.Status, _ kind: DesiredOperation.Kind) throws {
        let report = try #require(fleet(status, kind).audit())
        #expect(report.kinds == ["operation.uncertain 5900"])
        let decision = report.decisions[0]
        #expect((decision.verdict, decision.reason, decision.level) == (.manual, .noAction, .disruptive))
        #expect(decision.drift.desired.hasPrefix("\(kind.rawValue) op1 is \(status.rawValue): "))
        #expect(decision.drift.observed == "lxc 'mc-new-5900' on node n2")
        #expect(report.summary.drifted == 0, "it belongs to no instance")
    }

    @Test(arguments: [DesiredOperation.Status.queued, .running])
    func oneThatIsInFlightOwnsWhatItMakes(_ status: DesiredOperation.Status) throws {
        #expect(try #require(fleet(status).audit()).kinds == [])
    }

    /// What it says it made has no row: that is an orphan, and no uncertainty.
    @Test func oneThatEndedWellExplainsNothing() throws {
        #expect(try #require(fleet(.ready).audit()).kinds == ["container.orphan 5900"])
    }

    @Test func anActiveRowExplainsIt() throws {
        let fleet = fleet { $0.addOperation("op2", .backup, vmid: 5001, status: .failed) }
        #expect(try uncertain(fleet).map(\.subject.vmid) == [Self.vmid])
    }

    @Test(arguments: [DesiredInstance.Status.provisioning, .failed, .pendingReconciliation, .terminating])
    func aRowThatIsNotActiveDoesNot(_ status: DesiredInstance.Status) throws {
        let fleet = fleet {
            $0.addOperation("op2", .backup, vmid: 5001, status: .failed)
            $0.changeRow(5001) { $0.status = status }
        }
        #expect(try uncertain(fleet).map(\.subject.vmid) == [VMID(5001), Self.vmid])
    }

    @Test(arguments: DesiredOperation.Status.allCases)
    func onlyTheLatestOfAVMIDSpeaks(_ later: DesiredOperation.Status) throws {
        let isBad = [.failed, .stale, .pendingReconciliation].contains(later)
        let fleet = fleet {
            $0.addOperation("op0", .restart, vmid: 5900, status: later)
            $0.changeOperation("op0") { ($0.enqueuedAt, $0.heartbeatAt) = (Fleet.now - .minutes(1), Fleet.now) }
            $0.queues.jobs["op0"] = .listed([.active])
        }
        #expect(try uncertain(fleet).map(\.desired).map { $0.split(separator: " ")[1] } == (isBad ? ["op0"] : []))
        // Of two of one moment the later id: the order of rows says nothing.
        let tied = self.fleet {
            $0.addOperation("op2", .restart, vmid: 5900, status: .failed)
            $0.changeOperation("op2") { $0.enqueuedAt = Fleet.now - .minutes(5) }
        }
        var reversed = tied
        reversed.operations.reverse()
        #expect(try uncertain(tied).map(\.id) == (try uncertain(reversed).map(\.id)))
        #expect(try uncertain(tied).map(\.desired).map { $0.split(separator: " ")[1] } == ["op2"])
    }

    @Test("Where nothing is certainly there, nothing is uncertain", arguments: 0...4)
    func nothingThere(which: Int) throws {
        var fleet = fleet()
        switch which {
        case 0: fleet.removeGuest(5900)
        case 1: fleet.changeOperation("op1") { $0.vmid = nil }
        case 2: fleet.changeOperation("op1") { $0.vmid = VMID(9900) }
        case 3: fleet.isQuorate = false
        default: fleet.settings.proxmox = nil
        }
        #expect(try uncertain(fleet) == [])
    }

    /// Not ours, though it is in the cluster.
    @Test func aGuestOutsideOfScopeIsLeftAlone() throws {
        var fleet = fleet()
        fleet.guests.append(.init(vmid: VMID(9900)!, type: "lxc", node: "n2", status: "running", name: "edge"))
        fleet.addOperation("op2", .create, vmid: 9900, status: .failed)
        #expect(try uncertain(fleet).map(\.subject.vmid) == [Self.vmid])
    }

    @Test func whateverKindOfGuestItIsAndWhateverItIsCalled() throws {
        var fleet = fleet()
        fleet.changeGuest(5900) { ($0.type, $0.name, $0.status) = ("qemu", nil, "stopped") }
        #expect(try uncertain(fleet).map(\.observed) == ["qemu 'name unknown' on node n2"])
    }

    /// An active row or a later operation may be among what nobody can read: it is no row for that.
    @Test(
        arguments: [UnreadableRow.Table.instance, .operation],
        [UncertainOperationTests.vmid, nil] as [VMID?])
    func whatMayBeExplainedByAnUnreadableRowIsUnknownAndNoOrphan(_ table: UnreadableRow.Table, _ vmid: VMID?) throws {
        let fleet = fleet {
            $0.unreadable = [UnreadableRow(table: table, vmid: vmid, externalID: nil, hostname: nil, why: "status")]
        }
        let report = try #require(fleet.audit())
        #expect(report.kinds == [])
        #expect(report.unknown.contains(UnknownFact(vmid: Self.vmid, plane: .database, reason: .unreadableRow)))
        #expect(!report.isComplete)
    }

    @Test func anUnreadableRowOfAnotherServerExplainsNothing() throws {
        let fleet = fleet {
            $0.unreadable = [
                UnreadableRow(table: .instance, vmid: VMID(5800), externalID: nil, hostname: nil, why: "status"),
                UnreadableRow(table: .retired, vmid: nil, externalID: nil, hostname: nil, why: "deleted_at"),
            ]
        }
        #expect(try uncertain(fleet).map(\.subject.vmid) == [Self.vmid])
    }

    @Test func withoutProxmoxItIsSaidToBeNotEvaluated() throws {
        var fleet = fleet()
        fleet.settings.proxmox = nil
        let report = try #require(fleet.audit())
        #expect(report.notEvaluated.contains { $0.kind == .operationUncertain && $0.why.contains("not configured") })
    }
}
