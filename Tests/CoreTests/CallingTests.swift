import Core
import TestSupport
import Testing

/// When a message makes a sound: once for each thing that somebody is needed for, and then not again.
@Suite("Who is called, and for what")
struct CallingTests {
    typealias Told = IncidentTests.Told

    /// Each new message that makes a sound: its title when it was posted.
    private static func calls(_ told: Told, after count: Int) -> [String] {
        told.shown.dropFirst(count).filter { !$0.message.isSilent }.map(\.message.title)
    }

    /// It opened three times within the hour before it was called contested: that it stays is no flapping.
    @Test func aQuarrelWithAnotherWriterCallsInTheRoundThatDecidesIt() throws {
        var daemon = LedgerDaemon(Fleet(3))
        daemon.lead()
        var told = Told()
        let records = daemon.fleet.records
        var calledAfter: Int?
        for minute in 0..<30 {
            // Undone once it was seen to be right.
            if minute == 0 || daemon.journal.last?.outcome == .closed {
                daemon.fleet.records = records
                daemon.fleet.removeRecord("s5001")
            }
            let (intents, shown) = (daemon.intents.count, told.shown.count)
            daemon.round()
            told.now = daemon.now
            told.take(daemon.last)
            for intent in daemon.intents.dropFirst(intents) {
                told.book.note(.verified, of: .edgeRepublish, drift: intent.drift.id)
            }
            told.tell()
            guard calledAfter == nil, daemon.last.decisions.contains(where: { $0.reason == .contested }) else {
                continue
            }
            calledAfter = minute
            let incident = try #require(told.book.incidents.values.first { $0.closedAt == nil })
            #expect(incident.isFlapping, "it is what the pause was for")
            let calls = Self.calls(told, after: shown)
            #expect(calls.count == 1 && calls[0].hasPrefix("Contested: "), "\(told.titles)")
        }
        #expect(calledAfter != nil)
    }

    private static func take(_ told: inout Told, _ fleet: Fleet, _ verdict: Verdict, _ reason: Reason) throws {
        var report = try #require(fleet.audit())
        for index in report.decisions.indices {
            (report.decisions[index].verdict, report.decisions[index].reason) = (verdict, reason)
        }
        told.now = told.now + .minutes(1)
        report.generatedAt = told.now
        told.take(report)
    }

    /// The message has called for the brake. That the repairs came to nothing afterwards is another need.
    @Test func whatIsQuarantinedAfterABrakeCallsAgain() throws {
        var fleet = Fleet(40)
        for vmid in 5001...5020 { fleet.removeRecord("s\(vmid)") }
        var told = Told()
        try Self.take(&told, fleet, .held, .massChange)
        #expect(Self.calls(told, after: 0).count == 1)
        try Self.take(&told, fleet, .repair, .policyMatched)
        #expect(told.shown.count == 1)
        try Self.take(&told, fleet, .held, .quarantined)
        let calls = Self.calls(told, after: 1)
        #expect(calls.count == 1 && calls[0].hasPrefix("Quarantined: "), "\(told.titles)")
        // What comes and goes within a message has called already.
        for _ in 0..<5 {
            try Self.take(&told, fleet, .held, .paused)
            try Self.take(&told, fleet, .held, .quarantined)
        }
        #expect(told.shown.count == 2)
    }

    /// A digest that has called for one of its incidents has called for no other.
    @Test func eachIncidentOfADigestCallsForItself() throws {
        var fleet = Fleet(40)
        for vmid in 5001...5012 { fleet.removeRecord("s\(vmid)") }
        for vmid in 5021...5025 { fleet.changeGuest(vmid) { $0.status = "stopped" } }
        var told = Told()
        told.round(fleet)
        let digests = told.shown.count
        var report = try #require(fleet.audit())
        for index in report.decisions.indices where report.decisions[index].drift.kind == .publicSRVMissing {
            (report.decisions[index].verdict, report.decisions[index].reason) = (.held, .quarantined)
        }
        told.now = told.now + .minutes(1)
        report.generatedAt = told.now
        told.take(report)
        let calls = Self.calls(told, after: digests)
        #expect(calls.count == 1 && calls[0].hasPrefix("Quarantined: "), "\(told.titles)")
    }

    /// A plane that is lost and found is told once an hour; one that stays lost is told after some minutes.
    @Test func aPlaneThatStaysBlindCallsThoughItCameAndWent() {
        var told = Told()
        func blind(_ holds: Bool) {
            told.now = told.now + .minutes(1)
            let condition = Condition(
                group: "plane velocity", topic: .plane, subject: "velocity", text: "refused", level: .disruptive,
                webhooks: ["alerts"])
            told.book.note(holds ? [condition] : [], undecided: [], at: told.now)
            told.tell()
        }
        for holds in [true, false, true, false, true, false] { blind(holds) }
        let before = told.shown.count
        for minute in 1...4 {
            blind(true)
            #expect(told.shown.count == before, "minute \(minute)")
        }
        for _ in 0..<3 { blind(true) }
        #expect(Self.calls(told, after: before).count == 1)
        // And when it goes on coming and going, no more than that.
        for minute in 0..<50 { blind(minute % 12 < 6) }
        #expect(told.shown.count == before + 1, "\(told.titles)")
    }

    /// A brake that engages again asks about another plan.
    @Test func aBrakeThatEngagesAgainCalls() {
        var told = Told()
        func braked(_ plan: String?) {
            told.now = told.now + .minutes(1)
            let hold = plan.map {
                Condition(
                    group: "brake", topic: .brake, subject: $0, text: "20 drifts", level: .automatic,
                    webhooks: ["alerts"])
            }
            told.book.note([hold].compactMap(\.self), undecided: [], at: told.now)
            told.tell()
        }
        for plan in ["sha256:1", nil, "sha256:2"] { braked(plan) }
        #expect(told.shown.count == 2 && !told.shown[1].message.isSilent)
        #expect(told.shown[1].message.description.contains("approve sha256:2"))
    }
}
