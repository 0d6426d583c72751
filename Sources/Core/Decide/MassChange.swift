/// The brake on doing much at once: over max(floor, percent) new repairs of one plane in one round, all of them are held and an
/// operator answers once.
///
/// New is what could not be repaired before, for whatever reason. A drift that may be repaired since an earlier round, that is
/// approved or accepted, is no news: it neither counts nor is it held.
package enum MassChange {
    /// - Parameter known: ids of drifts that may be repaired already.
    package static func apply(
        to decisions: inout [Decision], brakes: Brakes, applicable: PlaneTally, known: Set<String>
    ) {
        func isNew(_ decision: Decision) -> Bool {
            decision.verdict == .repair && decision.accepted == nil && decision.approval == nil
                && !known.contains(decision.drift.id)
        }
        var repairs: [Plane: Int] = [:]
        for decision in decisions where isNew(decision) {
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
