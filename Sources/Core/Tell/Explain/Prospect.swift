/// What the daemon's ledger says of one VMID.
package struct LedgerPage: Equatable, Sendable {
    package struct Attempt: Equatable, Sendable {
        package var driftID: String
        package var number: Int
        package var action: String
        /// `open`, `verified`, `not_verified`, `refused`, `unknown`; a word of a later version is kept.
        package var state: String
        package var why: String?
        package var begunAt: Timestamp
        package var endedAt: Timestamp?

        package init(
            driftID: String, number: Int, action: String, state: String, why: String?, begunAt: Timestamp,
            endedAt: Timestamp?
        ) {
            self.driftID = driftID
            self.number = number
            self.action = action
            self.state = state
            self.why = why
            self.begunAt = begunAt
            self.endedAt = endedAt
        }
    }

    package struct Leader: Equatable, Sendable {
        package var epoch: Int64
        package var isClosed: Bool
        package var stance: Stance?

        package init(epoch: Int64, isClosed: Bool, stance: Stance?) {
            self.epoch = epoch
            self.isClosed = isClosed
            self.stance = stance
        }
    }

    package var open: [OpenDrift]
    package var tries: [String: Memory.Tries]
    /// The newest first.
    package var attempts: [Attempt]
    /// Nil when the row cannot be read.
    package var leader: Leader?
    /// When the repairs of the last minute began, whatever they were of.
    package var spent: [Timestamp]
    /// Since when each drift stands as it does; those that are missing have not turned, or nobody knows when.
    package var turned: [String: Timestamp]

    package init(
        open: [OpenDrift], tries: [String: Memory.Tries], attempts: [Attempt], leader: Leader?,
        spent: [Timestamp] = [], turned: [String: Timestamp] = [:]
    ) {
        self.open = open
        self.tries = tries
        self.attempts = attempts
        self.leader = leader
        self.spent = spent
        self.turned = turned
    }
}

/// What became of one drift so far, and what happens next.
package struct Prospect: Equatable, Sendable {
    package var driftID: String
    package var kind: DriftKind
    /// When the daemon saw it first; nil while it has not told of it.
    package var since: Timestamp?
    /// Since when that is written down of it which holds it back now; nil where it never was otherwise.
    package var turnedAt: Timestamp?
    /// What holds it back, as it was written down last; nil while nothing was.
    package var verdict: Verdict?
    package var reason: Reason?
    /// Attempts in vain so far, and how many its policy allows.
    package var attempts: Int
    package var allowed: Int?
    /// The last attempt, in words.
    package var last: String?
    package var next: String
    /// Not before this moment; nil when it does not depend on time.
    package var notBefore: Timestamp?
}

extension Prospect {
    /// - Parameters:
    ///   - decision: of a round that has just looked; nil when that round does not show the drift.
    ///   - policies: those of this configuration; the leader's may differ, and then that is said with it.
    ///   - duty: of this configuration, too.
    static func make(
        _ id: String, _ kind: DriftKind, decision: Decision?, page: LedgerPage, policies: PolicySet, duty: Duty,
        at now: Timestamp
    ) -> Prospect {
        let open = page.open.first { $0.id == id }
        let vmid = decision?.drift.subject.vmid ?? open?.vmid
        let policy =
            policies.policies.first { $0.name == decision?.policy } ?? policies.policy(for: kind, vmid: vmid)
        let tries = page.tries[id]
        let own = page.attempts.filter { $0.driftID == id }
        var prospect = Prospect(
            driftID: id, kind: kind, since: open?.since, turnedAt: page.turned[id], verdict: open?.verdict,
            reason: open?.reason,
            attempts: tries?.attempts ?? 0, allowed: kind.action == nil ? nil : policy?.retry.attempts,
            last: own.first.map(words), next: "", notBefore: nil)
        (prospect.next, prospect.notBefore) = next(
            prospect, decision, own, tries, policy, page, policies.brakes,
            duty.unreached(kind, vmid).map { Words.omission($0, of: kind, vmid) }, now)
        return prospect
    }

