/// Which of the repairs that would be right are carried out now, and what the others wait for.
package enum RepairPlan {
    /// - Parameters:
    ///   - seen: in how many rounds in a row each drift was found.
    ///   - spent: when the repairs of the last minute began.
    ///   - dead: operations that own no instance any more, by that instance.
    ///   - refusals: how often in a row nothing was done about a drift, and when last.
    ///   - waitsFrom: since when what has to last is counted at most.
    package static func make(
        _ decisions: inout [Decision], memory: Memory, seen: [String: Int], spent: [Timestamp], policies: PolicySet,
        duty: Duty, tenure: Tenure, dead: [VMID: [DesiredOperation]], refusals: [String: Memory.Tries] = [:],
        waitsFrom: Timestamp? = nil, cycle: Int64, at now: Timestamp
    ) -> [Intent] {
        var candidates: [(index: Int, act: Intent.Act, open: OpenDrift)] = []
        for index in decisions.indices {
            let drift = decisions[index].drift
            decisions[index].execution = duty.execution(of: drift, tenure: tenure)
            guard decisions[index].verdict == .repair else { continue }
            decisions[index].pending = waits(
                decisions[index], memory, refusals, seen, policies, from: waitsFrom, at: now)
            guard decisions[index].pending.isEmpty, decisions[index].execution == .executable,
                decisions[index].accepted == nil, let open = memory.open[drift.id],
                let act = act(decisions[index], dead)
            else { continue }
            candidates.append((index, act, open))
        }
        guard let epoch = tenure.epoch else { return [] }
        // In the order of publishing; what was decided first comes first otherwise.
        candidates.sort { place($0.act, $0.open, $0.index) < place($1.act, $1.open, $1.index) }

        var intents = resumed(memory, duty, tenure, cycle: cycle)
        // Never two repairs on one instance at once: what is at work on it has to end first. The changes of one server's edge
        // are one publishing, each begun when the one before has ended.
        var busy: [VMID: Action] = [:]
        let unsettled = Set(memory.interrupted.compactMap(\.drift.vmid))
        var left = policies.brakes.budgetPerMinute - spent.count { $0 > now - .minutes(1) }
        let hash = policies.hash
        for (index, act, open) in candidates {
            guard left > 0 else {
                decisions[index].pending = [.budgetSpent]
                continue
            }
            if let vmid = open.vmid, unsettled.contains(vmid) {
                decisions[index].pending = [.backoff]
                continue
            }
            if let vmid = open.vmid {
                guard busy[vmid] == nil || (busy[vmid] == .edgeRepublish && act.action == .edgeRepublish) else {
                    continue
                }
                busy[vmid] = act.action
            }
            left -= 1
            var intent = Intent(
                drift: open, act: act, attempt: (memory.tries[open.id]?.attempts ?? 0) + 1, epoch: epoch, cycle: cycle,
                policies: hash, evidenceAt: decisions[index].drift.evidence.observedAt)
            intent.budget = policies.brakes.budgetPerMinute
            intent.mostAge = policies.brakes.evidenceMaxAge
            intents.append(intent)
        }
        return intents
    }

    /// What was interrupted goes on first, by looking; it has been counted when it began.
    ///
    /// Taking something back is an act like any other: what the scoped go-live does not cover any more is only looked at and
    /// ended. Left open it would stand in the way of everything else on its server.
    private static func resumed(_ memory: Memory, _ duty: Duty, _ tenure: Tenure, cycle: Int64) -> [Intent] {
        guard duty.mode == .repair, case .acting(let epoch) = tenure else { return [] }
        return memory.interrupted.map { intent in
            var intent = intent
            (intent.epoch, intent.cycle) = (epoch, cycle)
            intent.resumed?.mayUndo = duty.covers(intent.drift.kind, intent.drift.vmid)
            return intent
        }
    }

    private static func place(_ act: Intent.Act, _ open: OpenDrift, _ index: Int) -> (Int, Int, Int, Int) {
        guard case .edgeRepublish(let grounds) = act else { return (0, 0, 0, index) }
        return (1, open.vmid.map { Int($0.number) } ?? .max, grounds.change.rank, index)
    }

    private static func waits(
        _ decision: Decision, _ memory: Memory, _ refusals: [String: Memory.Tries], _ seen: [String: Int],
        _ policies: PolicySet, from: Timestamp?, at now: Timestamp
    ) -> [Pending] {
        guard let policy = policies.policies.first(where: { $0.name == decision.policy }) else {
            return [.notSeenLongEnough]
        }
        let id = decision.drift.id
        var pending: [Pending] = []
        let since = max(memory.open[id]?.since ?? now, from ?? Timestamp(microseconds: .min))
        if seen[id, default: 0] < policy.after.looks || now - since < policy.after.for || decision.isSettling {
            pending.append(.notSeenLongEnough)
        }
        let isEarly = [memory.tries[id], refusals[id]].contains { tries in
            tries.map { now - $0.endedAt < backoff(policy.retry, $0.attempts, id) } ?? false
        }
        if isEarly { pending.append(.backoff) }
        return pending
    }

    /// Doubles with each attempt up to the policy's most, and is longer by up to a quarter: what failed together does not come
    /// back together. The share is drawn from the drift's id, so that the same input gives the same plan.
    package static func backoff(_ retry: Policy.Retry, _ attempts: Int, _ id: String) -> Span {
        var span = min(retry.backoff.microseconds, retry.max.microseconds)
        for _ in 1..<max(1, min(attempts, 40)) where span < retry.max.microseconds {
            span = min(span * 2, retry.max.microseconds)
        }
        var hash = SHA256()
        hash.update(field: id)
        hash.update(field: String(attempts))
        let share = Int64(hash.finish().prefix(4), radix: 16) ?? 0
        return Span(microseconds: span + span / 4 * share / 65_535)
    }

    private static func act(_ decision: Decision, _ dead: [VMID: [DesiredOperation]]) -> Intent.Act? {
        let drift = decision.drift
        switch decision.action {
        case .clearStaleOperationLock: return drift.operation.map { .clearStaleOperationLock($0) }
        case .failStuckOperation:
            return drift.operation.map { .failStuckOperation($0, reason: "zlh-controller: \(drift.observed)") }
        case .edgeRepublish:
            guard let change = drift.edge, let vmid = drift.subject.vmid, let id = drift.subject.externalID else {
                return nil
            }
            let key = InstanceKey(vmid: vmid, externalID: id)
            return .edgeRepublish(EdgeGrounds(key: key, change: change, dead: dead[vmid] ?? []))
        case nil: return nil
        }
    }
}
