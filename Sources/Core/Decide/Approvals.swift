/// How an operator's answer stands to one drift that asks for it.
package enum ApprovalStanding: Equatable, Sendable {
    /// Released: it is covered, with the very values that it has now.
    case granted(Int64)
    /// This very plan is approved; a leader that would carry some of it out takes it up with its next round.
    case given(Int64)
    case rejected
    case expired
    /// What was approved had another value, or was another plan.
    case changed
    case missing

    /// Whether an operator can still say something new about it.
    package var wantsAnswer: Bool {
        switch self {
        case .granted, .given, .rejected: false
        case .expired, .changed, .missing: true
        }
    }
}

/// Releases what an operator has approved, once: the brake on mass changes, and drifts that a policy wants to ask about.
///
/// A plan's hash changes with its first repair. So a leader that finds the approved plan writes down what it covers, with the
/// values of each drift (``Redemption``), and from then on only that counts. What has moved is not released.
package enum Approvals {
    /// Releases what is covered. Comes before the brake on mass changes, which does not count it.
    static func release(_ decisions: inout [Decision], answers: [PlanAnswer], policies: String, at now: Timestamp) {
        let standing = answers.filter { $0.word == .approve && $0.redeemedAt != nil && $0.until > now }
        if standing.isEmpty { return }
        for index in decisions.indices where decisions[index].asks {
            let id = decisions[index].drift.id
            let covering = standing.filter { $0.covers[id] != nil }
            if covering.isEmpty { continue }
            let print = Fingerprint.of(decisions[index], policies: policies)
            guard let answer = covering.last(where: { $0.covers[id] == print }) else { continue }
            decisions[index].approval = .granted(answer.id)
            // Released from the brake; its guest is asked first all the same.
            if decisions[index].isUnread {
                decisions[index].isAsked = false
                continue
            }
            (decisions[index].verdict, decisions[index].reason) = (.repair, .policyMatched)
            decisions[index].detail = "approved by \(answer.by) until \(answer.until)"
        }
    }

    /// Says of each drift that waits for an answer how it stands.
    static func explain(
        _ decisions: inout [Decision], answers: [PlanAnswer], policies: PolicySet, at now: Timestamp
    ) {
        let waiting = decisions.indices.filter { decisions[$0].isUnanswered }
        if waiting.isEmpty { return }
        let plan = answers.isEmpty ? "" : PlanHash.of(decisions, policies: policies)
        let policies = policies.hash
        for index in waiting {
            let (standing, words) = standing(of: decisions[index], answers, plan, policies, now)
            decisions[index].approval = standing
            let detail = decisions[index].detail
            decisions[index].detail = words.map { words in detail.map { "\($0); \(words)" } ?? words } ?? detail
            guard decisions[index].verdict == .approvalRequired else { continue }
            switch standing {
            case .changed: decisions[index].reason = .planChanged
            case .expired: decisions[index].reason = .approvalExpired
            case .given, .rejected, .missing, .granted: decisions[index].reason = .approvalMissing
            }
        }
    }

    private static func standing(
        of decision: Decision, _ answers: [PlanAnswer], _ plan: String, _ policies: String, _ now: Timestamp
    ) -> (ApprovalStanding, String?) {
        let id = decision.drift.id
        func last(_ isMeant: (PlanAnswer) -> Bool) -> PlanAnswer? { answers.last(where: isMeant) }
        if let given = last({ $0.isOpen && $0.plan == plan && $0.until > now }) {
            return (.given(given.id), Words.given(by: given.by))
        }
        if let rejected = last({ $0.word == .reject && $0.plan == plan && $0.until > now }) {
            return (.rejected, "rejected by \(rejected.by) until \(rejected.until)")
        }
        if let moved = last({ $0.covers[id] != nil && $0.until > now }) {
            return (.changed, "it is not what \(moved.by) approved any more")
        }
        if let expired = last({ answer in
            guard answer.until <= now else { return false }
            if answer.isOpen { return answer.plan == plan }
            return answer.covers[id] == Fingerprint.of(decision, policies: policies)
        }) {
            return (.expired, "the approval by \(expired.by) ended at \(expired.until)")
        }
        if let other = last({ $0.isOpen && $0.until > now }) {
            return (.changed, "\(other.by) approved another plan, \(other.plan)")
        }
        return (.missing, nil)
    }

    /// Names the approval that each repair rests on: it is asked for again in the transaction that begins the repair.
    static func name(_ intents: inout [Intent], _ decisions: [Decision]) {
        if intents.isEmpty { return }
        var granted: [String: Int64] = [:]
        for decision in decisions {
            if case .granted(let id) = decision.approval { granted[decision.drift.id] = id }
        }
        for index in intents.indices { intents[index].approval = granted[intents[index].drift.id] }
    }
}

extension Redemption {
    /// What a leader takes up after a round; nil when there is nothing, or nothing of it would be carried out here.
    init?(_ report: Report, policies: String) {
        var covers: [String: String] = [:]
        var approval: Int64?
        var isCarriedOut = false
        for decision in report.decisions {
            guard case .given(let id) = decision.approval else { continue }
            approval = id
            covers[decision.drift.id] = Fingerprint.of(decision, policies: policies)
            if decision.execution == .executable { isCarriedOut = true }
        }
        guard isCarriedOut, let approval else { return nil }
        self.init(approval: approval, plan: report.planHash, covers: covers)
    }
}

/// What one drift was when it was approved: values, action and policies, no time.
package enum Fingerprint {
    package static func of(_ decision: Decision, policies: String) -> String {
        var hash = SHA256()
        for field in [
            "drift 1", policies, decision.drift.id, decision.drift.kind.rawValue, decision.drift.desired,
            decision.drift.observed, decision.action?.rawValue ?? "", decision.policy ?? "",
        ] {
            hash.update(field: field)
        }
        return hash.finish()
    }
}

extension PlanAnswer {
    /// An approval that nobody has taken up.
    fileprivate var isOpen: Bool { word == .approve && redeemedAt == nil }
}

extension Decision {
    /// Whether an approval could release it.
    fileprivate var asks: Bool {
        accepted == nil && (verdict == .repair || verdict == .approvalRequired || isUnread)
    }

    /// Whether it waits for an answer.
    package var isUnanswered: Bool {
        accepted == nil && (verdict == .approvalRequired || (verdict == .held && reason == .massChange) || isAsked)
    }
}
