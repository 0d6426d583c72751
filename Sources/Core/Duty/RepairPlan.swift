/// Which of the repairs that would be right are carried out now, and what the others wait for.
package enum RepairPlan {
    /// - Parameters:
    ///   - seen: in how many rounds in a row each drift was found.
    ///   - spent: when the repairs of the last minute began.
    package static func make(
        _ decisions: inout [Decision], memory: Memory, seen: [String: Int], spent: [Timestamp], policies: PolicySet,
        duty: Duty, tenure: Tenure, cycle: Int64, at now: Timestamp
    ) -> [Intent] {
        var intents: [Intent] = []
        var busy: Set<VMID> = []
        var left = policies.brakes.budgetPerMinute - spent.count { $0 > now - .minutes(1) }
        let hash = policies.hash
        for index in decisions.indices {
            let drift = decisions[index].drift
            decisions[index].execution = duty.execution(of: drift, tenure: tenure)
            guard decisions[index].verdict == .repair else { continue }
            decisions[index].pending = waits(decisions[index], memory, seen, policies, at: now)
            guard decisions[index].pending.isEmpty, decisions[index].execution == .executable,
                decisions[index].accepted == nil, let epoch = tenure.epoch, let open = memory.open[drift.id],
                let act = act(decisions[index])
            else { continue }
            guard left > 0 else {
                decisions[index].pending = [.budgetSpent]
                continue
            }
            // Never two repairs on one instance at once: the second waits for what the first leaves behind.
            if let vmid = drift.subject.vmid, !busy.insert(vmid).inserted { continue }
            left -= 1
            intents.append(
                Intent(
                    drift: open, act: act, attempt: (memory.tries[drift.id]?.attempts ?? 0) + 1, epoch: epoch,
                    cycle: cycle, policies: hash, evidenceAt: drift.evidence.observedAt))
        }
        return intents
    }

    private static func waits(
        _ decision: Decision, _ memory: Memory, _ seen: [String: Int], _ policies: PolicySet, at now: Timestamp
    ) -> [Pending] {
        guard let policy = policies.policies.first(where: { $0.name == decision.policy }) else {
            return [.notSeenLongEnough]
        }
        let id = decision.drift.id
        var pending: [Pending] = []
        let since = memory.open[id]?.since ?? now
        if seen[id, default: 0] < policy.after.looks || now - since < policy.after.for || decision.isSettling {
            pending.append(.notSeenLongEnough)
        }
        if let tries = memory.tries[id], now - tries.endedAt < backoff(policy.retry, tries.attempts, id) {
            pending.append(.backoff)
        }
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

    private static func act(_ decision: Decision) -> Intent.Act? {
        guard let operation = decision.drift.operation else { return nil }
        switch decision.action {
        case .clearStaleOperationLock: return .clearStaleOperationLock(operation)
        case .failStuckOperation:
            return .failStuckOperation(operation, reason: "zlh-controller: \(decision.drift.observed)")
        case .edgeRepublish, nil: return nil
        }
    }
}
