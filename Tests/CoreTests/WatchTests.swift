import Core
import TestSupport
import Testing

/// What a daemon makes of its rounds.
@Suite("A watch")
struct WatchTests {
    /// One dead operation, and nothing else wrong.
    private static func stale() -> Fleet {
        var fleet = Fleet()
        fleet.observeQueues()
        fleet.addDeadBackup("op-dead", vmid: 5001)
        return fleet
    }

    @Test func aDriftIsRepairedOnceItWasSeenTwice() throws {
        var daemon = FleetDaemon(Self.stale())
        daemon.lead()
        daemon.round()
        #expect(daemon.intents == [])
        #expect(daemon.reports.last?.decision(.operationStale)?.pending == [.notSeenLongEnough])
        #expect(daemon.journal.map(\.outcome) == [.opened])
        daemon.round()
        let intent = try #require(daemon.intents.first)
        #expect(daemon.intents.count == 1)
        #expect(intent.act.operation?.id == "op-dead" && intent.epoch == 1 && intent.attempt == 1)
        #expect(daemon.reports.last?.decision(.operationStale)?.execution == .executable)
        daemon.fleet = Fleet()
        daemon.fleet.observeQueues()
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened, .closed])
    }

    @Test func aQuietRoundWritesNothing() {
        var daemon = FleetDaemon(Self.stale(), mode: .dryRun)
        daemon.lead()
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.journal.map(\.outcome) == [.opened, .wouldRepair])
        #expect(daemon.intents == [])
        let count = daemon.journal.count
        for _ in 0..<20 { daemon.round() }
        #expect(daemon.journal.count == count)
    }

    @Test func aStandbyObservesAndWritesNothing() {
        var daemon = FleetDaemon(Self.stale())
        for _ in 0..<4 { daemon.round() }
        #expect(daemon.journal == [] && daemon.intents == [] && daemon.recalls == [])
        #expect(daemon.reports.last?.decision(.operationStale)?.execution == .notLeader)
        // What it saw meanwhile counts.
        daemon.lead()
        daemon.round()
        #expect(daemon.intents.count == 1)
    }

    @Test func whoWaitsForItsPredecessorKeepsTheJournalAndDoesNotAct() {
        var daemon = FleetDaemon(Self.stale())
        daemon.handle(.tenure(.waiting(epoch: 4)))
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.journal.map(\.outcome) == [.opened] && daemon.intents == [])
        daemon.handle(.tenure(.acting(epoch: 4)))
        daemon.round()
        #expect(daemon.intents.count == 1)
        #expect(daemon.recalls == [4])
    }

    @Test func nothingIsDoneThatWasNotWrittenDown() {
        var daemon = FleetDaemon(Self.stale())
        daemon.lead()
        daemon.journalWorks = false
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.intents == [])
        daemon.journalWorks = true
        daemon.watch(minutes: 2)
        #expect(daemon.journal.map(\.outcome) == [.opened])
        #expect(daemon.intents.count == 1)
    }

    @Test func aRepairInVainIsTriedLaterAndLaterAndThenLeft() throws {
        var daemon = FleetDaemon(Self.stale())
        daemon.ending = { _ in .notVerified("still running") }
        daemon.lead()
        for _ in 0..<200 { daemon.round() }
        #expect(daemon.intents.map(\.attempt) == [1, 2, 3, 4, 5])
        let last = try #require(daemon.reports.last?.decision(.operationStale))
        #expect(last.verdict == .held && last.reason == .quarantined)
        #expect(daemon.journal.map(\.outcome) == [.opened, .quarantined])
    }

    /// The ledger counts so, and so does an audit.
    @Test func aSuccessEndsTheCountOfAttemptsInVain() {
        var daemon = FleetDaemon(Self.stale())
        daemon.ending = { $0.attempt < 5 ? .notVerified("still running") : .verified }
        daemon.lead()
        while daemon.intents.count < 5, daemon.reports.count < 200 { daemon.round() }
        // It was undone at once, and fails again.
        daemon.ending = { _ in .notVerified("still running") }
        while daemon.intents.count < 7, daemon.reports.count < 400 { daemon.round() }
        #expect(daemon.intents.map(\.attempt) == [1, 2, 3, 4, 5, 1, 2])
    }

    /// Seen to work, and found again by the next round: that is written down, though it stands as it did before.
    @Test func whatComesBackAfterASuccessIsWrittenDownOnce() {
        var daemon = FleetDaemon(Self.stale())
        daemon.lead()
        daemon.watch(minutes: 2)
        #expect(daemon.intents.count == 1 && daemon.journal.map(\.outcome) == [.opened])
        daemon.ending = { _ in .refused("no") }
        daemon.watch(minutes: 4)
        #expect(daemon.journal.map(\.outcome) == [.opened, .changed])
    }

    @Test func whatWasRefusedDoesNotCountAsAnAttempt() {
        var daemon = FleetDaemon(Self.stale())
        daemon.ending = { _ in .refused("moved") }
        daemon.lead()
        for _ in 0..<10 { daemon.round() }
        #expect(Set(daemon.intents.map(\.attempt)) == [1])
    }

    @Test func aScopedGoLiveActsOnNothingElse() {
        for (kinds, vmids) in [(["dns.*"], nil), (["*"], [5002...5999])] as [([String], [ClosedRange<Int>]?)] {
            var daemon = FleetDaemon(Self.stale(), kinds: kinds, vmids: vmids)
            daemon.lead()
            for _ in 0..<3 { daemon.round() }
            #expect(daemon.intents == [])
            #expect(daemon.reports.last?.decision(.operationStale)?.execution == .notEnabled)
        }
    }

    @Test func whatIsNotSeenBecauseThePlaneFailedHasNotEnded() {
        var daemon = FleetDaemon(Self.stale(), mode: .dryRun)
        daemon.lead()
        daemon.round()
        let queues = daemon.fleet.queues
        daemon.fleet.queues.failure = ReadFailure(.timeout, "no answer", at: Fleet.now)
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.journal.map(\.outcome) == [.opened])
        daemon.fleet.queues = queues
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.opened])
    }

    /// Nothing about a server is looked at while another guest has its VMID: what was open before has neither ended nor been seen.
    @Test func whatIsNotLookedAtBecauseTheGuestIsAnotherHasNotEnded() {
        var fleet = Self.stale()
        fleet.removeRecord("s5001")
        fleet.removeRecord("s5002")
        var daemon = FleetDaemon(fleet, mode: .dryRun)
        daemon.lead()
        daemon.watch(minutes: 2)
        let opened: [DriftKind] = [.operationStale, .publicSRVMissing, .publicSRVMissing]
        #expect(daemon.journal.filter { $0.outcome == .opened }.map(\.drift.kind).sorted() == opened.sorted())
        daemon.fleet.changeGuest(5001) { $0.name = "mc-lobby-5409" }
        // Of another server, and of an operation, it is known all the same.
        daemon.fleet.records.append(Fleet(2).records.first { $0.id == "s5002" }!)
        daemon.fleet.operations = []
        daemon.watch(minutes: 3)
        #expect(daemon.found == [.containerIdentityMismatch])
        let closed = daemon.journal.filter { $0.outcome == .closed }.map(\.drift)
        #expect(closed.map(\.kind).sorted() == [.publicSRVMissing, .operationStale].sorted())
        #expect(!closed.contains { $0.kind == .publicSRVMissing && $0.vmid == VMID(5001) })
        // It is looked at again, and is what it was.
        daemon.fleet.changeGuest(5001) { $0.name = "mc-paper-5001" }
        daemon.round()
        #expect(daemon.found == [.publicSRVMissing])
        #expect(daemon.journal.count { $0.drift.kind == .publicSRVMissing && $0.outcome == .opened } == 2)
    }

    @Test func aRestartOpensNothingAnew() {
        var first = FleetDaemon(Self.stale(), mode: .dryRun)
        first.lead()
        first.round()
        var second = FleetDaemon(Self.stale(), mode: .dryRun)
        second.memory = Memory(open: first.journal.map(\.drift))
        second.lead(2)
        second.round()
        #expect(second.journal == [])
    }

    /// A server is published in order, in one round, each change an attempt of its own.
    @Test func theChangesOfOneServersEdgeFollowEachOther() throws {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        fleet.removeRecord("a5001")
        fleet.removeRecord("a5002")
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        #expect(daemon.intents == [])
        daemon.round()
        let changes = daemon.intents.map { intent in
            guard case .edgeRepublish(let grounds) = intent.act else { return "" }
            return grounds.change.name
        }
        #expect(
            changes == [
                "mc-paper-5001.example.net", "_minecraft._tcp.mc-paper-5001.example.net", "mc-paper-5002.example.net",
            ])
    }

    /// What was interrupted goes on before anything else is begun on its server, and only where this process may act.
    @Test func anInterruptedAttemptIsResumed() throws {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        fleet.removeRecord("a5001")
        var first = FleetDaemon(fleet)
        first.lead()
        first.round()
        first.round()
        var begun = try #require(first.intents.first)
        begun.resumed = Intent.Resumed(id: begun.id, record: nil)
        var second = FleetDaemon(fleet)
        second.memory = Memory(open: first.journal.map(\.drift), interrupted: [begun])
        second.ending = { _ in .unknown("no answer") }
        second.lead(2)
        second.round()
        #expect(second.intents.map(\.id) == [begun.id] && second.intents.first?.epoch == 2)
        var dry = FleetDaemon(fleet, mode: .dryRun)
        dry.memory = second.memory
        dry.lead(3)
        dry.round()
        #expect(dry.intents == [])
    }

    /// Found by the simulation: a claim was committed after everybody had given up waiting for it, and after the ledger was asked. Its
    /// attempt stood open for good.
    @Test func theLedgerIsAskedOnceMoreAfterAnUnknownEnd() {
        var daemon = FleetDaemon(Self.stale())
        daemon.ending = { _ in .unknown("no answer") }
        daemon.lead()
        daemon.round()
        daemon.round()
        #expect(daemon.intents.count == 1 && daemon.recalls.count == 2)
        daemon.ending = { _ in .verified }
        daemon.watch(minutes: 2)
        #expect(daemon.recalls.count == 3)
        daemon.watch(minutes: 5)
        #expect(daemon.recalls.count == 3)
    }

    /// Rows of a journal whose answer was lost may be committed after they were asked for: what they open would be opened once more.
    @Test func theLedgerIsAskedOnceMoreAfterALostJournal() {
        var daemon = FleetDaemon(Self.stale())
        daemon.lead()
        daemon.journalWorks = false
        daemon.round()
        #expect(daemon.recalls.count == 2)
        daemon.journalWorks = true
        daemon.round()
        #expect(daemon.recalls.count == 3)
        daemon.watch(minutes: 5)
        #expect(daemon.recalls.count == 3)
    }

    /// Found by the simulation: leadership passed on and came back while a repair ran, and no round was due any more.
    @Test func aRepairThatOutlivesItsEpochDoesNotStopTheRounds() {
        var daemon = FleetDaemon(Self.stale())
        daemon.lead()
        daemon.round()
        daemon.round()
        let intent = daemon.intents[0]
        daemon.handle(.tenure(.acting(epoch: 3)))
        let wakes = daemon.wakes.count
        daemon.handle(.repaired(intent, .unknown("another controller leads")))
        #expect(daemon.wakes.count == wakes + 1)
    }

    /// A claim whose commit came later than anybody waited for: the ledger had been read before, and nobody here knows of the row.
    @Test func anAttemptThatNobodyKnowsOfIsLookedUp() throws {
        var fleet = Fleet()
        fleet.removeRecord("a5001")
        var daemon = FleetDaemon(fleet)
        daemon.ending = { _ in .occupied }
        daemon.lead()
        daemon.round()
        daemon.round()
        let first = try #require(daemon.intents.first)
        #expect(daemon.intents.count == 1)
        // As the ledger has it, once it is asked again.
        var open = first
        open.resumed = Intent.Resumed(id: "unheard", record: nil)
        daemon.ending = { _ in .notVerified("nothing stands there") }
        #expect(daemon.recalls == [1, 1])
        daemon.memory = Memory(open: daemon.journal.map(\.drift), interrupted: [open])
        daemon.handle(.recalled(daemon.memory))
        daemon.watch(minutes: 2)
        #expect(daemon.intents.contains { $0.id == "unheard" })
    }

    /// The database was away for a moment, and may have lost what it said last.
    @Test func whoHearsAgainReadsTheLedgerAnew() {
        var daemon = FleetDaemon(Self.stale())
        daemon.lead()
        daemon.round()
        let before = daemon.recalls.count
        daemon.round()
        #expect(daemon.recalls.count == before)
        daemon.handle(.hearsAgain)
        daemon.round()
        #expect(daemon.recalls.count == before + 1)
        // A connection that is cut again and again takes no more than every other round from the journal.
        for _ in 0..<6 {
            daemon.now = daemon.now - .seconds(30)
            daemon.handle(.hearsAgain)
            daemon.round()
        }
        #expect(daemon.recalls.count <= before + 4)
    }
}
