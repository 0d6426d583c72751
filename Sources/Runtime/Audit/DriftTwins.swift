import Core

/// The drifts of one estate, and beside each the one that it is under other names.
struct DriftTwins {
    private let twins: [String: (original: Decision, other: Decision)]
    private let plans: (original: String, other: String)
    private let policies: String

    /// - Parameter renamed: the other name of a host or record name.
    init(_ original: Report, _ other: Report, policies: String, _ renamed: (String) -> String) {
        let before = Dictionary(grouping: original.decisions) { Stand($0.drift, renamed) }
        let after = Dictionary(grouping: other.decisions) { Stand($0.drift) { $0 } }
        var twins: [String: (original: Decision, other: Decision)] = [:]
        for (stand, originals) in before {
            let others = (after[stand] ?? []).sorted(by: DriftTwins.inOrderOfNames)
            for (one, twin) in zip(originals.sorted(by: DriftTwins.inOrderOfNames), others) {
                twins[one.drift.id] = (one, twin)
            }
        }
        self.twins = twins
        self.policies = policies
        plans = (original.planHash, other.planHash)
    }

    /// Where a drift stands, in the other names.
    private struct Stand: Hashable {
        var kind: DriftKind
        var vmid: VMID?
        var hostname: String?
        var record: String?
        var queue: String?

        init(_ drift: Drift, _ renamed: (String) -> String) {
            kind = drift.kind
            vmid = drift.subject.vmid
            // A name comes as somebody wrote it, its pseudonym in the canonical form.
            hostname = drift.subject.hostname.map(renamed)
            record = drift.subject.record.map(renamed)
            queue = drift.subject.queue
        }
    }

    /// Where several stand in one place. Pseudonyms are dealt out in the order of the names, so this order is the same in both.
    private static func inOrderOfNames(_ a: Decision, _ b: Decision) -> Bool {
        func order(_ drift: Drift) -> (String, String, String) {
            (drift.operation?.id ?? "", drift.subject.node ?? "", drift.observed)
        }
        return order(a.drift) < order(b.drift)
    }

    /// The id under other names; nil for what is no drift of this estate.
    func id(_ original: String) -> String? { twins[original]?.other.drift.id }

    /// What the ledger knows, about the other drifts. What is about none of them decides nothing, and is left out.
    ///
    /// - Parameter answers: the same answers under other names, without what they are about.
    func past(_ original: DriftPast, answers: [PlanAnswer]) -> DriftPast {
        var past = DriftPast(repairable: Set(original.repairable.compactMap { id($0) }), answers: answers)
        for (one, other) in twins.values {
            past.inVain[other.drift.id] = original.inVain[one.drift.id]
            past.repaired[other.drift.place] = original.repaired[one.drift.place]
        }
        for (index, answer) in original.answers.enumerated() where index < answers.count {
            past.answers[index].plan = answer.plan == plans.original ? plans.other : DriftTwins.otherPlan
            for (id, print) in answer.covers {
                guard let (one, other) = twins[id] else { continue }
                // What was approved with other values is covered with other values.
                past.answers[index].covers[other.drift.id] =
                    print == Fingerprint.of(one, policies: policies)
                    ? Fingerprint.of(other, policies: policies) : DriftTwins.otherValues
            }
        }
        return past
    }

    private static let otherValues = String(repeating: "0", count: 64)
    private static let otherPlan = "sha256:" + otherValues
}
