/// From drifts to verdicts: levels, policies and guards. Pure.
package struct Decide {
    package let expectation: Expectation
    package let facts: Facts
    package let policies: PolicySet
    package let settings: PipelineSettings
    package let calendar: RepairCalendar
    package let now: Timestamp
    /// Operations that are called live and are not: they own no instance any more.
    let dead: Set<String>
    /// Drifts that were repaired in vain as often as their policy tries.
    let quarantined: Set<String>
    /// What the brake on mass changes counts of earlier rounds.
    let released: Released
    /// Whether so many guests are absent at once that none of them is called gone.
    package var hasBulkAbsence = false
    /// The one server that was asked about, where the agents of the others were not.
    package var explaining: VMID?

    package init(
        expectation: Expectation, facts: Facts, policies: PolicySet, settings: PipelineSettings,
        calendar: RepairCalendar, now: Timestamp,
        dead: Set<String>, quarantined: Set<String> = [], released: Released = Released()
    ) {
        self.released = released
        self.expectation = expectation
        self.facts = facts
        self.policies = policies
        self.settings = settings
        self.calendar = calendar
        self.now = now
        self.dead = dead
        self.quarantined = quarantined
    }

    /// One decision for each drift, in the order of the findings.
    package func run(_ findings: Findings) -> [Decision] {
        let accepted = Dictionary(
            facts.desired.accepted.filter { $0.until > now }.map { ($0.driftID, $0) }
        ) { $0.until > $1.until ? $0 : $1 }
        let restart = ProxyRestart(
            findings.drifts, expectation: expectation, facts: facts, settings: settings, explaining: explaining)
        var decisions = findings.drifts.map { drift in
            var decision = decide(drift, isForgotten: restart?.hasForgotten(drift) == true)
            decision.accepted = accepted[drift.id]
            return decision
        }
        let (past, hash) = (facts.desired.past, policies.hash)
        Approvals.release(&decisions, answers: past.answers, policies: hash, at: now)
        MassChange.apply(
            to: &decisions, brakes: policies.brakes, applicable: findings.applicable, known: past.repairable,
            released: released)
        restart?.mark(&decisions, settle: policies.brakes.proxySettle)
        Approvals.explain(&decisions, answers: past.answers, policies: policies, at: now)
        return decisions
    }

    private func decide(_ drift: Drift, isForgotten: Bool) -> Decision {
        let kind = drift.kind
        let policy = policies.policy(for: kind, vmid: drift.subject.vmid)
        let level = level(of: kind, policy: policy)
        var decision = Decision(
            drift: drift, verdict: .report, reason: .observeOnly, detail: nil, policy: policy?.name, action: nil,
            level: level, execution: .audit, pending: [], accepted: nil)

        // Where nothing would be done, nothing can be held, except that an explained drift always names its cause.
        let deed = level == .report ? .nothing : GuardTable.deed(for: kind)
        let applying = GuardTable.guards(for: deed)
        decision.isForgotten = isForgotten
        let holds = holds(drift, isForgotten: isForgotten)
        let against = holds.filter { applying.contains($0.reason) }
        if let hold = foremost(against, drift.subject.vmid) {
            decision.verdict = .held
            decision.reason = hold.reason
            decision.detail = hold.detail
            decision.heldUntil = hold.until
            decision.action = level == .report ? nil : kind.action
            if hold.reason == .addressUnconfirmed { decision.markUnread(by: facts, against) }
            return decision
        }
        switch kind.level {
        case .report: break
        case .destructive: (decision.verdict, decision.reason) = (.manual, .personOnly)
        case .disruptive: (decision.verdict, decision.reason) = (.manual, .noAction)
        case .automatic:
            guard let policy else {
                decision.reason = .noPolicy
                break
            }
            switch level {
            case .report, .destructive: break
            case .automatic:
                (decision.verdict, decision.reason, decision.action) = (.repair, .policyMatched, policy.action)
                // One look is one look, however often it was confirmed within it.
                if policy.after.looks > 1 || policy.after.for > .seconds(0) { decision.pending = [.notSeenLongEnough] }
            case .disruptive:
                (decision.verdict, decision.reason, decision.action) = (
                    .approvalRequired, .approvalMissing, policy.action
                )
            }
        }
        if level == .report && kind.level != .report && policy != nil {
            (decision.verdict, decision.reason) = (.report, .observeOnly)
        }
        if decision.verdict == .manual, let note = Decide.note(holds) {
            decision.detail = "\(Words.reason(decision.reason)); mind: \(note)"
        }
        return decision
    }

    /// The hold that a drift is named for. That a guest's turn comes later is named only where nothing else holds it: what else does is
    /// there in each round.
    private func foremost(_ holds: [Hold], _ vmid: VMID?) -> Hold? {
        let others = vmid.map(facts.comesLater) == true ? holds.filter(\.isReal) : []
        return (others.isEmpty ? holds : others).min { $0.reason < $1.reason }
    }

    /// What a person should know before they act: somebody or something else is at work on the same guest.
    private static func note(_ holds: [Hold]) -> String? {
        let telling: Set<Reason> = [.operationInFlight, .proxmoxLocked, .haManaged, .foreignTask, .agentBusy]
        let notes = Set(holds.filter { telling.contains($0.reason) }.map(\.detail)).sorted()
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    /// A policy can only make the controller do less: any kind to 0, a Level 1 kind to 2. Without one nothing is automatic.
    private func level(of kind: DriftKind, policy: Policy?) -> Level {
        guard let policy else { return kind.level == .automatic ? .report : kind.level }
        if policy.level == .report { return .report }
        return kind.level == .automatic && policy.level == .disruptive ? .disruptive : kind.level
    }

    /// All that stands against acting on a drift, whether or not its deed asks for it.
    ///
    /// - Parameter isForgotten: whether a restart of the proxy undid it, which is nobody who does so again and again.
    func holds(_ drift: Drift, isForgotten: Bool) -> [Hold] {
        var holds = drift.holds
        if let doubt = policies.brakes.staleness(of: drift.evidence.observedAt, at: now) {
            holds.append(Hold(.evidenceStale, doubt))
        }
        let past = facts.desired.past
        if !isForgotten, let repaired = past.repaired[drift.place],
            let hold = Contested.hold(drift, repaired: repaired, brakes: policies.brakes, at: now)
        {
            holds.append(hold)
        }
        let attempts = policies.policy(for: drift.kind, vmid: drift.subject.vmid)?.retry.attempts
        if quarantined.contains(drift.id) || attempts.map({ past.inVain[drift.id, default: 0] >= $0 }) == true {
            holds.append(Hold(.quarantined, "every attempt that its policy allows has failed"))
        }
        if let cause = drift.causedBy { holds.append(Hold(.causedBy, "explained by drift \(cause)")) }
        for pause in facts.desired.pauses
        where pause.until > now && (pause.vmid == nil || pause.vmid == drift.subject.vmid) {
            let what = pause.vmid.map { "VMID \($0)" } ?? "the fleet"
            let words = "\(what) is paused until \(pause.until) by \(pause.by): \(pause.why)"
            holds.append(Hold(.paused, words, until: pause.until))
        }
        if let denial = calendar.denial(at: now) {
            holds.append(Hold(.maintenanceWindow, Words.denial(denial), until: denial.until))
        }
        if let vmid = drift.subject.vmid, let operation = expectation.operationInFlight(on: vmid, dead: dead) {
            holds.append(
                Hold(
                    .operationInFlight,
                    "\(operation.kind.rawValue) \(operation.id) is \(operation.status.rawValue) and owns the instance"))
        }
        if let instance = drift.instance, case .suppressed(let why) = expectation.standings[instance] {
            holds.append(Hold(.billingSuppressed, why.description))
        }
        if let instance = drift.instance, drift.kind.plane == .publicDNS || drift.kind.plane == .internalDNS,
            case .present(let status, _)? = facts.agent(of: expectation.desired.instances[instance], in: expectation),
            let busy = status.busy, !isAnotherAgent(of: expectation.desired.instances[instance])
        {
            // Records have to be right whether anything runs or not: only an agent that says so holds them, no silent one.
            holds.append(Hold(.agentBusy, busy))
        }
        holds.append(contentsOf: guestHolds(drift))
        return holds
    }

    /// Whether whoever answers at a row's address is certainly another one, for all that this round believes.
    func isAnotherAgent(of row: DesiredInstance) -> Bool {
        var guest = facts.container(row.vmid, recordedNode: row.node, isExpected: true)
        if hasBulkAbsence, case .absent = guest { guest = .unknown(.bulkAbsence) }
        return facts.isAnotherAgent(of: row, in: guest)
    }

    private func guestHolds(_ drift: Drift) -> [Hold] {
        guard drift.instance != nil, let vmid = drift.subject.vmid,
            case .present(let guest, _) = facts.container(vmid, recordedNode: nil, isExpected: false)
        else { return [] }
        var holds = guest.lock.map { [Hold(.proxmoxLocked, "Proxmox holds the lock '\($0)' on it")] } ?? []
        // What HA ignores it does not undo.
        if let state = guest.haState, state != "ignored" {
            holds.append(Hold(.haManaged, "managed by Proxmox HA (state \(state))"))
        }
        guard drift.isAboutGuest, let inventory = facts.inventory.latest.value else { return holds }
        guard let tasks = inventory.foreignTasks(on: guest) else {
            holds.append(Hold(.foreignTask, "whether a task runs on guest \(vmid) is not known"))
            return holds
        }
        if !tasks.isEmpty {
            let types = Set(tasks.map(\.type)).sorted().joined(separator: ", ")
            holds.append(Hold(.foreignTask, "a task runs on it: \(types)"))
        }
        return holds
    }
}

extension Decision {
    /// Says of one that is held, `address_unconfirmed`, whether nobody read the addresses, or they were read and are others.
    fileprivate mutating func markUnread(by facts: Facts, _ holds: [Hold]) {
        guard let vmid = drift.subject.vmid, let read = facts.inventory.latest.value?.addresses, read[vmid] == nil,
            !holds.contains(where: \.isReal)
        else { return }
        isLeftOut = facts.comesLater(vmid)
        isUnread = drift.kind.level == .automatic && level != .report
        // The brake on mass changes says of the others whether they need an answer.
        isAsked = isUnread && level == .disruptive
    }
}

extension Hold {
    /// Whether more is behind it than that one look had no room or time to ask a guest's node.
    fileprivate var isReal: Bool { reason != .addressUnconfirmed && reason != .foreignTask }
}
