import Core
import TestSupport
import Testing

/// What people are asked and told about the repairs themselves: a brake, an approval, a budget.
@Suite("What waits for an answer")
struct AskedTests {
    typealias Told = IncidentTests.Told

    @Test func aBrakeSaysHowItIsAnswered() throws {
        var fleet = Fleet(40)
        for vmid in 5001...5020 { fleet.removeRecord("s\(vmid)") }
        let report = try #require(fleet.audit())
        #expect(report.decisions.allSatisfy { $0.reason == .massChange })
        var conditions = Conditions()
        var told = Told()
        told.take(report)
        let ended = conditions.ended(.report(report), sinks: [:], told.notify)
        let (hold, undecided) = try #require(ended)
        told.book.note(hold, undecided: undecided, at: told.now)
        told.tell()
        #expect(told.shown.count == 2)
        #expect(told.titles[0].hasPrefix("Brake: 20 drifts"))
        #expect(told.shown[1].message.description.contains("`zlh-controller approve \(report.planHash)`"))
        #expect(told.shown[1].message.colour == .red && !told.shown[1].message.isSilent)
    }

    private static func conditions(_ report: Report, _ told: inout Told, _ conditions: inout Conditions) throws {
        let ended = conditions.ended(.report(report), sinks: [:], told.notify)
        let (hold, undecided) = try #require(ended)
        told.book.note(hold, undecided: undecided, at: told.now)
        told.tell()
    }

    /// The proxy fills its list by itself: nobody is needed before its time is over, and then once.
    @Test func aProxyThatRestartedNeedsNobodyBeforeItsTimeIsOver() throws {
        var daemon = LedgerDaemon(.withHosts(30))
        daemon.lead()
        daemon.round()
        for number in 5001...5030 { daemon.fleet.unregister("mc-paper-\(number)") }
        var told = Told()
        var conditions = Conditions()
        for minute in 0..<4 {
            daemon.round()
            told.now = daemon.now
            told.take(daemon.last)
            try Self.conditions(daemon.last, &told, &conditions)
            if minute < 2 {
                #expect(told.titles == ["Held: 30 drifts: proxy does not know the server"])
                #expect(told.shown[0].message.isSilent)
                #expect(told.shown[0].message.description.contains("Why: \(Words.settling)."))
            }
            // Asked anew each minute: what an audit says is the same throughout.
            #expect(daemon.last.decisions.allSatisfy { $0.verdict == .held && $0.reason == .massChange })
        }
        #expect(
            told.titles.dropFirst() == [
                "Brake: 30 drifts: proxy does not know the server", "Brake: repairs wait for an answer",
            ])
        #expect(told.shown.dropFirst().allSatisfy { !$0.message.isSilent })
    }

    /// What a policy of level 2 asks about says how it is answered, and whose turn it is.
    @Test func whatWaitsForAnApprovalSaysHowItIsGiven() throws {
        var fleet = Fleet(40)
        fleet.policies.policies = fleet.policies.policies.map { policy in
            var policy = policy
            policy.level = .disruptive
            return policy
        }
        for vmid in 5001...5002 { fleet.removeRecord("s\(vmid)") }
        var report = try #require(fleet.audit())
        #expect(report.decisions.map(\.verdict) == [.approvalRequired, .approvalRequired])
        var told = Told()
        var conditions = Conditions()
        told.take(report)
        try Self.conditions(report, &told, &conditions)
        let message = try #require(told.shown.last?.message)
        #expect(message.title == "Needs you: repairs wait for your approval")
        #expect(message.description.contains("`zlh-controller approve \(report.planHash)`"))
        #expect(message.description.contains("2 × public SRV record is missing") && !message.isSilent)
        // Rejected, they are open and ask nobody any more.
        for index in report.decisions.indices { report.decisions[index].approval = .rejected }
        try Self.conditions(report, &told, &conditions)
        #expect(told.titles.last == "Over: repairs wait for your approval")
    }

    /// A budget that is used up for a moment is no news; one that keeps repairs waiting is, and calls nobody.
    @Test func aBudgetThatKeepsRepairsWaitingIsTold() throws {
        var report = try #require(
            {
                var fleet = Fleet(40)
                fleet.removeRecord("s5001")
                return fleet.audit()
            }())
        let quiet = report
        report.decisions[0].pending = [.budgetSpent]
        var told = Told()
        var conditions = Conditions()
        var titles: [[String]] = []
        for report in [report, quiet, report, report, report, quiet] {
            told.now = told.now + .minutes(1)
            try Self.conditions(report, &told, &conditions)
            titles.append(told.titles)
        }
        let open = "Held: more repairs are due than may begin at once"
        #expect(titles == [[], [], [], [open], [open], ["Over: more repairs are due than may begin at once"]])
        #expect(told.shown.allSatisfy { $0.message.isSilent })
    }
}
