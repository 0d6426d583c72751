/// One hash over all that a round would do and why: subjects, kinds, values, actions and the policies, no times. An audit and
/// the daemon compute the same from the same facts, so that what was shown can be approved.
package enum PlanHash {
    package static func of(_ decisions: [Decision], policies: PolicySet) -> String {
        var hash = SHA256()
        hash.update(field: "plan 1")
        hash.update(field: policies.hash)
        // What nobody would do anything about is no part of the plan: an approval does not lapse because a game crashed, and
        // what only a daemon can tell has no action.
        for decision in decisions where decision.action != nil {
            let subject = decision.drift.subject
            hash.update(field: decision.drift.id)
            hash.update(field: decision.drift.kind.rawValue)
            hash.update(field: subject.vmid?.description ?? "")
            hash.update(field: subject.externalID?.description ?? "")
            hash.update(field: subject.hostname ?? "")
            hash.update(field: subject.record ?? "")
            hash.update(field: decision.drift.desired)
            hash.update(field: decision.drift.observed)
            hash.update(field: decision.action?.rawValue ?? "")
        }
        return "sha256:" + hash.finish()
    }
}
