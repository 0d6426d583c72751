/// The brake on doing much at once: over max(floor, percent) new repairs of one plane in one round, all of them are held and an
/// operator answers once.
///
/// New is what could not be repaired before, for whatever reason. A drift that may be repaired since an earlier round, that is
/// approved or accepted, is no news and never held. What became so in earlier rounds of the same cycle counts with it.
package enum MassChange {
    /// - Parameters:
    ///   - known: ids of drifts that may be repaired already.
    ///   - released: of the same cycle; an audit has none.
    package static func apply(
        to decisions: inout [Decision], brakes: Brakes, applicable: PlaneTally, known: Set<String>,
        released: Released = Released()
    ) {
        func isNew(_ decision: Decision) -> Bool {
            // What only waits to have its guest's addresses read counts: what one look has no room or no time for must not come through
            // in steps that are each too small for this brake.
            let isWaiting =
                decision.isUnread && decision.level == .automatic && decision.accepted == nil
                && decision.approval == nil
            return (decision.isReleased || isWaiting) && !known.contains(decision.drift.id)
        }
        var repairs = released.drifts
        for decision in decisions where isNew(decision) {
            repairs[decision.drift.kind.plane, default: []].insert(decision.drift.id)
        }
        for (plane, ids) in repairs {
            let count = ids.count
            let total = applicable[plane]
            guard
                Bulk.exceeds(
                    count, of: total, floor: brakes.massChangeFloor, percent: brakes.massChangePercent)
            else { continue }
            let limit = max(brakes.massChangeFloor, total * brakes.massChangePercent / 100)
            for index in decisions.indices
            where decisions[index].drift.kind.plane == plane && isNew(decisions[index]) {
                // It is named for what it waits for first, and one answer is for all of them.
                if decisions[index].isUnread {
                    decisions[index].isAsked = true
                    continue
                }
                decisions[index].verdict = .held
                decisions[index].reason = .massChange
                decisions[index].pending = []
                decisions[index].detail =
                    "\(count) new repairs of \(plane.rawValue) at once, limit \(limit) of \(total) instances"
            }
        }
    }
}
