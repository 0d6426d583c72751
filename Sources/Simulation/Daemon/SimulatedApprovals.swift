import Core

/// Answers to plans as the database keeps them, and what the ledger tells of drifts.
extension SimulatedLedger {
    /// The last answer about a plan counts.
    mutating func answer(_ word: PlanAnswer.Word, plan: String, until: Timestamp) {
        for index in answers.indices where answers[index].plan == plan {
            if word == .reject || answers[index].redeemedAt == nil { answers[index].until = .init(microseconds: 0) }
        }
        answers.append(
            PlanAnswer(id: Int64(answers.count + 1), plan: plan, word: word, by: "operator", until: until))
    }

    mutating func redeem(_ redemption: Redemption, _ lease: SimulatedLease, at now: Timestamp) -> Bool {
        guard holds(lease) else { return false }
        guard
            let index = answers.firstIndex(where: {
                $0.id == redemption.approval && $0.plan == redemption.plan && $0.word == .approve
                    && $0.redeemedAt == nil && $0.until > now
            })
        else { return false }
        answers[index].redeemedAt = now
        answers[index].covers = redemption.covers
        return true
    }

    func stands(_ approval: Int64, _ drift: String, at now: Timestamp) -> Bool {
        answers.contains { $0.id == approval && $0.until > now && $0.covers[drift] != nil }
    }

    func past(at now: Timestamp) -> DriftPast {
        var past = DriftPast()
        for drift in open.values {
            let isApproved = answers.contains { answer in
                answer.covers[drift.id] != nil && answer.redeemedAt.map { $0 >= drift.since } == true
            }
            if drift.verdict == .repair && !drift.wouldRepair && !isApproved { past.repairable.insert(drift.id) }
            let vain = vain(drift).count
            if vain > 0 { past.inVain[drift.id] = vain }
        }
        for attempt in attempts where attempt.state == "verified" {
            let drift = attempt.intent.drift
            var change: EdgeChange?
            if case .edgeRepublish(let grounds) = attempt.intent.act { change = grounds.change }
            let place = Drift.place(drift.id, drift.kind, drift.externalID, change)
            past.repaired[place, default: []].append(attempt.endedAt ?? now)
        }
        past.answers = answers.filter { $0.until > now - .minutes(1440) }.map { answer in
            var left = answer
            left.covers = answer.covers.filter { drift, _ in
                !events.contains { event in
                    event.drift == drift && ["closed", "verified"].contains(event.outcome)
                        && answer.redeemedAt.map { event.at > $0 } == true
                }
            }
            return left
        }
        return past
    }
}
