import Core
import TestSupport
import Testing

/// What opens and is repaired while an incident stays open for days: each is told, and once.
@Suite("Incidents that stay open")
struct LastingIncidentTests {
    typealias Told = IncidentTests.Told

    private static func broken(_ fleet: Fleet, _ vmids: Range<Int>) -> Fleet {
        var fleet = fleet
        for vmid in vmids { fleet.removeRecord("s\(vmid)") }
        return fleet
    }

    private static func id(_ fleet: Fleet, _ vmid: Int) throws -> String {
        try #require(fleet.audit()?.decisions.first { $0.drift.subject.vmid == VMID(vmid) }?.drift.id)
    }

    /// Of six records five come back, one does not; two days later another server's goes, and comes back.
    @Test func aBurstThatStaysOpenSwallowsNoOther() throws {
        var told = Told()
        let six = Self.broken(Fleet(200), 5001..<5007)
        told.round(six)
        #expect(told.titles == ["Drift: 6 drifts: \(Words.title(.publicSRVMissing))"])
        for vmid in 5002..<5007 { told.book.note(.verified, of: .edgeRepublish, drift: try Self.id(six, vmid)) }
        let one = Self.broken(Fleet(200), 5001..<5002)
        told.round(one)
        #expect(told.shown.count == 1)
        #expect(
            told.shown[0].message.description.contains("5 repairs so far: it \(Words.done(.edgeRepublish))."))
        let two = Self.broken(one, 5050..<5051)
        told.round(two, after: .minutes(2 * 24 * 60))
        #expect(told.titles.dropFirst() == ["Drift: mc-paper-5050: \(Words.title(.publicSRVMissing))"])
        told.book.note(.verified, of: .edgeRepublish, drift: try Self.id(two, 5050))
        told.round(one)
        #expect(told.titles.dropFirst() == ["Repaired: mc-paper-5050: \(Words.title(.publicSRVMissing))"])
        // The one that stayed ends by itself: the message says so, and what was repaired weeks ago is no repair of it.
        told.round(Fleet(200), after: .minutes(21 * 24 * 60))
        let last = try #require(told.shown.last?.message)
        #expect(last.title == "Over: 6 drifts: \(Words.title(.publicSRVMissing))")
        #expect(last.description.contains("It is not seen any more. 5 repairs before that: it made"))
        #expect(told.shown.count == 3)
    }

    /// What is only worth knowing may stay for weeks; what is repaired meanwhile has a message of its own.
    @Test func whatIsOnlyReportedIsToldApart() throws {
        var told = Told()
        let fleet = Self.broken(Fleet(8), 5002..<5003)
        var report = try #require(fleet.audit())
        let srv = report.decisions[0]
        var notice = srv
        notice.drift = Drift(
            kind: .containerLocked, subject: srv.drift.subject, desired: "d", observed: "o",
            evidence: srv.drift.evidence, instance: nil)
        (notice.level, notice.verdict, notice.reason) = (.report, .report, .observeOnly)
        func round(_ decisions: [Decision]) {
            told.now = told.now + .minutes(1)
            (report.decisions, report.generatedAt) = (decisions, told.now)
            told.take(report)
        }
        round([notice, srv])
        let both = [
            "For your information: mc-paper-5002: \(Words.title(.containerLocked))",
            "Drift: mc-paper-5002: \(Words.title(.publicSRVMissing))",
        ]
        #expect(Set(told.titles) == Set(both))
        told.book.note(.verified, of: .edgeRepublish, drift: srv.drift.id)
        round([notice])
        #expect(told.titles.contains("Repaired: mc-paper-5002: \(Words.title(.publicSRVMissing))"))
        #expect(told.titles.contains(both[0]) && told.shown.count == 2)
    }

    /// Seen to work, undone by another tool or by the next attempt, and settled by a person later.
    @Test func aRepairThatDidNotLastIsNoReasonForTheEnd() throws {
        let fleet = Self.broken(Fleet(8), 5002..<5003)
        var drift = OpenDrift(
            id: try Self.id(fleet, 5002), kind: .publicSRVMissing, vmid: VMID(5002), externalID: nil, hostname: "mc",
            level: .automatic, action: .edgeRepublish, verdict: .repair, reason: .policyMatched, since: Fleet.now)
        drift.incident = "i"
        func isMended(_ between: (inout OutboxBook) -> Void) -> Bool? {
            var book = OutboxBook()
            book.note([JournalEntry(.opened, drift)], at: Fleet.now)
            book.note(.verified, of: .edgeRepublish, drift: drift.id)
            between(&book)
            book.note([JournalEntry(.closed, drift)], at: Fleet.now)
            return book.incidents["i"]?.isMended
        }
        #expect(isMended { _ in } == true)
        #expect(isMended { $0.note([JournalEntry(.changed, drift)], at: Fleet.now) } == false)
        #expect(isMended { $0.note(.notVerified("in vain"), of: .edgeRepublish, drift: drift.id) } == false)
        // What was not tried has changed nothing.
        #expect(isMended { $0.note(.refused("moved"), of: .edgeRepublish, drift: drift.id) } == true)
    }

    /// The round that finds it again writes that down, once; so what somebody else settles later was not repaired by us.
    @Test(arguments: [false, true])
    func aRepairThatWasUndoneAtOnceIsNoReasonForTheEnd(isTakenOver: Bool) throws {
        var told = Told()
        let fleet = Self.broken(Fleet(8), 5002..<5003)
        told.round(fleet)
        told.repaired(try Self.id(fleet, 5002))
        if isTakenOver {
            told.memory = Memory(open: Array(told.memory.open.values), incidents: told.book.groups(at: told.now))
        }
        told.round(fleet)
        #expect(told.entries.map(\.outcome) == [.changed])
        told.round(fleet)
        #expect(told.entries == [], "a quiet round")
        told.round(Fleet(8))
        #expect(told.titles == ["Over: mc-paper-5002: \(Words.title(.publicSRVMissing))"])
        #expect(told.shown[0].message.description.contains("1 repair before that"))
    }

    /// What joins within the hour is seen in the same message.
    @Test func whatJoinsAYoungIncidentIsAnEdit() throws {
        var told = Told()
        var fleet = Self.broken(Fleet(8), 5002..<5003)
        told.round(fleet)
        fleet.removeRecord("a5002")
        told.round(fleet, after: .minutes(50))
        #expect(told.shown.count == 1 && told.shown[0].edits == 1)
        let id = try #require(fleet.audit()?.decision(.publicSRVMissing)?.drift.id)
        told.book.note(.verified, of: .edgeRepublish, drift: id)
        // The message is too old to be edited by now: that something was repaired is news all the same, and calls nobody.
        var rest = Fleet(8)
        rest.removeRecord("a5002")
        told.round(rest, after: .minutes(10))
        #expect(told.shown.count == 2 && told.shown[1].message.isSilent)
        #expect(told.shown[1].message.description.contains("1 repair so far"))
    }

    /// Something that comes and goes beside what lasts is told once an hour, too.
    @Test func whatComesAndGoesBesideWhatLastsIsNoFlood() {
        var told = Told()
        var lasting = Fleet(8)
        lasting.removeRecord("a5002")
        let both = Self.broken(lasting, 5002..<5003)
        for number in 0..<360 { told.round(number.isMultiple(of: 2) ? both : lasting) }
        #expect(told.shown.count <= 9, "\(told.titles)")
    }
}
