/// All that is known and decided about one VMID, and what would have to change for its drifts to be repaired.
package struct Explanation: Equatable, Sendable {
    /// What the VMID is, as far as the database and the cluster say.
    package enum Answer: String, CaseIterable, Sendable {
        case instance
        case unreadableRow = "unreadable_row"
        /// No row yet, but a live operation owns it.
        case claimed
        /// An operation ended badly and left a guest.
        case leftover
        case orphan
        /// A guest of nobody that is not called an orphan, because something has to be known first.
        case guestInDoubt = "guest_in_doubt"
        case retired
        case outOfScope = "out_of_scope"
        case nothing
        case unknown
    }

    package struct Row: Equatable, Sendable {
        package var instance: DesiredInstance
        package var word: InstanceStanding.Word
        /// What is expected of a row in this state.
        package var expected: String
        package var billing: String
    }

    /// One thing that one plane was asked.
    package struct Sight: Equatable, Sendable {
        package enum Shows: String, Sendable {
            case present, absent, unknown
            case notConfigured = "not_configured"
            /// There is nothing to ask for: no agent of a server that should rest, no job where no operation runs.
            case notAsked = "not_asked"
        }

        package var plane: Plane
        package var shows: Shows
        /// The guest or the name that was asked for.
        package var what: String
        /// What should stand there; nil where nothing is wanted or nothing can be.
        package var wanted: String?
        /// What stands there, or why it is not known.
        package var found: String
        package var reason: Unknown?
        package var evidence: Evidence?
    }

    package struct Case: Equatable, Sendable {
        package var decision: Decision
        /// Everything that stands against its deed, in the order of the reasons, not the first alone.
        package var holds: [Hold]
        /// What would have to change, one sentence each.
        package var needed: [String]
    }

    package var vmid: VMID
    package var answer: Answer
    package var rows: [Row]
    package var unreadable: [UnreadableRow]
    package var operations: [DesiredOperation]
    package var retired: [RetiredInstance]
    package var pauses: [Pause]
    package var sights: [Sight]
    package var cases: [Case]
    package var unknown: [UnknownFact]
    package var coverage: [Coverage]
    package var generatedAt: Timestamp
    /// What is not said because no other server's agent and jobs were asked; nil where all were, or there is nothing to ask.
    package var unjudged: String?
    /// What a daemon has done so far and will do; nil where nobody asked its ledger.
    package var ledger: Ledger?
}

extension Explanation {
    package init(_ vmid: VMID, decide: Decide, findings: Findings, report: Report) {
        let desired = decide.expectation.desired
        self.vmid = vmid
        rows = zip(desired.instances, decide.expectation.standings).enumerated().compactMap { index, pair in
            let (row, standing) = pair
            guard row.vmid == vmid else { return nil }
            let word = InstanceStanding.word(standing, at: index, in: findings)
            return Row(
                instance: row, word: word, expected: Words.expected(standing),
                billing: Words.billing(desired.billing(of: index), customer: row.customer))
        }
        unreadable = desired.unreadable.filter { $0.vmid == vmid }
        operations = desired.operations.filter { $0.vmid == vmid }.sorted {
            ($0.enqueuedAt, $0.id) > ($1.enqueuedAt, $1.id)
        }
        retired = desired.retired.filter { $0.vmid == vmid }.sorted { $0.deletedAt > $1.deletedAt }
        pauses = desired.pauses.filter { $0.until > decide.now && ($0.vmid == nil || $0.vmid == vmid) }
        unknown = findings.unknown.filter { $0.vmid == vmid }
        let node = Explanation.node(of: vmid, decide.facts)
        func concerns(_ drift: Drift) -> Bool {
            drift.concerns(vmid) || (drift.subject.node != nil && drift.subject.node == node)
        }
        // What explains a drift of it belongs to it, as in a report of one VMID.
        let causes = Set(report.decisions.map(\.drift).filter(concerns).compactMap(\.causedBy))
        cases = report.decisions.filter { concerns($0.drift) || causes.contains($0.drift.id) }.map { Case($0, decide) }
        let polls = decide.facts.agents.latest.value?.polls ?? []
        let asksHosts = decide.settings.agents || decide.settings.queues
        unjudged = asksHosts && !polls.contains { $0.target.key.vmid != vmid } ? Words.unjudged : nil
        coverage = report.coverage
        generatedAt = report.generatedAt
        sights = Sightings(vmid: vmid, decide: decide, unknown: unknown, retired: retired, coverage: coverage).all
        answer = .unknown
        answer = Explanation.answer(self, decide)
    }

    /// Where its guest is listed, or its row was placed last.
    private static func node(of vmid: VMID, _ facts: Facts) -> String? {
        if case .present(let guest, _)? = facts.container(vmid, recordedNode: nil, isExpected: false) {
            return guest.node
        }
        return facts.desired.instances.first { $0.vmid == vmid }?.node
    }

    private static func answer(_ known: Explanation, _ decide: Decide) -> Answer {
        if !known.rows.isEmpty { return .instance }
        if known.unreadable.contains(where: { $0.table == .instance }) { return .unreadableRow }
        guard decide.settings.scope.contains(known.vmid) else { return .outOfScope }
        if decide.expectation.liveOperations[known.vmid] != nil { return .claimed }
        let kinds = known.cases.map(\.decision.drift.kind)
        if kinds.contains(.containerOrphan) { return .orphan }
        if kinds.contains(.operationUncertain) { return .leftover }
        // Looked at twice like any other absence, and asked for by itself: see ``Round``.
        switch decide.facts.container(known.vmid, recordedNode: nil, isExpected: true) {
        case .present: return .guestInDoubt
        case .absent: return known.retired.isEmpty ? .nothing : .retired
        case .unknown, nil: return known.retired.isEmpty ? .unknown : .retired
        }
    }
}

extension Explanation.Case {
    init(_ decision: Decision, _ decide: Decide) {
        self.decision = decision
        let deed = decision.level == .report ? GuardTable.Deed.nothing : GuardTable.deed(for: decision.drift.kind)
        let applying = GuardTable.guards(for: deed)
        let standing = decide.holds(decision.drift, isForgotten: decision.isForgotten)
        holds = Array(Set(standing.filter { applying.contains($0.reason) }))
        if decision.reason == .massChange { holds.append(Hold(.massChange, decision.detail ?? "")) }
        holds.sort { ($0.reason, $0.detail) < ($1.reason, $1.detail) }
        var needed: [String] = []
        for reason in holds.map(\.reason) + (decision.verdict == .held ? [] : [decision.reason]) {
            let words = Words.remedy(reason)
            if !needed.contains(words) { needed.append(words) }
        }
        if decision.commonCause == .proxyRestart {
            needed.append(Words.settle(decide.policies.brakes.proxySettle))
        }
        if decision.isUnanswered, decision.approval?.wantsAnswer == true { needed.append(Words.approveElsewhere) }
        self.needed = needed
    }
}