    private static func words(_ attempt: LedgerPage.Attempt) -> String {
        let name = "attempt \(attempt.number) (\(attempt.action))"
        guard let endedAt = attempt.endedAt else { return "\(name) runs since \(attempt.begunAt)" }
        return "\(name) ended at \(endedAt), \(attempt.state)" + (attempt.why.map { ": \($0)" } ?? "")
    }

    private static func next(
        _ prospect: Prospect, _ decision: Decision?, _ own: [LedgerPage.Attempt], _ tries: Memory.Tries?,
        _ policy: Policy?, _ page: LedgerPage, _ brakes: Brakes, _ omission: String?, _ now: Timestamp
    ) -> (String, Timestamp?) {
        if let running = own.first(where: { $0.state == "open" }) {
            return ("attempt \(running.number) comes to its end, and a fresh read says how", nil)
        }
        guard let decision else { return ("it is closed by the next round that could see it and does not", nil) }
        guard let leader = page.leader, !leader.isClosed else { return ("nothing: no controller leads", nil) }
        if let accepted = decision.accepted { return ("nothing: it is accepted", accepted.until) }
        // What nobody would take up is not to be answered.
        let isDryRun = leader.stance?.mode == Duty.Mode.dryRun.rawValue
        let idle = isDryRun ? "the leader's mode is dry-run" : omission
        switch decision.verdict {
        case .report: return ("nothing is done about it; it is closed when it ends", nil)
        case .manual: return ("nothing until a person acts", nil)
        case .approvalRequired:
            return (idle.map { "nothing, approved or not: \($0)" } ?? "nothing until an operator approves", nil)
        case .held:
            if decision.reason == .massChange, let idle { return ("nothing, approved or not: \(idle)", nil) }
            return decision.reason == .quarantined
                ? ("nothing more: the attempts are used up; it is tried anew once it has ended and comes back", nil)
                : ("nothing while that holds it; each round looks again", decision.heldUntil)
        case .repair: break
        }
        if let idle { return ("nothing: \(idle)", nil) }
        guard let policy else { return ("nothing: no policy is for it", nil) }
        // Of a server nothing begins while an attempt on it is open, whatever that one is about.
        if let other = page.attempts.first(where: { $0.state == "open" }) {
            let name = "attempt \(other.number) (\(other.action)) at another drift of this server, \(other.driftID),"
            return ("nothing begins before \(name) has ended; it runs since \(other.begunAt)", nil)
        }
        if let tries {
            if tries.attempts >= policy.retry.attempts {
                return ("nothing more: the attempts are used up, and the next round says so", nil)
            }
            let end = tries.endedAt + RepairPlan.backoff(policy.retry, tries.attempts, prospect.driftID)
            if end > now { return ("attempt \(tries.attempts + 1), after a pause", end) }
        }
        let number = (tries?.attempts ?? 0) + 1
        let refused = own.prefix { $0.state == "refused" }
        if let last = refused.first, let endedAt = last.endedAt {
            let end = endedAt + RepairPlan.backoff(policy.retry, refused.count, prospect.driftID)
            let why = last.why.map { ": \($0)" } ?? ""
            if end > now { return ("attempt \(number), after a pause, since it was not tried\(why)", end) }
        }
        if decision.commonCause == .proxyRestart {
            let end = prospect.since.map { $0 + brakes.proxySettle }
            if end.map({ $0 > now }) ?? true {
                return ("attempt \(number), if the proxy does not fill its list by itself: it is given its time", end)
            }
        }
        let seen = "seen it in \(policy.after.looks) rounds"
        guard let since = prospect.since else {
            let span = policy.after.for > .seconds(0) ? " and for \(policy.after.for)" : ""
            return ("attempt \(number), once the leader has \(seen)\(span)", nil)
        }
        let ripe = since + policy.after.for
        if ripe > now { return ("attempt \(number), if it is still there", ripe) }
        let spent = page.spent.filter { $0 > now - .minutes(1) }.sorted()
        if !spent.isEmpty, spent.count >= brakes.budgetPerMinute {
            let free = spent[max(0, spent.count - brakes.budgetPerMinute)] + .minutes(1)
            return ("attempt \(number), later: \(Words.pending(.budgetSpent))", free)
        }
        // What stood against it before anything was written down is known to the leader alone.
        let pause = "what stood in its way lately costs a pause, of \(policy.retry.max) at most"
        return ("attempt \(number), with the next round of the leader, if it has \(seen); \(pause)", nil)
    }
}

