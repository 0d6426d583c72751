/// One hash over all that a round would do and why: subjects, kinds, values, actions and the policies, no times. An audit and
/// the daemon compute the same from the same facts, so that what was shown can be approved.
package enum PlanHash {
    package static func of(_ decisions: [Decision], policies: PolicySet) -> String {
        var hash = SHA256()
        hash.update(field: "plan 1")
        hash.update(field: policies.hash)
        // What a daemon can tell better, and nobody does anything about, is left out: an audit of the same estate has no
        // history and looks at few guests' addresses.
        for decision in decisions where !decision.drift.kind.isToldByDaemons {
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
