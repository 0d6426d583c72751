import Core
import TestSupport
import Testing

/// Repairs of which it is not known how they ended: what becomes of the drift, of the server, and of what is told.
@Suite("Interrupted repairs")
struct InterruptedTests {
    /// A daemon that has begun one repair, and the attempt as the ledger gives it back.
    private static func begun() throws -> (fleet: Fleet, journal: [JournalEntry], intent: Intent) {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        var daemon = FleetDaemon(fleet)
        daemon.lead()
        daemon.round()
        daemon.round()
        var intent = try #require(daemon.intents.first)
        intent.resumed = Intent.Resumed(id: intent.id, record: nil)
        return (fleet, daemon.journal, intent)
    }

    /// The record is there again when the attempt is taken up: its end belongs to the drift, which the round after that closes.
    @Test func whatIsGoneIsNotOverBeforeItsRepairHasEnded() throws {
        let (fleet, journal, intent) = try Self.begun()
        var daemon = FleetDaemon(Fleet(fleet.instances.count))
        daemon.now = Fleet.now + .minutes(5)
        daemon.memory = Memory(open: journal.map(\.drift), interrupted: [intent])
        daemon.lead(2)
        daemon.round()
        #expect(daemon.intents.map(\.id) == [intent.id] && daemon.journal == [])
        daemon.round()
        #expect(daemon.journal.map(\.outcome) == [.closed] && daemon.journal.first?.drift.id == intent.drift.id)
    }

    /// In a dry-run nobody takes it up: the drift does not wait for that.
    @Test func whatNobodyTakesUpIsOver() throws {
        let (fleet, journal, intent) = try Self.begun()
        var daemon = FleetDaemon(Fleet(fleet.instances.count), mode: .dryRun)
        daemon.now = Fleet.now + .minutes(5)
        daemon.memory = Memory(open: journal.map(\.drift), interrupted: [intent])
        daemon.lead(2)
        daemon.round()
        #expect(daemon.intents == [])
        #expect(daemon.journal.map(\.outcome) == [.closed])
    }

    /// What the scoped go-live does not cover any more is looked at and ended; it is in nobody's way then.
    @Test func whatIsNotCoveredAnyMoreIsEndedByLooking() throws {
        let (fleet, journal, intent) = try Self.begun()
        var daemon = FleetDaemon(fleet, kinds: ["dns.internal.*"])
        daemon.fleet.removeRecord("a5001")
        daemon.now = Fleet.now + .minutes(5)
        daemon.memory = Memory(open: journal.map(\.drift), interrupted: [intent])
        daemon.lead(2)
        daemon.round()
        let resumed = try #require(daemon.intents.first)
        #expect(daemon.intents.count == 1 && resumed.id == intent.id && resumed.resumed?.mayUndo == false)
        var covered = FleetDaemon(fleet)
        covered.memory = daemon.memory
        covered.now = daemon.now
        covered.lead(2)
        covered.round()
        #expect(covered.intents.first?.resumed?.mayUndo == true)
    }

    /// A dry-run has said what it would do; from the go-live on that is as old as it is, and not news for the brake.
    @Test func whatADryRunFoundIsNotNewAfterTheGoLive() throws {
        var fleet = Fleet()
        fleet.removeRecord("s5001")
        var dry = FleetDaemon(fleet, mode: .dryRun)
        dry.lead()
        dry.watch(minutes: 3)
        let last = try #require(dry.journal.last)
        #expect(last.outcome == .wouldRepair && last.drift.wouldRepair)
        var daemon = FleetDaemon(fleet)
        daemon.now = dry.now
        daemon.memory = Memory(open: [last.drift])
        daemon.ending = { _ in .refused("no leave") }
        daemon.lead(2)
        daemon.watch(minutes: 3)
        #expect(daemon.journal.map(\.outcome) == [.changed])
        #expect(daemon.journal.first?.drift.wouldRepair == false && daemon.journal.first?.drift.verdict == .repair)
    }
}
