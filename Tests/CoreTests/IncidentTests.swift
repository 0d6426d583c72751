import Core
import TestSupport
import Testing

/// From rounds to incidents to messages: everything but the network.
@Suite("Incidents")
struct IncidentTests {
    /// A daemon's memory, its outbox, and a webhook that takes everything.
    struct Told {
        var memory = Memory()
        var book = OutboxBook()
        var lines: [String: OutboxLine] = [:]
        var shown: [(webhook: String, id: String, message: ChatMessage, edits: Int)] = []
        var now = Fleet.now
        var notify: [Notification]
        /// Of whoever tells it; a daemon that is started anew has other lines.
        var duty = Duty.everywhere { didSet { lines = [:] } }

        init(_ notify: [Notification] = [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")])
        {
            self.notify = notify
        }

        mutating func round(_ fleet: Fleet, after span: Span = .minutes(1)) {
            now = now + span
            guard var report = fleet.audit() else { return }
            report.generatedAt = now
            take(report)
        }

        /// What the last round wrote down.
        var entries: [JournalEntry] = []

        mutating func take(_ report: Report) {
            entries = memory.absorb(report, telling: notify)
            book.note(entries, at: now)
            tell()
        }

        /// The repair of a drift was seen to work.
        mutating func repaired(_ id: String, by action: Action = .edgeRepublish) {
            memory.open[id]?.isRepaired = true
            book.note(.verified, of: action, drift: id)
        }

        /// Until there is nothing to say any more; requests take no time.
        mutating func tell() {
            for webhook in Set(notify.map(\.webhook)).sorted() {
                var line = lines[webhook] ?? OutboxLine(.init(id: "test-1", duty: duty))
                // The limits of requests have tests of their own.
                var clock = now
                loop: for _ in 0..<200 {
                    switch line.next(book.desk(of: webhook, at: now, duty: duty), at: clock) {
                    case .send(let sending):
                        guard let claim = book.claim(sending, webhook: webhook, at: now) else { break loop }
                        let id = sending.edits ?? "\(shown.count)"
                        if let index = shown.firstIndex(where: { $0.id == id }) {
                            shown[index].message = sending.content
                            shown[index].edits += 1
                        } else {
                            shown.append((webhook, id, sending.content, 0))
                        }
                        let end = line.ended(sending, .accepted(id), nil, at: clock)
                        book.record(end, of: sending, claim, at: now)
                    case .settle(let told): book.settle(told, webhook: webhook)
                    case .wait(let until):
                        if until - clock > .minutes(3) { break loop }
                        clock = until
                    case .rest: break loop
                    }
                }
                lines[webhook] = line
            }
        }

        var titles: [String] { shown.map(\.message.title) }
    }

    @Test func theDriftsOfOneServerAreOneMessage() {
        var fleet = Fleet(8)
        fleet.removeRecord("s5002")
        fleet.removeRecord("a5002")
        var told = Told()
        told.round(fleet)
        #expect(told.shown.count == 1)
        #expect(told.titles[0].hasPrefix("Drift: mc-paper-5002: "))
        #expect(told.titles[0].hasSuffix(" and 1 other kind"))
        told.round(Fleet(8))
        #expect(told.titles.count == 1 && told.titles[0].hasPrefix("Over: ") && told.shown[0].edits == 1)
        // Quiet is quiet.
        for _ in 0..<5 { told.round(Fleet(8)) }
        #expect(told.shown.count == 1 && told.shown[0].edits == 1)
    }

    @Test func whatExplainsAnotherTakesItAlong() throws {
        var fleet = Fleet(8)
        fleet.removeGuest(5003)
        fleet.removeRecord("s5002")
        var told = Told()
        told.round(fleet)
        #expect(told.shown.count == 2)
        #expect(told.titles.contains { $0.hasPrefix("Needs you: mc-paper-5003: \(Words.title(.containerMissing))") })
    }

    @Test func manyAreADigestAndManyOfOneKindAreANumber() {
        var fleet = Fleet(200)
        for vmid in 5001...5008 { fleet.removeRecord("s\(vmid)") }
        var told = Told()
        told.round(fleet)
        #expect(told.shown.count == 1)
        #expect(told.titles[0] == "Drift: 8 drifts: \(Words.title(.publicSRVMissing))")
        #expect(told.shown[0].message.description.contains("• 8 × "))
        // Two more of the same join them.
        for vmid in 5009...5010 { fleet.removeRecord("s\(vmid)") }
        told.round(fleet)
        #expect(told.titles == ["Drift: 10 drifts: \(Words.title(.publicSRVMissing))"])
        told.round(Fleet(200))
        #expect(told.titles == ["Over: 10 drifts: \(Words.title(.publicSRVMissing))"])
    }

    static func tenThousand(_ kinds: Int) throws -> Report {
        var template = Fleet(8)
        template.removeRecord("s5002")
        var report = try #require(template.audit())
        let one = try #require(report.decisions.first)
        let chosen = DriftKind.allCases.filter { ![.containerMissing].contains($0) }.prefix(kinds)
        report.decisions = (0..<10_000).map { number in
            let kind = chosen[number % kinds]
            let vmid = VMID(10_000 + number)
            var decision = one
            decision.drift = Drift(
                kind: kind, subject: Subject(vmid: vmid, hostname: "h\(number)"), desired: "d", observed: "o",
                evidence: one.drift.evidence, instance: nil)
            decision.level = kind.level
            if kind.level == .destructive { (decision.verdict, decision.reason) = (.manual, .personOnly) }
            return decision
        }
        return report
    }

    @Test(arguments: [1, 3, 4, 6, 20])
    func tenThousandDriftsAreAtMostThreeMessages(kinds: Int) throws {
        var report = try Self.tenThousand(kinds)
        var told = Told()
        told.take(report)
        #expect((1...3).contains(told.shown.count), "\(told.titles)")
        // Half of them end, then all, within the hour: the same messages.
        let count = told.shown.count
        report.decisions = Array(report.decisions.prefix(5000))
        (told.now, report.generatedAt) = (told.now + .minutes(5), told.now + .minutes(5))
        told.take(report)
        report.decisions = []
        (told.now, report.generatedAt) = (told.now + .minutes(5), told.now + .minutes(5))
        told.take(report)
        #expect(told.shown.count == count)
        #expect(told.titles.allSatisfy { $0.contains("Over: ") || $0.contains(" over") })
        for shown in told.shown { #expect(shown.message.length <= 6000) }
    }

    @Test func onlyThoseAreToldWhoWantToKnow() {
        var fleet = Fleet(8)
        fleet.removeRecord("s5002")
        fleet.removeGuest(5003)
        var told = Told([
            Notification(kinds: [KindPattern("dns.*")], minLevel: .report, webhook: "dns"),
            Notification(kinds: [KindPattern("*")], minLevel: .destructive, webhook: "pager"),
            Notification(kinds: [KindPattern("queue.*")], minLevel: .report, webhook: "queues"),
        ])
        told.round(fleet)
        #expect(Set(told.shown.map(\.webhook)) == ["dns", "pager"])
        #expect(told.shown.first { $0.webhook == "pager" }?.message.title.contains("5003") == true)
        #expect(told.shown.first { $0.webhook == "dns" }?.message.title.contains("5002") == true)
        #expect(told.shown.count == 2)
    }

    @Test func whatSomebodyHasAcceptedIsNotTold() throws {
        var fleet = Fleet(8)
        fleet.removeRecord("s5002")
        let id = try #require(fleet.audit()?.decisions.first?.drift.id)
        fleet.accepted = [
            Acceptance(driftID: id, reason: "known", until: Fleet.now + .minutes(600), by: "eva")
        ]
        var told = Told()
        told.round(fleet)
        #expect(told.shown.isEmpty)
    }

    @Test func whatComesAndGoesIsToldOnceAnHour() {
        var broken = Fleet(8)
        broken.removeRecord("s5002")
        var told = Told()
        var requests: [Int] = []
        for number in 0..<360 {
            told.round(number.isMultiple(of: 2) ? broken : Fleet(8))
            requests.append(told.shown.reduce(0) { $0 + $1.edits + 1 })
        }
        // Six hours, a change each minute.
        #expect(told.shown.count <= 8, "\(told.titles)")
        #expect(requests.last ?? 0 <= 14, "\(requests.last ?? 0)")
        #expect(told.shown.last?.message.description.contains("told once an hour") == true)
        // When it has stopped, the last word is that it is over.
        for _ in 0..<130 { told.round(Fleet(8)) }
        #expect(told.titles.last?.hasPrefix("Over: ") == true)
    }

    @Test func aMessageIsEditedWhileItIsYoungAndFollowedByAnotherAfterwards() {
        var broken = Fleet(8)
        broken.removeRecord("s5002")
        var told = Told()
        told.round(broken)
        told.round(broken, after: .minutes(40))
        #expect(told.shown.count == 1 && told.shown[0].edits == 0)
        told.round(Fleet(8), after: .minutes(30))
        #expect(told.titles.count == 2)
        #expect(told.titles[0].hasPrefix("Drift: ") && told.titles[1].hasPrefix("Over: "))
    }

    @Test func aPersonIsNotCalledByAnEdit() throws {
        var broken = Fleet(8)
        broken.removeRecord("s5002")
        var told = Told()
        told.round(broken)
        #expect(told.shown[0].message.isSilent)
        var report = try #require(broken.audit())
        (report.decisions[0].verdict, report.decisions[0].reason) = (.held, .quarantined)
        for minutes in [1, 2] {
            report.generatedAt = told.now + .minutes(Int64(minutes))
            told.now = report.generatedAt
            told.take(report)
        }
        #expect(told.shown.count == 2)
        #expect(told.titles[1].hasPrefix("Quarantined: ") && !told.shown[1].message.isSilent)
        told.round(Fleet(8))
        #expect(told.shown.count == 2 && told.titles[1].hasPrefix("Over: "))
    }

    @Test func aRepairIsToldWithItsTriesAndItsTime() throws {
        var fleet = Fleet(8)
        fleet.observeQueues()
        fleet.addDeadBackup("op-dead", vmid: 5001)
        var told = Told()
        told.round(fleet)
        let id = try #require(fleet.audit()?.decision(.operationStale)?.drift.id)
        told.book.note(.notVerified("it is running"), of: .clearStaleOperationLock, drift: id)
        told.tell()
        #expect(told.shown[0].message.description.contains("Last attempt: `it is running`"))
        told.book.note(.verified, of: .clearStaleOperationLock, drift: id)
        var healed = Fleet(8)
        healed.observeQueues()
        told.round(healed, after: .minutes(4))
        #expect(told.shown.count == 1)
        #expect(told.titles[0].hasPrefix("Repaired: mc-paper-5001"))
        let text = told.shown[0].message.description
        #expect(text.contains("After 4 min, 2 attempts: it marked the dead operation stale."))
    }

    /// A digest has no room for more than a line, and the line says why.
    @Test func aLineOfADigestSaysWhy() {
        let incidents = (0..<8).map { index in
            var incident = Incident(id: "\(index)", topic: .drifts, level: .disruptive, openedAt: Fleet.now)
            incident.hostname = "mc-\(index)"
            incident.tallies = [.init(kind: .containerStopped, verdict: .manual, reason: .noAction, count: 1)]
            return incident
        }
        let text = IncidentMessage(.init(id: "test-1", isDryRun: false)).message(incidents).description
        #expect(
            text.split(separator: "\n").allSatisfy {
                $0.contains("container is stopped (there is no automatic action for it) → `zlh-controller audit`")
            })
    }

    @Test func aBlindPlaneIsToldInTheSecondRoundAndThatItSeesAgain() throws {
        var blind = Fleet(8)
        blind.isQuorate = false
        var told = Told()
        var conditions = Conditions()
        var seen: [Int] = []
        for fleet in [blind, blind, blind, Fleet(8), Fleet(8)] {
            let report = try #require(fleet.audit())
            let ended = conditions.ended(.report(report), sinks: [:], told.notify)
            let (hold, undecided) = try #require(ended)
            told.now = told.now + .minutes(1)
            told.book.note(hold, undecided: undecided, at: told.now)
            told.tell()
            seen.append(told.shown.reduce(0) { $0 + 1 + $1.edits })
        }
        #expect(seen == [0, 1, 1, 2, 2] && told.shown.count == 1)
        #expect(told.titles[0] == "Over: proxmox cannot be read")
    }

    @Test func aSinkThatFailsIsToldToTheOthers() throws {
        let report = try #require(Fleet(8).audit())
        var conditions = Conditions()
        let notify = ["a", "b"].map { Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: $0) }
        let ended = conditions.ended(.report(report), sinks: ["a": "gone"], notify)
        let hold = try #require(ended).hold
        #expect(hold.map(\.webhooks) == [["b"]] && hold.first?.subject == "a")
    }

    @Test func theDatabaseIsMissedOnceAndByWhoeverLed() throws {
        let report = Outcome.report(try #require(Fleet(3).audit()))
        func gone(_ code: Unknown) -> Outcome { .desiredUnreadable(ReadFailure(code, "refused", at: Fleet.now)) }
        var outage = DatabaseOutage()
        #expect(outage.ended(gone(.refused), leads: true) == nil)
        #expect(outage.ended(gone(.refused), leads: true) == nil, "nobody led while it was there")
        #expect(outage.ended(report, leads: true) == nil)
        #expect(outage.ended(gone(.timeout), leads: true) == nil, "one may be a restart")
        guard case .gone? = outage.ended(gone(.refused), leads: false) else {
            Issue.record("not told")
            return
        }
        for _ in 0..<100 { #expect(outage.ended(gone(.refused), leads: false) == nil) }
        #expect(outage.ended(report, leads: false) == .back)
        #expect(outage.ended(report, leads: false) == nil)
        // One that is there and unwilling can still keep messages.
        for _ in 0..<5 { #expect(outage.ended(gone(.forbidden), leads: true) == nil) }
    }
}