extension Explanation {
    /// What the ledger says of the VMID, or why it could not be read.
    package enum Ledger: Equatable, Sendable {
        /// `differs` says how the leader works otherwise than the files here say; what comes next goes by the files.
        case read([Prospect], leader: LedgerPage.Leader?, differs: String? = nil)
        case unreadable(String)
    }

    /// Adds what a daemon has done about these drifts and will do.
    package mutating func tell(_ page: LedgerPage, policies: PolicySet, duty: Duty) {
        for index in cases.indices { cases[index].brake(page) }
        let shown = Set(cases.map(\.decision.drift.id))
        let prospects =
            cases.map { item in
                Prospect.make(
                    item.decision.drift.id, item.decision.drift.kind, decision: item.decision, page: page,
                    policies: policies, duty: duty, at: generatedAt)
            }
            + page.open.filter { !shown.contains($0.id) }.sorted { $0.id < $1.id }.map { open in
                Prospect.make(
                    open.id, open.kind, decision: nil, page: page, policies: policies, duty: duty, at: generatedAt)
            }
        let leader = page.leader.flatMap { $0.isClosed ? nil : $0.stance }
        ledger = .read(
            prospects, leader: page.leader,
            differs: leader.flatMap { $0.difference(from: Stance(duty, policies)) })
    }
}

extension Explanation.Case {
    /// Takes over that the leader holds it because too many are hit at once: that is counted over the whole estate, and a look
    /// at one server cannot see it.
    fileprivate mutating func brake(_ page: LedgerPage) {
        guard decision.verdict == .repair, page.leader?.isClosed == false,
            page.open.contains(where: {
                $0.id == decision.drift.id && $0.verdict == .held && $0.reason == .massChange
            })
        else { return }
        (decision.verdict, decision.reason, decision.detail) = (.held, .massChange, Words.brakeOfLeader)
        holds = [Hold(.massChange, Words.brakeOfLeader)]
        needed = [Words.remedy(.massChange), Words.approveElsewhere]
    }
}

extension Words {
    /// What the brake saw is in the leader's own report.
    static let brakeOfLeader = "the leader counts more new repairs at once than the brake lets pass"

    static func leader(_ leader: LedgerPage.Leader?, differs: String?) -> String {
        let words = Words.leader(leader)
        guard let differs else { return words }
        return "\(words); it works otherwise than the files here say (\(differs)), and what is next goes by the files: "
            + "systemctl reload takes over policies, a restart the rest"
    }

    private static func leader(_ leader: LedgerPage.Leader?) -> String {
        guard let leader else { return "the leadership row cannot be read" }
        if leader.isClosed { return "no controller leads; the last one stopped with epoch \(leader.epoch)" }
        let mode = leader.stance.map { ", mode \(Foreign.text($0.mode, limit: 20))" } ?? ""
        return "a controller leads with epoch \(leader.epoch)\(mode), or was killed and has no successor"
    }

    static func history(_ prospect: Prospect) -> String {
        guard let since = prospect.since else { return "the daemon has not told of it" }
        let held = [prospect.verdict?.rawValue, prospect.reason?.rawValue].compactMap { $0 }.joined(separator: ": ")
        return prospect.turnedAt.map { "since \(since); since \($0), \(held)" } ?? "since \(since), \(held)"
    }

    static func attempts(_ prospect: Prospect) -> String? {
        guard let allowed = prospect.allowed else { return nil }
        return "\(prospect.attempts) of \(allowed) in vain"
    }

    static func next(_ prospect: Prospect) -> String {
        prospect.next + (prospect.notBefore.map { ", not before \($0)" } ?? "")
    }
}
