import Core
import TestSupport
import Testing

/// The database is lost: nothing is decided, and everything else is looked at all the same.
@Suite("A lost database")
struct OutageTests {
    @Test func thePlanesAreLookedAtAllTheSame() throws {
        var daemon = FleetDaemon(.withInternalZone())
        let whole = daemon.fleet.internalZone
        daemon.lead()
        daemon.round()
        let journal = daemon.journal
        daemon.fleet.desiredFailure = ReadFailure(.refused, "nobody answers", at: Fleet.now)
        daemon.fleet.internalZone = .failure(ReadFailure(.timeout, "no answer", at: Fleet.now))
        daemon.fleet.removeRecord("s5001")
        daemon.watch(minutes: 3)
        #expect(daemon.outages.count == 3 && daemon.reports.count == 1)
        let seen = try #require(daemon.outages.last)
        #expect(!seen.contains { $0.plane == .database || $0.plane == .agents })
        #expect(seen.first { $0.plane == .proxmox }?.status == .complete)
        #expect(seen.first { $0.plane == .publicDNS }?.status == .complete)
        #expect(seen.first { $0.plane == .internalDNS }?.status == .failed)
        #expect(daemon.journal == journal && daemon.intents.isEmpty)

        (daemon.fleet.desiredFailure, daemon.fleet.internalZone) = (nil, whole)
        daemon.watch(minutes: 2)
        #expect(daemon.found.contains(.publicSRVMissing))
    }

    /// It has nothing to say without a report.
    @Test func anAuditAsksNobody() {
        var fleet = Fleet()
        fleet.desiredFailure = ReadFailure(.refused, "nobody answers", at: Fleet.now)
        var controller = Controller(settings: fleet.settings, policies: fleet.policies, calendar: fleet.calendar)
        var effects = controller.handle(.operatorAsked(.audit), at: Fleet.now)
        effects += controller.handle(
            .observed(fleet.observation(Look(plane: .database, number: 1), at: Fleet.now)), at: Fleet.now)
        let looks = effects.compactMap { if case .observe(let look) = $0 { look.plane } else { nil } }
        #expect(looks == [.database])
    }
}
