import Core
import TestSupport
import Testing

/// What is right to do and would not be done here: the mode is dry-run, or the scoped go-live has not come to it. Nothing is promised
/// of it, and nobody is called to answer for it.
@Suite("What is only watched")
struct WatchedTests {
    /// A channel, and what a daemon of some configuration tells it.
    private struct Channel {
        var told = IncidentTests.Told()
        private var conditions = Conditions()

        init(_ duty: Duty) { told.duty = duty }

        /// Another configuration, and so another process.
        mutating func restart(_ duty: Duty) { (told.duty, conditions) = (duty, Conditions()) }

        mutating func round(_ fleet: Fleet, after span: Span = .minutes(1)) throws {
            told.now = told.now + span
            var report = try #require(fleet.audit())
            report.generatedAt = told.now
            for index in report.decisions.indices {
                let drift = report.decisions[index].drift
                report.decisions[index].execution = told.duty.execution(of: drift, tenure: .acting(epoch: 1))
            }
            told.take(report)
            let ended = conditions.ended(.report(report), sinks: [:], told.notify)
            let (hold, undecided) = try #require(ended)
            told.book.note(hold, undecided: undecided, at: told.now)
            told.tell()
        }

        /// The titles of what has made a sound.
        var calls: [String] { told.shown.filter { !$0.message.isSilent }.map(\.message.title) }
        var text: String { told.shown.map { "\($0.message.title)\n\($0.message.description)" }.joined(separator: "\n") }
    }

    private static func fleet(without count: Int, of all: Int = 100) -> Fleet {
        var fleet = Fleet(all)
        for vmid in 5001..<(5001 + count) { fleet.removeRecord("s\(vmid)") }
        return fleet
    }

    private static func asking(_ fleet: Fleet) -> Fleet {
        var fleet = fleet
        for index in fleet.policies.policies.indices { fleet.policies.policies[index].level = .disruptive }
        return fleet
    }

    private static let title = "\(Words.title(.publicSRVMissing))"
    private static let operations = Fleet.duty(kinds: ["operation.stale"])
    private static let noKind =
        "repair.kinds of the configuration does not enable dns.public.srv_missing; add it there, and restart the daemon"

    /// `explain` says the same, in the same words.
    @Test func aKindThatIsNotEnabledIsNotPromised() throws {
        var channel = Channel(Self.operations)
        try channel.round(Self.fleet(without: 8))
        try channel.round(Self.fleet(without: 8))
        #expect(channel.told.titles == ["Drift: 8 drifts: \(Self.title)"] && channel.calls == [])
        let message = try #require(channel.told.shown.first?.message)
        #expect(message.colour == .grey)
        #expect(message.description.hasPrefix("Only watched here: \(Self.noKind).\n"))
        for promise in [Words.verdict(.repair), "the others follow"] {
            #expect(!message.description.lowercased().contains(promise.lowercased()))
        }
        let said = Words.omission(.kinds, of: .publicSRVMissing, VMID(5001))
        #expect(said == Self.noKind)
    }

