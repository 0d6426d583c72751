import Core
import TestSupport
import Testing

/// What was nobody's business when it opened, and is somebody's later: told like what opens, and once.
@Suite("Incidents that are told later than they open")
struct LateIncidentTests {
    typealias Told = IncidentTests.Told

    private static let all = Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")

    private static func broken() -> Fleet {
        var fleet = Fleet(8)
        fleet.removeRecord("s5002")
        return fleet
    }

    /// What is told of a drift that is told now: once, over a takeover as well, and that it was repaired.
    private func isToldFromHereOn(_ told: inout Told, _ fleet: Fleet, _ id: String) {
        #expect(told.titles == ["Drift: mc-paper-5002: \(Words.title(.publicSRVMissing))"])
        #expect(told.entries.map(\.outcome) == [.changed])
        told.round(fleet)
        #expect(told.entries == [], "a quiet round")
        told.memory = Memory(open: Array(told.memory.open.values), incidents: told.book.groups(at: told.now))
        told.round(fleet)
        #expect(told.entries == [] && told.shown.count == 1 && told.shown[0].edits == 0, "a takeover")
        told.repaired(id)
        told.round(Fleet(8))
        #expect(told.titles == ["Repaired: mc-paper-5002: \(Words.title(.publicSRVMissing))"])
    }

    @Test func anAcceptanceThatEnds() throws {
        var fleet = Self.broken()
        let id = try #require(fleet.audit()?.decisions.first?.drift.id)
        fleet.accepted = [Acceptance(driftID: id, reason: "known", until: Fleet.now + .minutes(600), by: "eva")]
        var told = Told()
        for _ in 0..<3 { told.round(fleet) }
        #expect(told.shown.isEmpty && told.entries.isEmpty)
        fleet.accepted = []
        told.round(fleet)
        isToldFromHereOn(&told, fleet, id)
    }

    @Test func aWebhookThatIsAddedLater() throws {
        let fleet = Self.broken()
        let id = try #require(fleet.audit()?.decisions.first?.drift.id)
        var told = Told([])
        for _ in 0..<3 { told.round(fleet) }
        told.notify = [Self.all]
        told.round(fleet)
        isToldFromHereOn(&told, fleet, id)
    }

    /// Level 0 for a while, and told from Level 1 on.
    @Test func aPolicyThatRaisesTheLevel() throws {
        let fleet = Self.broken()
        var report = try #require(fleet.audit())
        let real = report.decisions[0]
        var told = Told([Notification(kinds: [KindPattern("*")], minLevel: .automatic, webhook: "alerts")])
        report.decisions[0].level = .report
        told.take(report)
        #expect(told.shown.isEmpty && told.entries.map(\.outcome) == [.opened])
        report.decisions = [real]
        told.take(report)
        isToldFromHereOn(&told, fleet, real.drift.id)
    }

    /// Whoever added it did not ask for a flood.
    @Test(arguments: [1, 3, 4, 6, 20])
    func aWebhookForTenThousandThatAreOpen(kinds: Int) throws {
        var report = try IncidentTests.tenThousand(kinds)
        var told = Told([])
        told.take(report)
        told.notify = [Self.all]
        told.take(report)
        #expect(told.entries.count == 10_000 && (1...3).contains(told.shown.count), "\(told.titles)")
        let count = told.shown.count
        told.take(report)
        #expect(told.entries.isEmpty && told.shown.count == count)
        report.decisions = []
        (told.now, report.generatedAt) = (told.now + .minutes(5), told.now + .minutes(5))
        told.take(report)
        #expect(told.shown.count == count && told.titles.allSatisfy { $0.contains("Over: ") || $0.contains(" over") })
    }

    /// It is quarantined in the very round in which it is somebody's for the first time.
    @Test func whatIsQuarantinedThenCallsSomebody() throws {
        var report = try #require(Self.broken().audit())
        var told = Told([])
        told.take(report)
        told.notify = [Self.all]
        (report.decisions[0].verdict, report.decisions[0].reason) = (.held, .quarantined)
        told.take(report)
        #expect(told.entries.map(\.outcome) == [.quarantined])
        #expect(told.titles.count == 1 && told.titles[0].hasPrefix("Quarantined: ") && !told.shown[0].message.isSilent)
    }

    /// It is there again, whoever was asked: if it ends by itself now, no repair was why. How it stood stands.
    @Test func whatIsLeftOutIsBackAllTheSame() throws {
        var report = try #require(Self.broken().audit())
        var memory = Memory()
        let opened = memory.absorb(report)
        let id = report.decisions[0].drift.id
        memory.open[id]?.isRepaired = true
        report.decisions[0].isLeftOut = true
        (report.decisions[0].verdict, report.decisions[0].reason) = (.held, .addressUnconfirmed)
        let back = memory.absorb(report)
        #expect(back.map(\.outcome) == [.changed] && back[0].drift.id == id)
        #expect(back[0].drift.verdict == opened.first { $0.drift.id == id }?.drift.verdict)
        #expect(memory.open[id]?.isRepaired == false)
        #expect(memory.absorb(report).isEmpty)
    }

    /// Nobody is told of it in the round in which nobody was asked.
    @Test func whatIsLeftOutWaits() throws {
        var report = try #require(Self.broken().audit())
        var told = Told([])
        told.take(report)
        told.notify = [Self.all]
        report.decisions[0].isLeftOut = true
        told.take(report)
        #expect(told.entries.isEmpty && told.shown.isEmpty)
        report.decisions[0].isLeftOut = false
        told.take(report)
        #expect(told.shown.count == 1)
    }
}
