import Core
import Simulation
import Testing
import World

@Suite("The internal zone in simulated worlds")
struct InternalZoneSimulationTests {
    /// The batch of all seeds proves that nothing false is said of it; this one that anything is said at all.
    @Test func driftsAndUnknownsOfItAreFound() async {
        var kinds: Set<DriftKind> = []
        var unknown: Set<Unknown> = []
        var unobserved = 0
        for seed in 1...600 as ClosedRange<UInt64> {
            // Tests that measure time share these threads.
            await Task.yield()
            var round = SimulatedRound(seed: seed, policies: .simulation)
            round.run()
            #expect(round.violations == [])
            guard case .report(let report) = round.outcome else { continue }
            kinds.formUnion(report.decisions.map(\.drift.kind).filter { $0.plane == .internalDNS })
            unknown.formUnion(report.unknown.filter { $0.plane == .internalDNS }.map(\.reason))
            unobserved += report.coverage.count { $0.plane == .internalDNS && $0.status == .notConfigured }
        }
        #expect(
            kinds == [
                .internalAMissing, .internalAWrong, .internalADuplicate, .internalSRVMissing, .internalSRVWrong,
                .internalOrphan,
            ])
        #expect(
            unknown.isSuperset(of: [
                .refused, .timeout, .unauthorized, .forbidden, .notFound, .wrongZone, .emptyListing, .configuration,
                .changedWhileRead, .malformed,
            ]))
        #expect(unobserved > 10)
    }

    @Test(arguments: TechnitiumFault.allCases)
    func noFaultIsReadAsADrift(fault: TechnitiumFault) throws {
        let estate = Estate.demo()
        let reading = estate.internalReading(endpoint: "http://10.0.0.2:5380", faults: [fault], at: estate.drawnAt)
        guard case .success(let reading) = reading,
            case .read(let zone) = Zone.judge(reading, zone: estate.internalZone.name)
        else { return }
        // The one fault that shows in no single answer.
        #expect(fault == .staleCopy)
        #expect(zone.records.count == estate.internalZone.records.count)
    }

    @Test func everyChangeMovesTheSerialOn() {
        var zone = Estate.demo().internalZone
        let serial = zone.serial
        zone.change(where: { $0.name == "db.example.net" }) { $0.ttl = 5 }
        #expect(zone.serial == serial + 1)
        #expect(zone.remove { $0.name == "db.example.net" } == 1)
        #expect(zone.serial == serial + 2)
        #expect(zone.remove { $0.name == "db.example.net" } == 0)
        #expect(zone.serial == serial + 2)
        #expect(zone.removed.count == 2)
    }
}