    /// An approval would never be taken up: nobody is called for one.
    @Test func aBrakeOnWhatIsNotEnabledCallsNobody() throws {
        var channel = Channel(Self.operations)
        try channel.round(Self.fleet(without: 30))
        try channel.round(Self.fleet(without: 30))
        #expect(channel.told.titles == ["Drift: 30 drifts: \(Self.title)"] && channel.calls == [])
        #expect(
            channel.text.contains(
                "Only watched here: \(Self.noKind). Enabled, so many at once would wait for an answer."))
        #expect(!channel.text.contains("approve sha256"))
    }

    @Test func anApprovalOfWhatIsNotEnabledIsNotAskedFor() throws {
        var channel = Channel(Self.operations)
        try channel.round(Self.asking(Self.fleet(without: 2)))
        #expect(channel.told.titles.allSatisfy { $0.hasPrefix("Drift: ") } && channel.calls == [])
        #expect(
            channel.text.contains("Enabled, it would wait for an approval.") && !channel.text.contains("approve sha256")
        )
    }

    /// It says what would happen, and that nobody has to do anything about it.
    @Test(arguments: [false, true]) func aDryRunAsksNobody(asks: Bool) throws {
        var channel = Channel(Fleet.duty(.dryRun))
        let fleet = asks ? Self.asking(Self.fleet(without: 30)) : Self.fleet(without: 30)
        try channel.round(fleet)
        try channel.round(fleet)
        #expect(channel.told.titles == ["[DRY-RUN] Drift: 30 drifts: \(Self.title)"] && channel.calls == [])
        #expect(channel.text.contains(asks ? "would ask before it repairs this" : "so many repairs at once would wait"))
        #expect(channel.told.shown.first?.message.colour == .blue && !channel.text.contains("approve sha256"))
        #expect(!channel.text.contains("Only watched"))
    }

    @Test func aDryRunSaysOfFewWhatItAlwaysSaid() throws {
        var channel = Channel(Fleet.duty(.dryRun))
        try channel.round(Self.fleet(without: 1))
        #expect(channel.text.contains("A dry-run: the controller would repair this, and does nothing."))
    }

    /// One of them is reason enough: then the answer is asked for, and says how much it does.
    @Test func aBrakeOnSomeThatAreEnabledAsks() throws {
        var channel = Channel(Fleet.duty(vmids: [5001...5002]))
        let fleet = Self.fleet(without: 30)
        try channel.round(fleet)
        #expect(channel.calls == ["Brake: 30 drifts: \(Self.title)", "Brake: repairs wait for an answer"])
        let plan = try #require(fleet.audit()).planHash
        #expect(channel.text.contains("`zlh-controller approve \(plan)`"))
        #expect(channel.text.contains("enable 2 of these 30, and the others are only watched"))
        #expect(
            channel.text.contains(
                "28 of them are only watched here: repair.vmids of the configuration does not enable their servers; "
                    + "add them there, and restart the daemon"))
        #expect(!channel.text.contains("Enabled, "))
    }

    /// Who asked for one kind is not called for another one's answer.
    @Test func onlyWhoseRepairsWouldBeginIsCalled() throws {
        var channel = Channel(Fleet.duty(kinds: ["dns.public.a_missing"]))
        var fleet = Self.fleet(without: 30)
        for vmid in 5001...5030 { fleet.removeRecord("a\(vmid)") }
        channel.told.notify = [("dns.public.a_missing", "a"), ("dns.public.srv_missing", "srv")].map {
            Notification(kinds: [KindPattern($0)], minLevel: .report, webhook: $1)
        }
        try channel.round(fleet)
        #expect(Set(channel.told.shown.filter { !$0.message.isSilent }.map(\.webhook)) == ["a"])
        #expect(channel.told.shown.contains { $0.webhook == "srv" })
    }

    /// The next edit has the other words; what asks for an answer by now calls by itself, once.
    @Test func aWiderGoLiveCallsOnceAndTellsNothingAnew() throws {
        var channel = Channel(Self.operations)
        try channel.round(Self.fleet(without: 30))
        let shown = channel.told.shown[0].message
        channel.restart(.everywhere)
        for _ in 0..<3 { try channel.round(Self.fleet(without: 30)) }
        #expect(channel.calls == ["Brake: repairs wait for an answer"] && channel.told.shown.count == 2)
        #expect(channel.told.shown[0].message.digest == shown.digest)
        // And narrower again: nothing waits for an answer any more.
        channel.restart(Self.operations)
        for _ in 0..<3 { try channel.round(Self.fleet(without: 30)) }
        #expect(channel.told.titles == ["Drift: 30 drifts: \(Self.title)", "Over: repairs wait for an answer"])
    }

    @Test func aWiderGoLiveChangesTheWordsWithTheNextEdit() throws {
        var channel = Channel(Fleet.duty(vmids: [5050...5099]))
        try channel.round(Self.fleet(without: 2))
        #expect(channel.told.shown.count == 2)
        #expect(channel.text.contains("does not enable VMID 5001; add it there, and restart the daemon."))
        channel.restart(.everywhere)
        try channel.round(Self.fleet(without: 2))
        #expect(channel.told.shown.map(\.edits) == [0, 0])
        var fleet = Self.fleet(without: 2)
        fleet.removeRecord("a5001")
        try channel.round(fleet)
        #expect(channel.told.shown.count == 2)
        let edited = try #require(channel.told.shown.first { $0.edits == 1 })
        #expect(
            edited.message.description.hasPrefix("The controller can repair this safely.") && edited.message.isSilent)
    }

    /// Of what is repaired and what is only watched in one message each has its words, and only the former its budget.
    @Test func bothInOneMessageAreToldApart() throws {
        var channel = Channel(Fleet.duty(vmids: [5001...5006]))
        try channel.round(Self.fleet(without: 8))
        let text = try #require(channel.told.shown.first?.message).description
        #expect(text.hasPrefix("The controller can repair this safely. No more may begin in a minute"))
        #expect(text.contains("the others follow. 2 of them are only watched here: repair.vmids"))
        #expect(channel.told.shown.first?.message.colour == .blue)
        var few = Channel(Fleet.duty(vmids: [5001...5001]))
        try few.round(Self.fleet(without: 8))
        #expect(!few.text.contains("the others follow") && few.text.contains("7 of them are only watched here"))
    }

    @Test func aDigestNamesTheKeysInEachLine() {
        let sorts: [[Omission?]] = [[.kinds], [.vmids], [.kinds, .vmids], [.dryRun], [nil]]
        let incidents = sorts.enumerated().map { number, omissions in
            var incident = MessageLimitsTests.incident("h\(number)")
            incident.tallies = omissions.map {
                .init(kind: .publicAMissing, verdict: .repair, reason: .policyMatched, omission: $0, count: 1)
            }
            return incident
        }
        let lines = IncidentMessage(.init(id: "t", isDryRun: false)).message(incidents).description.split(
            separator: "\n")
        let said = lines.map { $0.split(separator: "(").dropFirst().first.map { "(\($0)" } }
        #expect(
            said == [
                "(only watched: repair.kinds)", "(only watched: repair.vmids)",
                "(only watched: repair.kinds, repair.vmids)", nil, nil,
            ])
    }

    /// Many kinds, no server, and both keys at once.
    @Test func whatLetsItInIsNamed() throws {
        func text(_ tallies: [(DriftKind, Omission)], vmid: VMID? = nil, examples: [VMID?] = []) -> String {
            var incident = MessageLimitsTests.incident("h")
            incident.vmid = vmid
            incident.examples = examples.map { .init(kind: .publicAMissing, vmid: $0, hostname: nil, detail: nil) }
            incident.tallies = tallies.map {
                .init(kind: $0.0, verdict: .repair, reason: .policyMatched, omission: $0.1, count: 1)
            }
            let message = IncidentMessage(.init(id: "t", isDryRun: false)).message([incident])
            return message.description
        }
        let one = try #require(VMID(5001))
        #expect(
            text([(.publicAMissing, .kinds), (.publicSRVMissing, .kinds)]).hasPrefix(
                "Only watched here: repair.kinds of the configuration does not enable dns.public.a_missing and 1 other kind; "
                    + "add them there, and restart the daemon."))
        #expect(
            text([(.operationStuck, .vmids)], examples: [nil]).hasPrefix(
                "Only watched here: repair.vmids of the configuration does not enable what belongs to no VMID; "
                    + "set it to \"*\", and restart the daemon."))
        #expect(
            text([(.publicAMissing, .kinds), (.publicSRVMissing, .vmids)], vmid: one, examples: [one]).hasPrefix(
                "Only watched here: repair.kinds of the configuration does not enable dns.public.a_missing, "
                    + "repair.vmids of the configuration does not enable VMID 5001; add them there, and restart the daemon."
            ))
        #expect(
            Words.omission(.vmids, of: .operationStuck, nil).hasSuffix(
                "what belongs to no VMID; set it to \"*\", and restart the daemon"))
    }

    /// What a scoped go-live leaves out is so for whoever does not act yet, too: no call in the seconds after a takeover.
    @Test func whatIsNotEnabledIsSoBeforeItActs() throws {
        let drift = try #require(Self.fleet(without: 1).audit()?.decisions.first?.drift)
        for tenure in [Tenure.waiting(epoch: 1), .none(why: "another one does"), .acting(epoch: 1)] {
            #expect(Self.operations.execution(of: drift, tenure: tenure) == .notEnabled)
            #expect(Fleet.duty(.dryRun).execution(of: drift, tenure: tenure) == .dryRun)
        }
        #expect(Duty.everywhere.execution(of: drift, tenure: .waiting(epoch: 1)) == .notLeader)
    }

    /// Nobody takes it up, and its words do not say that somebody will.
    @Test func anApprovalThatNobodyTakesUpPromisesNothing() throws {
        var daemon = LedgerDaemon(Self.fleet(without: 30), kinds: ["operation.stale"])
        daemon.lead()
        daemon.round()
        daemon.answer(.approve, plan: daemon.plan)
        for _ in 0..<3 { daemon.round() }
        #expect(daemon.redemptions == [] && daemon.intents == [])
        let details = Set(daemon.last.decisions.compactMap(\.detail))
        #expect(details.count == 1)
        #expect(
            details.first?.hasSuffix(
                "approved by ada, and begun by the next round of a leader in mode repair, as far as repair.kinds and "
                    + "repair.vmids enable it") == true)
    }

    /// What failed in its last life is no news of this one.
    @Test func anIncidentThatOpensAgainForgetsWhatFailedBefore() throws {
        var told = IncidentTests.Told()
        told.round(Self.fleet(without: 1))
        let id = try #require(told.memory.open.keys.first)
        told.repaired(id)
        told.book.note(.notVerified("it does not show"), of: .edgeRepublish, drift: id)
        told.tell()
        #expect(told.shown[0].message.description.contains("Last attempt: `it does not show`"))
        told.round(Self.fleet(without: 0))
        told.round(Self.fleet(without: 1))
        let incident = try #require(told.book.incidents.values.first)
        #expect(incident.times == 2 && incident.attempts == 0 && incident.trouble == nil && incident.did == nil)
        #expect(told.shown.last?.message.description.contains("Last attempt") == false)
    }
}
