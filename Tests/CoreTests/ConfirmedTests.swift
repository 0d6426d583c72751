import Core
import TestSupport
import Testing

/// What an earlier round has confirmed is not read twice again; everything else is.
@Suite("What the last round confirmed")
struct ConfirmedTests {
    private static let vmid = VMID(5003)!

    /// A daemon that has just confirmed that a guest is gone.
    private static func sure() -> FleetDaemon {
        var fleet = Fleet(6)
        fleet.removeGuest(5003)
        fleet.probes = [vmid: true]
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found == [.containerMissing])
        return daemon
    }

    @Test func anAbsenceThatStandsIsReadOnceARound() {
        var daemon = Self.sure()
        for _ in 0..<5 {
            daemon.round()
            #expect(daemon.inventories == 1)
            #expect(daemon.reports.last?.decisions.map(\.drift.evidence.looks) == [2])
        }
        // Told once, and quiet since.
        #expect(daemon.journal.map(\.outcome) == [.opened])
    }

    @Test func anotherAbsenceIsReadTwiceAllTheSame() {
        var daemon = Self.sure()
        daemon.fleet.removeGuest(5004)
        daemon.fleet.probes = [Self.vmid: true, VMID(5004)!: true]
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found == [.containerMissing, .containerMissing])
        daemon.round()
        #expect(daemon.inventories == 1 && daemon.found.count == 2)
    }

    /// The second look is the reading that counts, and knows only what it was asked for: what the first one asked is asked again.
    @Test func aSecondLookForSomethingElseForgetsNothing() throws {
        var daemon = FleetDaemon(Fleet.withHosts(12))
        daemon.lead()
        daemon.fleet.agents[5002] = .failed(.refused)
        daemon.fleet.removeGuest(5003)
        daemon.fleet.removeRecord("s5004")
        daemon.fleet.probes = [Self.vmid: true, VMID(5005)!: true]
        for _ in 0..<3 { daemon.round() }
        let before = try #require(daemon.reports.last).decisions.map { [$0.drift.kind.rawValue, $0.reason.rawValue] }
        #expect(before.count >= 3)
        daemon.fleet.removeGuest(5005)
        daemon.fleet.removeRecord("s5006")
        daemon.round()
        let second = try #require(daemon.looks.last { $0.plane == .proxmox })
        #expect(second.number == 2)
        #expect(second.suspects.map(\.number).contains(5003) && second.suspects.map(\.number).contains(5005))
        #expect(second.addressesOf.map(\.number).contains(5002))
        // The node of the other one is the same, and known by then.
        #expect(second.tasksOf.map(\.number).contains(5004) && !second.tasksOf.map(\.number).contains(5006))
        let after = try #require(daemon.reports.last).decisions.map { [$0.drift.kind.rawValue, $0.reason.rawValue] }
        for known in before { #expect(after.contains(known), "\(known)") }
        #expect(daemon.reports.last?.decisions.contains { $0.reason == .foreignTask } == false)
    }

    /// The guest that was gone was another customer's: one look is one look at this one's.
    @Test func anotherCustomersRowUnderTheSameVMIDIsLookedAtTwice() {
        var daemon = Self.sure()
        daemon.fleet.changeRow(5003) { $0.key = InstanceKey(vmid: Self.vmid, externalID: ExternalID(high: 9, low: 9)) }
        daemon.round()
        #expect(daemon.inventories == 2)
        daemon.round()
        #expect(daemon.inventories == 1)
    }

    /// Its end would rest on the absence.
    @Test func whatAnOperationsEndRestsOnIsReadTwiceInItsOwnRound() {
        var daemon = Self.sure()
        daemon.fleet.addOperation("op", .create, vmid: 5003, status: .queued)
        daemon.round()
        #expect(daemon.inventories == 2)
    }

    @Test func oneLookThatShowsItAgainAfterItWasThereIsNotEnough() {
        var daemon = Self.sure()
        let without = daemon.fleet
        daemon.fleet = Fleet(6)
        daemon.round()
        #expect(daemon.inventories == 1 && daemon.found.isEmpty)
        daemon.fleet = without
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found == [.containerMissing])
    }

    @Test(arguments: [Span.minutes(60), .minutes(-60)])
    func whatWasSeenLongAgoOrByAnotherClockIsNoLook(step: Span) {
        var daemon = Self.sure()
        daemon.now = daemon.now + step
        daemon.round()
        #expect(daemon.inventories == 2)
    }

    @Test func aTokenThatMayNotSeeItAnyMoreEndsIt() {
        var daemon = Self.sure()
        daemon.fleet.probes = [Self.vmid: false]
        daemon.round()
        #expect(daemon.found.isEmpty)
        #expect(
            daemon.reports.last?.unknown.contains { $0.vmid == Self.vmid && $0.reason == .permissionMissing } == true)
        // One that could not be asked is looked at twice.
        daemon = Self.sure()
        daemon.fleet.probes = [:]
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found.isEmpty)
    }

    @Test func aRoundWithoutDesiredStateEndsIt() {
        var daemon = Self.sure()
        daemon.fleet.desiredFailure = ReadFailure(.timeout, "no answer", at: daemon.now)
        daemon.round()
        daemon.fleet.desiredFailure = nil
        daemon.round()
        #expect(daemon.inventories == 2)
    }

    @Test func anotherEndpointIsAnotherPlace() {
        var daemon = Self.sure()
        daemon.fleet.endpoint = "https://pve2.example.net:8006"
        daemon.round()
        #expect(daemon.inventories == 2)
    }

    @Test func anOrphanThatStandsIsReadOnceARoundUnderItsNameOnly() {
        var fleet = Fleet(6)
        fleet.removeRow(5003)
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found.contains(.containerOrphan))
        daemon.round()
        #expect(daemon.inventories == 1 && daemon.found.contains(.containerOrphan))
        daemon.fleet.changeGuest(5003) { $0.name = "somebody-else" }
        daemon.round()
        #expect(daemon.inventories == 2)
    }

    /// What holds a repair back holds it in the rounds with one look as well.
    @Test func anAddressInDoubtStaysInDoubt() {
        var daemon = FleetDaemon(Fleet.withHosts(5))
        daemon.lead()
        daemon.fleet.agents[5003] = .status(AgentStatus(state: .crashed, processRunning: false, ready: false))
        daemon.fleet.addresses[Self.vmid] = GuestAddresses(ipv4: [], isWhole: true)
        daemon.round()
        func reason() -> Reason? { daemon.reports.last?.decision(.agentCrashed)?.reason }
        #expect(daemon.inventories == 2 && reason() == .addressUnconfirmed)
        let told = daemon.journal.count
        for _ in 0..<3 {
            daemon.round()
            #expect(daemon.inventories == 1 && reason() == .addressUnconfirmed)
        }
        #expect(daemon.journal.count == told)
    }

    /// Stopped, or running though it should rest: found in a round with two looks, seen in one a round from then on.
    @Test(arguments: [DriftKind.containerStopped, .containerRunning, .containerSuspendedRunning], [true, false])
    func powerThatStandsIsReadOnceARound(_ kind: DriftKind, showsTasks: Bool) {
        var fleet = Fleet(6)
        switch kind {
        case .containerStopped: fleet.changeGuest(5003) { $0.status = "stopped" }
        case .containerRunning: fleet.changeRow(5003) { $0.power = .stopped }
        default: fleet.billing = [BillingRow(customer: "c5003", status: .suspended, serverState: .allowed)]
        }
        if !showsTasks { fleet.permissions = ["/": ["VM.Audit": true]] }
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found == [kind])
        for _ in 0..<5 {
            daemon.round()
            #expect(daemon.inventories == 1 && daemon.found == [kind])
            #expect(daemon.reports.last?.decisions.map(\.drift.evidence.looks) == [2])
            #expect(daemon.looks.first { $0.plane == .proxmox }?.tasksOf == [Self.vmid])
        }
        #expect(daemon.journal.map(\.outcome) == [.opened])
        // Another one is read twice, and what another customer's row stands for is another one.
        daemon.fleet.changeGuest(5004) { $0.status = "stopped" }
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found.count == 2)
        daemon.round()
        #expect(daemon.inventories == 1 && daemon.found.count == 2)
        daemon.fleet.changeRow(5003) { $0.key = InstanceKey(vmid: Self.vmid, externalID: ExternalID(high: 9, low: 9)) }
        daemon.round()
        #expect(daemon.inventories == 2)
    }

    @Test func aGuestThatWasRestartedAndStoppedAgainIsReadTwice() {
        var fleet = Fleet(6)
        fleet.changeGuest(5003) { $0.status = "stopped" }
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        daemon.fleet = Fleet(6)
        daemon.round()
        #expect(daemon.found == [] && daemon.inventories == 1)
        daemon.fleet = fleet
        daemon.round()
        #expect(daemon.found == [.containerStopped] && daemon.inventories == 2)
    }

    /// Who begins to act on a guest that is stopped for long ends nothing by that; who is done leaves it as it is.
    @Test func aTaskThatBeginsIsSeenInTheRoundsWithOneLook() {
        var fleet = Fleet(6)
        fleet.changeGuest(5003) { $0.status = "stopped" }
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        daemon.fleet.tasks = ["n1": [GuestTask(vmid: Self.vmid, type: "vzstart")], "n2": []]
        daemon.round()
        #expect(daemon.found == [] && daemon.inventories == 1)
        daemon.fleet.tasks = nil
        daemon.round()
        #expect(daemon.found == [.containerStopped] && daemon.inventories == 2)
        #expect(daemon.journal.map(\.outcome) == [.opened])
    }

    @Test func aSilentAgentIsAskedTwiceAndItsGuestReadOnce() {
        var daemon = FleetDaemon(Fleet.withHosts(5))
        daemon.lead()
        daemon.fleet.agents[5003] = .failed(.refused)
        daemon.round()
        #expect(daemon.inventories == 2 && daemon.found.contains(.agentUnreachable))
        daemon.round()
        #expect(daemon.inventories == 1 && daemon.found.contains(.agentUnreachable))
        // A guest that stands still now says nothing of its agent.
        daemon.fleet.changeGuest(5003) { $0.status = "stopped" }
        daemon.round()
        #expect(!daemon.found.contains(.agentUnreachable))
    }
}
