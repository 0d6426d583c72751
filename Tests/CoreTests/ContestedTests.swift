import Core
import TestSupport
import Testing

/// The brake on a quarrel with another writer.
@Suite("A contested repair")
struct ContestedTests {
    private static let brakes = Brakes.defaults

    private static func hold(_ minutesAgo: [Int64], _ brakes: Brakes = brakes) -> Hold? {
        let drift = Drift(
            kind: .publicSRVWrong, subject: Subject(vmid: VMID(5001)), desired: "this", observed: "SRV that",
            evidence: Evidence(plane: .publicDNS, observedAt: Fleet.now), instance: nil)
        return Contested.hold(
            drift, repaired: minutesAgo.map { Fleet.now - .minutes($0) }, brakes: brakes, at: Fleet.now)
    }

    @Test(arguments: [
        ([1], false), ([30, 1], false), ([50, 30, 1], true), ([1, 50, 30], true), ([61, 30, 1], true),
        ([62, 30, 1], false), ([80, 70, 60], true), ([90, 80, 61], false), ([200, 50, 1], false),
        ([300, 200, 50, 30, 1], true), ([], false),
    ])
    func countsRepairsWithinTheWindow(minutesAgo: [Int64], isHeld: Bool) {
        #expect((Self.hold(minutesAgo) != nil) == isHeld)
    }

    @Test func saysHowOftenWithinWhatAndWhatTheOtherOneWrote() throws {
        let hold = try #require(Self.hold([50, 30, 1]))
        #expect(hold.reason == .contested)
        for words in ["repaired 3 times within 60 min", "SRV that", "names no author", "2026-03-01T12:59:00Z"] {
            #expect(hold.detail.contains(words), "\(words)")
        }
    }

    @Test func anotherWriterIsLeftAloneAndTriedAgainOnceTheTimeIsOver() throws {
        var daemon = LedgerDaemon(Fleet.withDeadOperations(1, of: 3))
        daemon.lead()
        let operations = daemon.fleet.operations
        func live(_ daemon: inout LedgerDaemon) {
            daemon.fleet.operations = operations
            daemon.round()
        }
        for _ in 0..<30 { live(&daemon) }
        #expect(daemon.intents.count == 3)
        let decision = try #require(daemon.last.decision(.operationStale))
        #expect((decision.verdict, decision.reason) == (.held, .contested))
        #expect(daemon.journal.filter { $0.drift.reason == .contested }.count == 1, "said once")
        // An audit says the same, and the explanation what it needs.
        var fleet = daemon.fleet
        fleet.past = daemon.past
        let known = try #require(fleet.audit(.explain(VMID(5001)!))?.explanation)
        #expect(known.cases[0].decision.reason == .contested)
        #expect(known.cases[0].needed == [Words.remedy(.contested)])
        for _ in 0..<60 { live(&daemon) }
        #expect(daemon.intents.count > 3 && daemon.intents.count <= 6)
    }

    /// Who undoes a repair in another way each time is no other writer for it.
    @Test func itIsThePlaceThatIsContested() throws {
        var daemon = LedgerDaemon(Fleet(3))
        daemon.lead()
        let records = daemon.fleet.records
        for minute in 0..<30 {
            daemon.fleet.records = records
            if minute / 2 % 2 == 0 {
                daemon.fleet.removeRecord("s5001")
            } else {
                daemon.fleet.changeRecord("s5001") {
                    $0.data = .srv(SRV(priority: 0, weight: 0, port: 1, target: "mc-paper-5001.example.net"))
                }
            }
            daemon.round()
        }
        #expect(daemon.intents.count == 3)
        #expect(daemon.last.decisions.map(\.reason) == [.contested])
    }

    /// A database that wants something else each time is nobody who undoes what was repaired.
    @Test func whatIsWantedMayChangeAsOftenAsItLikes() {
        var daemon = LedgerDaemon(Fleet(3))
        daemon.lead()
        for minute in 0..<30 {
            if minute.isMultiple(of: 3) { daemon.fleet.changeRow(5001) { $0.port = 25_600 + minute } }
            daemon.round()
        }
        #expect(daemon.intents.count >= 10)
        #expect(!daemon.journal.contains { $0.drift.reason == .contested })
    }

    /// A proxy that restarts four times in an hour is a proxy that restarts.
    @Test func whatARestartForgetsIsRegisteredAgainEachTime() {
        var daemon = LedgerDaemon(Fleet.withHosts(3))
        daemon.lead()
        daemon.round()
        for _ in 0..<5 {
            for number in 5001...5003 { daemon.fleet.unregister("mc-paper-\(number)") }
            for _ in 0..<6 { daemon.round() }
        }
        #expect(daemon.intents.count == 15)
        #expect(!daemon.journal.contains { $0.drift.reason == .contested })
    }

    /// Of one server alone somebody who unregisters it is the likelier reason.
    @Test func whoUnregistersOneServerAgainAndAgainIsNoRestart() throws {
        var daemon = LedgerDaemon(Fleet.withHosts(1))
        daemon.lead()
        daemon.round()
        for _ in 0..<6 {
            daemon.fleet.unregister("mc-paper-5001")
            for _ in 0..<6 { daemon.round() }
        }
        #expect(daemon.intents.count == 3)
        #expect(daemon.journal.contains { $0.drift.reason == .contested })
        // And whoever asks why is told the same.
        var fleet = daemon.fleet
        fleet.past = daemon.past
        let known = try #require(fleet.audit(.explain(VMID(5001)!))?.explanation)
        #expect(known.cases[0].decision.reason == .contested)
    }

    /// A worker that dies again and again is no writer that undoes what was repaired.
    @Test func operationsOfOneServerAreNobodysUndoing() {
        var daemon = LedgerDaemon(Fleet.withDeadOperations(0, of: 3))
        daemon.lead()
        for number in 0..<5 {
            daemon.fleet.addDeadBackup("op-\(number)", vmid: 5001)
            for _ in 0..<3 { daemon.round() }
        }
        #expect(daemon.intents.count == 5)
    }

    @Test func theBrakeIsTheInstallations() throws {
        var brakes = Self.brakes
        (brakes.contestedReverts, brakes.contestedWithin) = (1, .minutes(10))
        #expect(Self.hold([5], brakes) != nil)
        #expect(Self.hold([11], brakes) == nil)
    }

    @Test func aQuarantineOfTheLedgerHoldsInAnAudit() throws {
        var fleet = Fleet.withDeadOperations(1, of: 3)
        let id = try #require(fleet.audit()?.decisions.first?.drift.id)
        fleet.past.inVain = [id: 4]
        #expect(fleet.audit()?.decisions.map(\.verdict) == [.repair])
        fleet.past.inVain = [id: 5]
        #expect(fleet.audit()?.decisions.map(\.reason) == [.quarantined])
    }
}
