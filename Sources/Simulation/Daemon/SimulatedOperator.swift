import Core
import World

/// Whoever answers plans, and knows what they have seen: an approval may let nothing run that was not in it.
struct SimulatedOperator {
    private var whim: Seed
    /// What a drift was when an approval of it was taken up, by the approval.
    private var seen: [String: [Int64: String]] = [:]

    init(seed: UInt64) { whim = Seed(seed &* 0x2545_f491 &+ 11) }

    /// In some worlds two repairs at once are too many, in some the budget is small or the attempts are few, and in
    /// some a policy wants to be asked.
    mutating func braking(_ policies: PolicySet) -> PolicySet {
        var policies = policies
        if whim.chance(percent: 40) { (policies.brakes.massChangeFloor, policies.brakes.massChangePercent) = (1, 0) }
        if whim.chance(percent: 30) { policies.brakes.budgetPerMinute = 1 + whim.below(2) }
        if whim.chance(percent: 40) {
            for index in policies.policies.indices { policies.policies[index].retry.attempts = 1 }
        }
        if whim.chance(percent: 30) { policies.brakes.evidenceMaxAge = .seconds(15) }
        guard whim.chance(percent: 20) else { return policies }
        for index in policies.policies.indices { policies.policies[index].level = .disruptive }
        return policies
    }

    /// For so long after everything has become calm they still answer.
    static let patience = Span.minutes(12)

    /// Now and then they look at a report, which may be an old one, and say yes or no.
    mutating func answer(_ reports: [Report?], in ledger: inout SimulatedLedger, at now: Timestamp) -> String? {
        guard whim.chance(percent: 15), let report = whim.pick(reports.compactMap { $0 }),
            report.decisions.contains(where: { $0.isUnanswered && $0.approval?.wantsAnswer == true })
                || whim.chance(percent: 5)
        else { return nil }
        let word: PlanAnswer.Word = whim.chance(percent: 80) ? .approve : .reject
        let until = now + .minutes(Int64(1 + whim.below(10)))
        ledger.answer(word, plan: report.planHash, until: until)
        return "\(word) of \(report.planHash) until \(until)"
    }

    /// Now and then what was seen is not what is there any more.
    mutating func moves(_ operations: inout [DesiredOperation]) {
        guard whim.chance(percent: 3), let index = whim.pick(Array(operations.indices)) else { return }
        if operations[index].phase != nil { operations[index].phase = "phase \(whim.below(3))" }
    }

    mutating func takenUp(_ redemption: Redemption, _ report: Report?) {
        for decision in report?.decisions ?? [] where redemption.covers[decision.drift.id] != nil {
            seen[decision.drift.id, default: [:]][redemption.approval] = decision.drift.observed
        }
    }

    /// A repair that rests on an approval repairs what was seen when it was taken up, and one that has to be asked about rests
    /// on one.
    func faults(_ intent: Intent, _ report: Report?, _ policies: PolicySet) -> [String] {
        // What was interrupted was asked about when it began; it goes on by looking.
        if intent.resumed != nil { return [] }
        guard let approval = intent.approval else {
            let level = policies.policy(for: intent.drift.kind, vmid: intent.drift.vmid)?.level
            return level == .disruptive ? ["\(intent.id) was to be asked about, and names no approval"] : []
        }
        let now = report?.decisions.first { $0.drift.id == intent.drift.id }?.drift.observed
        if seen[intent.drift.id]?[approval] == now { return [] }
        return ["\(intent.id) repairs what nobody approved: \(now ?? "-")"]
    }

    /// What may be repaired from now on, and by no approval.
    static func begun(_ entries: [JournalEntry], _ report: Report?, known: [String: OpenDrift]) -> [OpenDrift] {
        let approved = Set(report?.decisions.filter { $0.approval != nil }.map(\.drift.id) ?? [])
        // What has ended begins nothing, and another leader may have closed it already.
        return entries.filter { $0.outcome != .closed }.map(\.drift).filter { drift in
            drift.verdict == .repair && !approved.contains(drift.id) && known[drift.id]?.verdict != .repair
        }
    }

    /// It is little in each round, and nothing that has to be asked about.
    static func faults(
        _ begun: [OpenDrift], known: [String: OpenDrift], _ policies: PolicySet, most: Int
    ) -> [String] {
        var faults: [String] = []
        if begun.contains(where: { policies.policy(for: $0.kind, vmid: $0.vmid)?.level == .disruptive }) {
            faults.append("what a policy wants to be asked about is repaired without an answer")
        }
        for (plane, drifts) in Dictionary(grouping: begun, by: \.kind.plane) where Set(drifts.map(\.id)).count > most {
            faults.append(
                "\(Set(drifts.map(\.id)).count) new repairs of \(plane.rawValue) in one round, and no approval: "
                    + drifts.map { "\($0.id) \(known[$0.id].map { "\($0.verdict) \($0.reason)" } ?? "new")" }.joined(
                        separator: ", "))
        }
        return faults
    }
}
