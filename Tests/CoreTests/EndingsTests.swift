import Core
import TestSupport
import Testing

/// What has ended is told whatever else is not known, and what could not be seen has not ended.
@Suite("What has ended")
struct EndingsTests {
    private static let unseen = ReadFailure(.queueMissing, "it has no keys", at: Fleet.now)

    /// A daemon that has told of what `change` did.
    private static func daemon(_ change: (inout Fleet) -> Void) -> FleetDaemon {
        var fleet = Fleet()
        fleet.observeQueues()
        change(&fleet)
        var daemon = FleetDaemon(fleet, mode: .dryRun)
        daemon.lead()
        daemon.round()
        #expect(daemon.journal.filter { $0.outcome == .opened }.count == 1)
        return daemon
    }

    private static func overdue(_ fleet: inout Fleet) {
        fleet.queues.waiting = [
            QueueReading.Waiting(
                id: "1", createdAt: Fleet.now - .minutes(40), delay: .seconds(0), processedOn: nil,
                queuedAt: Fleet.now - .minutes(40))
        ]
    }

    private static func hasClosed(_ daemon: FleetDaemon) -> Bool { daemon.journal.contains { $0.outcome == .closed } }

    @Test func anOperationEndsBesideAQueueThatIsNotKnown() {
        var daemon = Self.daemon { $0.addDeadBackup("op", vmid: 5001) }
        daemon.fleet.queues.otherFailure = Self.unseen
        daemon.round()
        #expect(!Self.hasClosed(daemon), "it is still there")
        daemon.fleet.operations = []
        daemon.round()
        #expect(Self.hasClosed(daemon))
    }

    @Test func anOperationEndsBesideAGuestThatIsNotKnown() {
        var daemon = Self.daemon { $0.addDeadBackup("op", vmid: 5001) }
        daemon.fleet.changeGuest(5001) { $0.status = "unknown" }
        daemon.fleet.operations = []
        daemon.round()
        #expect(Self.hasClosed(daemon))
    }

    @Test func anOperationWhoseQueueIsNotKnownHasNotEnded() {
        var daemon = Self.daemon { $0.addDeadBackup("op", vmid: 5001) }
        daemon.fleet.queues.queueFailure = Self.unseen
        daemon.round()
        #expect(daemon.found == [] && !Self.hasClosed(daemon))
    }

    private static let ofGuests: [@Sendable (inout Fleet) -> Void] = [
        { $0.changeGuest(5001) { $0.status = "stopped" } }, { $0.changeRow(5001) { $0.power = .stopped } },
        { $0.changeGuest(5001) { $0.node = "n2" } },
        { $0.billing = [BillingRow(customer: "c5001", status: .suspended, serverState: .suspendedShutdown)] },
    ]

    /// The guest may be another's from now on: what was told of the server is neither there nor over.
    @Test(arguments: 0..<4)
    func whatWasToldOfAGuestStandsWhileNobodyKnowsWhoseItIs(which: Int) {
        var daemon = Self.daemon { Self.ofGuests[which](&$0) }
        daemon.fleet.changeGuest(5001) { $0.name = "CT5001" }
        daemon.watch(minutes: 3)
        #expect(daemon.found == [] && !Self.hasClosed(daemon))
        daemon.fleet.changeGuest(5001) { $0.name = "mc-paper-5001" }
        daemon.round()
        #expect(daemon.found.count == 1 && !Self.hasClosed(daemon), "it is still there")
        daemon.fleet = Fleet()
        daemon.fleet.observeQueues()
        daemon.round()
        #expect(Self.hasClosed(daemon))
    }

    enum Blindness: CaseIterable { case proxmox, row, zone }

    @Test("A queue is seen without the other planes", arguments: Blindness.allCases)
    func aBacklogEndsWhateverElseIsNotKnown(_ blindness: Blindness) {
        var daemon = Self.daemon(Self.overdue)
        switch blindness {
        case .proxmox: daemon.fleet.isQuorate = false
        case .row:
            daemon.fleet.unreadable = [
                .init(table: .instance, vmid: nil, externalID: nil, hostname: nil, why: "status")
            ]
        case .zone: daemon.fleet.records = []
        }
        daemon.round()
        #expect(!Self.hasClosed(daemon), "it is still there")
        daemon.fleet.queues.waiting = []
        daemon.round()
        #expect(Self.hasClosed(daemon))
    }

    @Test func aBacklogThatMayLieDeeperHasNotEnded() {
        var daemon = Self.daemon(Self.overdue)
        daemon.fleet.queues.waiting = []
        (daemon.fleet.queues.lookedAt, daemon.fleet.queues.mayHideOlder) = ([.wait: 1000], [.wait])
        daemon.round()
        #expect(daemon.found == [] && !Self.hasClosed(daemon))
        daemon.fleet.queues.queueFailure = Self.unseen
        daemon.round()
        #expect(!Self.hasClosed(daemon))
    }

    @Test func anotherPlaneThatFailsEndsNothingOfItsOwn() {
        var daemon = Self.daemon { $0.removeRecord("s5002") }
        daemon.fleet.records = []
        daemon.round()
        #expect(!Self.hasClosed(daemon))
    }

    @Test func twoClaimsToOneAddressEndWithoutProxmox() {
        var daemon = Self.daemon { fleet in
            let address = fleet.instances[0].address
            fleet.changeRow(5002) { $0.address = address }
        }
        daemon.fleet.isQuorate = false
        daemon.fleet.changeRow(5002) { $0.address = "10.70.20.2" }
        daemon.round()
        #expect(Self.hasClosed(daemon))
    }
}
