import Core
import TestSupport
import Testing

/// What people are told about the controller itself: when it holds, when it is over, and when nobody can say.
@Suite("Conditions")
struct ConditionTests {
    typealias Told = IncidentTests.Told

    private static func note(_ outcome: Outcome, _ conditions: inout Conditions, _ told: inout Told) {
        guard let (hold, undecided) = conditions.ended(outcome, sinks: [:], told.notify) else { return }
        told.book.note(hold, undecided: undecided, at: told.now)
        told.tell()
    }

    /// A view without a column: the outbox works, and nothing is decided for days.
    @Test(arguments: [
        (Unknown.database, true), (.forbidden, true), (.malformed, true), (.oversize, true), (.configuration, true),
        (.refused, false), (.timeout, false), (.unauthorized, false), (.notRead, false),
    ])
    func aDatabaseThatAnswersAndGivesNothingIsTold(_ code: Unknown, _ isTold: Bool) throws {
        let good = Outcome.report(try #require(Fleet(8).audit()))
        var blind = Fleet(8)
        blind.isQuorate = false
        let other = Outcome.report(try #require(blind.audit()))
        let bad = Outcome.desiredUnreadable(ReadFailure(code, "no column hostname", at: Fleet.now))
        var told = Told()
        var conditions = Conditions()
        for outcome in [other, other, bad] { Self.note(outcome, &conditions, &told) }
        #expect(told.titles == ["Blind: proxmox cannot be read"], "one may be a moment")
        for _ in 0..<3 { Self.note(bad, &conditions, &told) }
        // Of all else nothing is known meanwhile.
        #expect(told.titles == ["Blind: proxmox cannot be read"] + (isTold ? ["Blind: database cannot be read"] : []))
        if isTold { #expect(told.shown.last?.message.description.contains("no column hostname") == true) }
        Self.note(good, &conditions, &told)
        #expect(told.titles.allSatisfy { $0.hasPrefix("Over: ") })
    }

    /// Whoever cannot log in cannot keep a message there either.
    @Test func aPasswordThatWasChangedIsSaidDirectly() throws {
        var outage = DatabaseOutage()
        _ = outage.ended(.report(try #require(Fleet(3).audit())), leads: true)
        let refused = Outcome.desiredUnreadable(ReadFailure(.unauthorized, "password", at: Fleet.now))
        let changes = (0..<4).map { _ in outage.ended(refused, leads: false) }
        #expect(changes.map { $0 != nil } == [false, true, false, false])
    }

    /// A database that takes no connections, or that is not there by this name, has an SQLSTATE like one that answers.
    @Test(arguments: [Unknown.database, .malformed, .forbidden, .configuration, .notRead])
    func aDatabaseThatLetsNobodyInIsSaidDirectly(_ code: Unknown) throws {
        var failure = ReadFailure(code, "it is not accepting connections (55000)", at: Fleet.now)
        failure.isUnconnected = true
        let refused = Outcome.desiredUnreadable(failure)
        let report = Outcome.report(try #require(Fleet(3).audit()))
        // Whoever is stopped cuts its own call short, and that says nothing.
        let isGone = code != .notRead
        var outage = DatabaseOutage()
        _ = outage.ended(report, leads: true)
        let changes = (0..<4).map { _ in outage.ended(refused, leads: false) }
        #expect(changes.map { $0 != nil } == [false, isGone, false, false])
        #expect((outage.ended(report, leads: false) == .back) == isGone)
        // And not twice: nothing could be written down there.
        var conditions = Conditions()
        let isNoted = (0..<3).map { _ in conditions.ended(refused, sinks: [:], Told().notify) != nil }
        #expect(isNoted == [false, false, false])
    }

    /// Who has just taken over does not know yet how the webhooks are; whoever failed before may fail still.
    @Test func aWebhookIsNotCalledWellBeforeItWasAsked() throws {
        let report = Outcome.report(try #require(Fleet(8).audit()))
        var told = Told(["a", "b"].map { Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: $0) })
        var conditions = Conditions()
        func round(_ sinks: [String: String], _ unheard: Set<String>) {
            guard let (hold, undecided) = conditions.ended(report, sinks: sinks, unheard: unheard, told.notify) else {
                return
            }
            told.book.note(hold, undecided: undecided, at: told.now)
            told.tell()
        }
        round(["a": "503"], [])
        #expect(told.titles == ["Messages fail: webhook a"])
        conditions = Conditions()
        round([:], ["a", "b"])
        #expect(told.titles == ["Messages fail: webhook a"])
        round([:], [])
        #expect(told.titles == ["Over: webhook a"])
    }

    @Test func aLineKnowsWhetherItHasBeenHeard() throws {
        var incident = MessageLimitsTests.incident("h", drifts: 1)
        incident.version = 1
        let desk = OutboxDesk(readAt: Fleet.now, rows: [.init(incident: incident)], messages: [:])
        var answers: [Bool] = []
        var (line, now) = (OutboxLine(.init(id: "t", isDryRun: false)), Fleet.now)
        for answer in [SinkAnswer.unsure("503"), .unsure("503"), .unsure("503"), .accepted("1")] {
            answers.append(line.isHeard)
            while case .wait(let until) = line.next(desk, at: now) { now = until }
            guard case .send(let sending) = line.next(desk, at: now + .minutes(10)) else {
                Issue.record("nothing is sent")
                return
            }
            now = now + .minutes(10)
            _ = line.ended(sending, answer, nil, at: now)
        }
        #expect(answers == [false, false, false, true] && line.isHeard && line.trouble == nil)
    }

    /// Whoever leads again knows as little as one who has just begun; only what is gone for good is gone still.
    @Test func aLineForgetsWhatItHeardUnderAnotherLeadership() throws {
        var incident = MessageLimitsTests.incident("h", drifts: 1)
        incident.version = 1
        let desk = OutboxDesk(readAt: Fleet.now, rows: [.init(incident: incident)], messages: [:])
        func line(after answer: SinkAnswer) -> OutboxLine {
            var (line, now) = (OutboxLine(.init(id: "t", isDryRun: false)), Fleet.now)
            for _ in 0..<OutboxLine.failuresUntilTold {
                now = now + .minutes(60)
                guard case .send(let sending) = line.next(desk, at: now) else { continue }
                _ = line.ended(sending, answer, nil, at: now)
            }
            return line
        }
        var failing = line(after: .unsure("503"))
        #expect(failing.trouble == "503")
        failing.forget()
        #expect(failing.trouble == nil && !failing.isHeard)
        var well = line(after: .accepted("1"))
        #expect(well.isHeard)
        well.forget()
        #expect(!well.isHeard)
        var gone = line(after: .gone("404"))
        gone.forget()
        #expect(gone.trouble == "404" && gone.isHeard)
        // What may not be asked yet may not be asked by a new leader either.
        var held = line(after: .accepted("1"))
        let (now, later) = (Fleet.now + .minutes(300), Fleet.now + .minutes(310))
        held.hold(until: later, at: now)
        held.forget()
        #expect(held.next(desk, at: now) == .wait(until: later))
    }

    /// Ten thousand drifts of some kinds, all of which the brake holds.
    private static func tenThousand(kinds: Int, asksToo: Bool = false) throws -> Report {
        var template = Fleet(8)
        template.removeRecord("s5002")
        var report = try #require(template.audit())
        let one = try #require(report.decisions.first)
        let chosen = DriftKind.allCases.filter { $0.level == .automatic }.prefix(kinds)
        report.decisions = (0..<10_000).map { number in
            var decision = one
            decision.drift = Drift(
                kind: chosen[number % chosen.count],
                subject: Subject(vmid: VMID(10_000 + number), hostname: "h\(number)"),
                desired: "d", observed: "o", evidence: one.drift.evidence, instance: nil)
            (decision.verdict, decision.reason) = (.held, .massChange)
            if asksToo, number % chosen.count == 0 {
                (decision.verdict, decision.reason, decision.level) = (.approvalRequired, .approvalMissing, .disruptive)
            }
            return decision
        }
        return report
    }

    /// What was held is repaired, one after the other.
    private static func release(_ report: inout Report) {
        for index in report.decisions.indices {
            (report.decisions[index].verdict, report.decisions[index].reason) = (.repair, .policyMatched)
            report.decisions[index].pending = [.budgetSpent]
        }
    }

    /// A brake, an approval, hours of repairs within a budget, and the end: with all that is asked and said about them.
    @Test(arguments: [1, 2, 3, 4, 6, 20], [false, true])
    func tenThousandDriftsAreThreeMessagesWithAllThatIsAskedAboutThem(kinds: Int, asksToo: Bool) throws {
        var report = try Self.tenThousand(kinds: kinds, asksToo: asksToo)
        var told = Told()
        var conditions = Conditions()
        func round() {
            (told.now, report.generatedAt) = (told.now + .minutes(1), told.now + .minutes(1))
            told.take(report)
            Self.note(.report(report), &conditions, &told)
        }
        round()
        round()
        #expect((1...3).contains(told.shown.count), "\(told.titles)")
        #expect(told.shown.contains { $0.message.description.contains("zlh-controller approve \(report.planHash)") })
        Self.release(&report)
        // To the last few, of which nobody would be told that they wait.
        for left in [10_000, 10_000, 9_970, 60, 3 * kinds, 1, 1, 1, 0] {
            report.decisions = Array(report.decisions.prefix(left))
            round()
            #expect(told.shown.count <= 3, "\(left): \(told.titles)")
            if left > 1000 {
                #expect(kinds > 1 || told.shown.contains { $0.message.description.contains(Words.budget.dropFirst()) })
            }
        }
        #expect(told.titles.allSatisfy { $0.contains("Over: ") || $0.contains(" over") }, "\(told.titles)")
        for shown in told.shown { #expect(shown.message.length <= 6000) }
    }

    /// A channel over hours in which many drifts are repaired, some in each round.
    private struct Hours {
        var report: Report
        var told = Told()
        private var conditions = Conditions()

        init(_ report: Report) { self.report = report }

        mutating func round(after span: Span) {
            (told.now, report.generatedAt) = (told.now + span, told.now + span)
            told.take(report)
            ConditionTests.note(.report(report), &conditions, &told)
        }

        /// So many are mended, and a fresh read sees it.
        mutating func mend(_ count: Int) {
            for decision in report.decisions.suffix(count) {
                told.book.note(.verified, of: .edgeRepublish, drift: decision.drift.id)
            }
            report.decisions.removeLast(min(count, report.decisions.count))
        }
    }

    struct Course: Sendable, CustomTestStringConvertible {
        var kinds: Int
        /// One kind after the other, so that they end in different rounds.
        var isInTurn = false
        /// Approved when the first message cannot be edited any more.
        var isLate = false
        var testDescription: String { "\(kinds) kinds, in turn \(isInTurn), late \(isLate)" }
    }

    static let courses = [
        Course(kinds: 1), Course(kinds: 1, isLate: true), Course(kinds: 2, isInTurn: true),
        Course(kinds: 6, isInTurn: true, isLate: true),
    ]

    /// Six hours of repairs within a budget: a message that is too old to be edited is followed by one when it is over, and not
    /// by one an hour, nor by one for each kind.
    @Test(arguments: courses)
    func tenThousandDriftsAreThreeMessagesHoweverLongTheirRepairTakes(course: Course) throws {
        var report = try Self.tenThousand(kinds: course.kinds)
        if course.isInTurn { report.decisions.sort { $0.drift.kind < $1.drift.kind } }
        var hours = Hours(report)
        hours.round(after: .minutes(1))
        hours.round(after: .minutes(course.isLate ? 70 : 1))
        Self.release(&hours.report)
        while !hours.report.decisions.isEmpty {
            hours.round(after: .minutes(20))
            hours.mend(600)
            #expect(hours.told.shown.count <= 2, "\(hours.report.decisions.count): \(hours.told.titles)")
        }
        hours.round(after: .minutes(1))
        #expect((2...3).contains(hours.told.shown.count), "\(hours.told.titles)")
        let end = try #require(hours.told.shown.last?.message)
        if course.kinds > 1 {
            #expect(end.title.contains("incidents at once, ") && end.title.hasSuffix(" over"), "\(end.title)")
        }
        let repaired = hours.told.book.incidents.values.filter { $0.topic == .drifts }.map(\.repaired)
        #expect(repaired.reduce(0, +) == 10_000)
        // Then there is nothing left to say.
        hours.round(after: .minutes(60))
        #expect(hours.told.shown.count <= 3 && hours.told.book.desk(of: "alerts", at: hours.told.now).pending == 0)
    }

    /// Of many some are repaired, and the others are left alone for weeks: what was done is told after a day.
    @Test func repairsAmongManyThatStayAreToldAfterADay() throws {
        var report = try Self.tenThousand(kinds: 1)
        Self.release(&report)
        var hours = Hours(report)
        hours.round(after: .minutes(1))
        let before = hours.told.shown.count
        hours.round(after: .minutes(120))
        hours.mend(10)
        hours.round(after: .minutes(20))
        #expect(hours.told.shown.count == before)
        hours.round(after: .minutes(24 * 60))
        #expect(hours.told.shown.count == before + 1, "\(hours.told.titles)")
    }

    /// One of many is for a person, who knows of it: the others that are repaired beside it are no message an hour.
    @Test func oneOfManyThatNeedsAPersonMakesNoFloodOfTheRest() throws {
        var report = try Self.tenThousand(kinds: 1)
        Self.release(&report)
        (report.decisions[0].verdict, report.decisions[0].reason) = (.held, .foreignRecord)
        var hours = Hours(report)
        hours.round(after: .minutes(1))
        let before = hours.told.shown.count
        for _ in 0..<6 {
            hours.round(after: .minutes(60))
            hours.mend(600)
        }
        #expect(hours.told.shown.count == before, "\(hours.told.titles)")
        hours.round(after: .minutes(24 * 60))
        #expect(hours.told.shown.count == before + 1, "\(hours.told.titles)")
    }

    /// Whoever was told that another one fails, and fails then, too, is not told that it is over.
    @Test func thatNobodyIsLeftToBeToldEndsNothing() throws {
        let report = Outcome.report(try #require(Fleet(8).audit()))
        var told = Told(["a", "b"].map { Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: $0) })
        var conditions = Conditions()
        func round(_ sinks: [String: String]) {
            guard let (hold, undecided) = conditions.ended(report, sinks: sinks, told.notify) else { return }
            told.book.note(hold, undecided: undecided, at: told.now)
            told.tell()
        }
        round(["a": "503"])
        #expect(told.titles == ["Messages fail: webhook a"])
        round(["a": "503", "b": "503"])
        #expect(told.titles == ["Messages fail: webhook a"])
        round(["a": "503"])
        #expect(told.titles == ["Messages fail: webhook a"])
        round([:])
        #expect(told.titles == ["Over: webhook a"])
    }

    /// A round that reads the ledger anew, as after an attempt of unknown end, plans nothing: a budget is not enough by that.
    @Test func aRoundWithoutAPlanSaysNothingOfTheBudget() throws {
        var fleet = Fleet(40)
        fleet.removeRecord("s5001")
        var report = try #require(fleet.audit())
        let idle = report
        report.decisions[0].pending = [.budgetSpent]
        var unplanned = idle
        unplanned.isPlanned = false
        var told = Told()
        var conditions = Conditions()
        var titles: [[String]] = []
        for report in [report, report, unplanned, report, unplanned, idle] {
            Self.note(.report(report), &conditions, &told)
            titles.append(told.titles)
        }
        let (open, over) = ("Held: \(Self.budget)", "Over: \(Self.budget)")
        #expect(titles == [[], [open], [open], [open], [open], [over]])
        #expect(told.book.incidents.values.map(\.times) == [1])
    }

    private static let budget = "more repairs are due than may begin at once"

    @Test func aRoundThatDoesNotKnowTheLedgerPlansNothing() throws {
        let fleet = Fleet(8)
        let report = try #require(fleet.audit())
        let duty = Duty(mode: .repair, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60))
        var watch = Watch(duty: duty, policies: fleet.policies)
        func planned() -> [Bool] {
            watch.begins(at: Fleet.now)
            return watch.ended(.report(report), at: Fleet.now).compactMap { effect in
                if case .tell(.report(let told)) = effect { told.isPlanned } else { nil }
            }
        }
        #expect(planned() == [false], "it does not lead")
        _ = watch.changed(.acting(epoch: 1), at: Fleet.now)
        #expect(planned() == [false], "the ledger was not read yet")
        watch.recalled(Memory())
        #expect(planned() == [true])
    }
}
