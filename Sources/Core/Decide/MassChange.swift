/// The brake on doing much at once: over max(floor, percent) new repairs of one plane in one round, all of them are held and an
/// operator answers once.
///
/// New is what could not be repaired before, for whatever reason. A drift that may be repaired since an earlier round, that is
/// approved or accepted, is no news and never held. What has opened within the same cycle counts all the same: rounds follow each
/// other within seconds when rows change, and what is much in a cycle must not pass in small steps.
package enum MassChange {
    /// - Parameters:
    ///   - known: drifts that may be repaired already, and when they were seen first.
    ///   - waiting: ids of drifts that only wait for a look with room for their guests. They count: what one look has no room for
    ///     must not come through in steps that are each too small for this brake.
    ///   - countedFrom: known ones since then count; nil counts none of them.
    package static func apply(
        to decisions: inout [Decision], brakes: Brakes, applicable: PlaneTally, known: [String: Timestamp],
        waiting: Set<String> = [], countedFrom: Timestamp? = nil
    ) {
        func mayBeNew(_ decision: Decision) -> Bool {
            decision.verdict == .repair && decision.accepted == nil && decision.approval == nil
        }
        func isNew(_ decision: Decision) -> Bool { mayBeNew(decision) && known[decision.drift.id] == nil }
        func isCounted(_ decision: Decision) -> Bool {
            guard mayBeNew(decision), let since = known[decision.drift.id] else { return mayBeNew(decision) }
            return countedFrom.map { since >= $0 } ?? false
        }
        var repairs: [Plane: Int] = [:]
        for decision in decisions
        where isCounted(decision) || (waiting.contains(decision.drift.id) && decision.accepted == nil) {
            repairs[decision.drift.kind.plane, default: 0] += 1
        }
        for (plane, count) in repairs {
            let total = applicable[plane]
            guard
                Bulk.exceeds(
                    count, of: total, floor: brakes.massChangeFloor, percent: brakes.massChangePercent)
            else { continue }
            let limit = max(brakes.massChangeFloor, total * brakes.massChangePercent / 100)
            for index in decisions.indices
            where decisions[index].drift.kind.plane == plane && isNew(decisions[index]) {
                decisions[index].verdict = .held
                decisions[index].reason = .massChange
                decisions[index].pending = []
                decisions[index].detail =
                    "\(count) new repairs of \(plane.rawValue) at once, limit \(limit) of \(total) instances"
            }
        }
    }
}
