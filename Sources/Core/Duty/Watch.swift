/// The long-running part of the controller: what follows from a round. Rounds come from outside one after the other; what
/// changed is written down before anything is done about it.
package struct Watch: Sendable {
    private let duty: Duty
    package var policies: PolicySet
    private(set) var memory: Memory?
    private(set) package var tenure = Tenure.none(why: "leadership has not been asked for yet")
    private(set) package var cycle: Int64 = 0
    /// In how many rounds in a row each drift was found; a standby counts, too.
    private var seen: [String: Int] = [:]
    private var settling = ProxySettling()
    /// Since when what a policy wants to last is counted: until then a clock was another one.
    private var waitsFrom: Timestamp?
    /// What has held for how long, in this process.
    private var lasting: History
    private var lastLooked: VMID?
    private var turns = Turns()
    /// What the last round confirmed; nil when it came to nothing.
    private(set) package var confirmed: Confirmed?
    private var spent: [Timestamp] = []
    /// Repairs in a row that came to nothing before anything was done.
    private var refusals: [String: Memory.Tries] = [:]
    /// What the last round found accepted, or found so before and could not repair yet.
    private var acceptedLast: Set<String> = []
    private var hasMended = false
    private var cadence: Cadence
    /// What has changed since the last round began.
    private var unseen: Changed?
    /// What the brake on mass changes counts with what the next round finds.
    private(set) package var released = Released()
    /// The round whose journal is being written: what will be remembered, the report, and what it found accepted.
    private var pending: (memory: Memory, report: Report, accepted: Set<String>)?
    private var repairing: Set<String> = []
    /// An attempt ended in nobody knows what, or is open that nobody knows of: the ledger says, when it is asked.
    private var hasUnknown = false
    /// What the ledger said then may lack a claim whose commit took longer than anybody waited for: from here on it is asked once more.
    private var recallsAgainAt: Timestamp?
    /// When that was last.
    private var recalledAt: Timestamp?

    package init(duty: Duty, policies: PolicySet) {
        self.duty = duty
        self.policies = policies
        lasting = History(cycle: duty.cycle)
        cadence = Cadence(cycle: duty.cycle)
    }

    /// For the round that begins now. What the journal holds open has lasted already, whoever watched it.
    package var history: History {
        var history = lasting
        history.hold(open: memory?.lasting ?? [])
        return history
    }

    /// From the readings of one round to those of the next, whatever hangs; a process that stood still has not watched.
    package var longest: Span { Span(microseconds: duty.cycle.microseconds + Span.minutes(2).microseconds) }

    /// How the round that begins spares what it looks at.
    package var pace: Pace {
        let open = memory?.open.values.lazy.filter { $0.kind == .containerAddressChanged }.compactMap(\.vmid) ?? []
        return Pace(
            cycle: duty.cycle, isHurried: cadence.isHurried, lastLooked: lastLooked, doubtful: Set(open).sorted(),
            turns: turns)
    }

    package var quarantined: Set<String> {
        guard let memory else { return [] }
        return Set(memory.tries.filter { isSpent($0.key, $0.value) }.keys)
    }

    private func isSpent(_ id: String, _ tries: Memory.Tries) -> Bool {
        guard let open = memory?.open[id], let policy = policies.policy(for: open.kind, vmid: open.vmid) else {
            return false
        }
        return tries.attempts >= policy.retry.attempts
    }

    // MARK: Leadership

    package mutating func changed(_ tenure: Tenure, at now: Timestamp) -> [Effect] {
        let before = self.tenure
        self.tenure = tenure
        guard let epoch = tenure.epoch else {
            // What another one does meanwhile is in the database, not here.
            (memory, pending, repairing) = (nil, nil, [])
            return []
        }
        // What is open has waited for a leader long enough.
        let wake = tenure.isActing && !before.isActing ? hurry(at: now) : []
        guard before.epoch != epoch else { return wake }
        // What was refused for want of the lease is asked for under the new one.
        refusals = [:]
        (memory, pending, repairing) = (nil, nil, [])
        return [.recall(epoch: epoch)] + wake
    }

    package mutating func recalled(_ memory: Memory?) {
        self.memory = memory
        // A dry-run takes nothing up: nothing waits for it.
        if duty.mode == .dryRun { self.memory?.interrupted = [] }
        // What another process, or an earlier life of this one, has begun counts towards the budget.
        guard let read = memory?.spent.sorted(by: >) else { return }
        let own = spent.sorted(by: >)
        // Each of its own may be among those that were read; by which clock it was noted is not known.
        spent = zip(own, read).map { max($0, $1) } + own.dropFirst(read.count) + read.dropFirst(own.count)
    }

    // MARK: Rounds

    package mutating func begins(at now: Timestamp) {
        cycle += 1
        unseen = nil
        if cadence.begins(at: now) { released = Released() }
    }

    // MARK: What changes

    /// Something has changed: a round begins soon.
    package mutating func noted(_ changed: Changed, at now: Timestamp) -> [Effect] {
        unseen = changed.joined(unseen)
        return hurry(at: now)
    }

    private mutating func hurry(at now: Timestamp) -> [Effect] {
        // What runs now ends with a round that is due.
        cadence.hurry(at: now) && repairing.isEmpty && pending == nil ? [next(at: now)] : []
    }

    /// What giving up the round that runs comes to; nil where it goes on.
    package mutating func givesWay(at now: Timestamp) -> [Effect]? {
        cadence.givesWay(at: now) ? [.giveWay, next(at: now)] : nil
    }

    /// Whether a repair that has not begun is put off for what has changed, beyond what the repairs before it changed. What an
    /// earlier one has begun goes on: nobody else looks at it.
    package func putsOff(_ intent: Intent, own: Set<VMID>) -> Bool {
        intent.resumed == nil && unseen?.goesBeyond(own) == true
    }

    /// The round that was to tell what the database said has changed counts for nothing: whoever waits goes on waiting for the next.
    package mutating func torn(_ changed: Changed?, at now: Timestamp) -> [Effect] {
        cadence.torn(at: now)
        if let changed { unseen = changed.joined(unseen) }
        return [next(at: now)]
    }

    /// What follows from a round, the report with what this process makes of it first.
    package mutating func ended(_ outcome: Outcome, at now: Timestamp) -> [Effect] {
        turnBack(to: now)
        cadence.ended()
        guard case .report(var report) = outcome else {
            lasting.note([], at: now)
            // Seen by no round: the row of looks begins anew.
            seen = [:]
            confirmed = nil
            return [.tell(outcome), next(at: now)]
        }
        lasting.hold(open: memory?.lasting ?? [])
        lasting.note(report.sightings, at: now)
        lastLooked = report.lastLooked ?? lastLooked
        turns = report.turns ?? turns
        confirmed = report.confirmed
        report.confirmed = nil
        if report.isPublicZoneLimited { cadence.rest(at: now) }
        report.mode = duty.mode.rawValue
        count(report)
        settling.note(&report, settle: policies.brakes.proxySettle, at: now)
        if let moment = recallsAgainAt, moment <= now {
            (recallsAgainAt, recalledAt, memory) = (nil, now, nil)
            cadence.bringForward(at: now)
        }
        guard let epoch = tenure.epoch, var memory else {
            for index in report.decisions.indices {
                report.decisions[index].execution = duty.execution(of: report.decisions[index].drift, tenure: tenure)
            }
            report.isPlanned = false
            let recall = tenure.epoch.map { [Effect.recall(epoch: $0)] } ?? []
            return [.tell(.report(report))] + recall + [next(at: now)]
        }
        released.note(report.decisions) { memory.open[$0].map { $0.verdict == .repair && !$0.wouldRepair } ?? false }
        var entries = memory.absorb(report, telling: policies.notifications)
        var intents = RepairPlan.make(
            &report.decisions, memory: memory, seen: seen, spent: spent, policies: policies, duty: duty,
            tenure: tenure, dead: report.deadOperations, refusals: refusals, waitsFrom: waitsFrom,
            cycle: cycle, at: now)
        Approvals.name(&intents, report.decisions)
        entries += wouldRepair(report, &memory) + mayRepairNow(report, &memory)
        let accepted = Set(
            report.decisions.lazy.filter { [acceptedLast] decision in
                decision.accepted != nil || !decision.pending.isEmpty && acceptedLast.contains(decision.drift.id)
            }.map(\.drift.id))
        pending = (memory, report, accepted)
        let redeem = Redemption(report, policies: policies.hash).map { [Effect.redeem($0, epoch: epoch)] } ?? []
        if entries.isEmpty { return [.tell(.report(report))] + journaled(true, intents, at: now) + redeem }
        return [.tell(.report(report)), .journal(entries, epoch: epoch, cycle: cycle, then: intents)] + redeem
    }

    /// What an approval covers is written down, or not: the next round reads which, and soon.
    package mutating func redeemed(_ isWritten: Bool, at now: Timestamp) -> [Effect] {
        if isWritten { cadence.bringForward(at: now) }
        return repairing.isEmpty ? [next(at: now)] : []
    }

    /// The journal was written, or nobody knows: then nothing is done, and what is open is read again, since an answer that was
    /// lost leaves the rows behind.
    package mutating func journaled(_ isWritten: Bool, _ intents: [Intent], at now: Timestamp) -> [Effect] {
        defer { pending = nil }
        guard let epoch = tenure.epoch else { return [next(at: now)] }
        guard isWritten, let pending else {
            memory = nil
            // Its commit, too, may take longer than anybody waits for it.
            recallsAgainAt = now + .minutes(1)
            return [.recall(epoch: epoch), next(at: now)]
        }
        (memory, acceptedLast) = (pending.memory, pending.accepted)
        guard case .acting = tenure, !intents.isEmpty else { return [next(at: now)] }
        repairing = Set(intents.map(\.id))
        hasMended = false
        return intents.map(Effect.repair)
    }

    package mutating func repaired(_ intent: Intent, _ outcome: RepairOutcome, at now: Timestamp) -> [Effect] {
        // One that was begun under another epoch: what became of it has been read since. The rounds go on all the same.
        guard repairing.remove(intent.id) != nil else { return repairing.isEmpty ? [next(at: now)] : [] }
        if case .refused = outcome {
            // Others would wait a minute for what was not begun. What was claimed and then refused the ledger counts.
        } else {
            refusals[intent.drift.id] = nil
            // Counted when it ends: a batch may take longer than a minute.
            if intent.resumed == nil { spent = spent.filter { $0 > now - .minutes(1) } + [now] }
        }
        switch outcome {
        case .verified:
            hasMended = true
            // As the ledger counts: what comes back after a success is tried from the first on.
            memory?.tries[intent.drift.id] = nil
            memory?.open[intent.drift.id]?.isRepaired = true
        // What was not tried does not count against it, and is not asked for without a pause.
        case .refused:
            if outcome == .overBudget {
                // What others have begun, or was claimed and came to nothing: it waits with all the rest, and is none the worse for it.
                spent = spent.filter { $0 > now - .minutes(1) }
                spent += Array(repeating: now, count: max(0, policies.brakes.budgetPerMinute - spent.count))
                break
            }
            let count = (refusals[intent.drift.id]?.attempts ?? 0) + 1
            refusals[intent.drift.id] = Memory.Tries(attempts: count, endedAt: now)
            if outcome == .occupied { hasUnknown = true }
        case .notVerified, .compensated:
            hasMended = true
            memory?.tries[intent.drift.id] = Memory.Tries(attempts: intent.attempt, endedAt: now)
            memory?.open[intent.drift.id]?.isRepaired = false
        case .unknown: hasUnknown = true
        }
        memory?.interrupted.removeAll { $0.id == intent.id }
        return batchEnded(at: now)
    }

    /// It has not begun, and is decided anew by the round that looks at what has changed.
    package mutating func postponed(_ intent: Intent, at now: Timestamp) -> [Effect] {
        guard repairing.remove(intent.id) != nil else { return repairing.isEmpty ? [next(at: now)] : [] }
        return batchEnded(at: now)
    }

    private mutating func batchEnded(at now: Timestamp) -> [Effect] {
        guard repairing.isEmpty else { return [] }
        if hasUnknown, let epoch = tenure.epoch {
            // The next round comes when it is due: who cannot say what became of something does not ask without a pause.
            hasUnknown = false
            recallsAgainAt = now + .minutes(1)
            memory = nil
            return [.recall(epoch: epoch), next(at: now)]
        }
        if hasMended { cadence.bringForward(at: now) }
        return [next(at: now)]
    }

    /// The database may have been lost for a moment, and its last commits with it: the ledger says what is open.
    /// Once a minute at most, whatever cuts that connection.
    package mutating func hearsAgain(at now: Timestamp) {
        recallsAgainAt = recallsAgainAt ?? max(now, recalledAt.map { $0 + .minutes(1) } ?? now)
    }

    /// What was seen before is not so and so long ago any more: looks in a row, what lasts and what was confirmed begin anew.
    package mutating func clockWasSet(at now: Timestamp) {
        (seen, confirmed) = ([:], nil)
        lasting.interrupt()
        settling.interrupt(at: now)
        waitsFrom = now
    }

    /// A clock that was set back, or another one that is ahead: what lies ahead counts as if it were now. So it holds nothing back
    /// for longer than it would have, and no budget is spent twice.
    private mutating func turnBack(to now: Timestamp) {
        spent = spent.map { min($0, now) }
        refusals = refusals.mapValues { Memory.Tries(attempts: $0.attempts, endedAt: min($0.endedAt, now)) }
        recallsAgainAt = recallsAgainAt.map { min($0, now + .minutes(1)) }
        recalledAt = recalledAt.map { min($0, now) }
        waitsFrom = waitsFrom.map { min($0, now) }
        memory?.turnBack(to: now)
    }

    private func next(at now: Timestamp) -> Effect { .wake(.cycle, at: cadence.next(at: now)) }

    private mutating func count(_ report: Report) {
        var counts: [String: Int] = [:]
        for decision in report.decisions { counts[decision.drift.id] = seen[decision.drift.id, default: 0] + 1 }
        // Not seen because it could not be: the row of looks is interrupted all the same.
        seen = counts
        refusals = refusals.filter { counts[$0.key] != nil }
    }

    /// What a dry-run only would have repaired, and this process may repair: from now on it is not new any more for the brake on
    /// mass changes, like whatever could be repaired from the first.
    private func mayRepairNow(_ report: Report, _ memory: inout Memory) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for decision in report.decisions
        where decision.verdict == .repair && decision.execution == .executable && decision.accepted == nil {
            guard var drift = memory.open[decision.drift.id], drift.wouldRepair else { continue }
            drift.wouldRepair = false
            memory.open[drift.id] = drift
            entries.append(JournalEntry(.changed, drift, detail: decision.told))
        }
        return entries
    }

    private func wouldRepair(_ report: Report, _ memory: inout Memory) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for decision in report.decisions
        where decision.verdict == .repair && decision.execution == .dryRun && decision.pending.isEmpty
            && decision.accepted == nil
        {
            // An acceptance that has ended has kept it from being said.
            guard var drift = memory.open[decision.drift.id], !drift.wouldRepair || acceptedLast.contains(drift.id)
            else { continue }
            drift.wouldRepair = true
            memory.open[drift.id] = drift
            entries.append(JournalEntry(.wouldRepair, drift, detail: decision.drift.desired))
        }
        return entries
    }
}
