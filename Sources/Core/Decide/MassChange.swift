/// The brake on doing much at once: over max(floor, percent) repairs of one plane in one round, all of them are held and an
/// operator answers once. A drift that somebody has accepted is not news and does not count.
package enum MassChange {
    package static func apply(to decisions: inout [Decision], brakes: Brakes, applicable: PlaneTally) {
        var repairs: [Plane: Int] = [:]
        for decision in decisions where decision.verdict == .repair && decision.accepted == nil {
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
            where decisions[index].verdict == .repair && decisions[index].accepted == nil
                && decisions[index].drift.kind.plane == plane
            {
                decisions[index].verdict = .held
                decisions[index].reason = .massChange
                decisions[index].pending = []
                decisions[index].detail =
                    "\(count) repairs of \(plane.rawValue) at once, limit \(limit) of \(total) instances"
            }
        }
    }
}
