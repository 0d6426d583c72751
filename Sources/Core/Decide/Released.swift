/// What could be repaired for the first time in the rounds of one cycle. The brake on mass changes counts it with what is new: rounds
/// follow each other within seconds when rows change, and much must not pass in small steps, be it repaired in between or not.
package struct Released: Equatable, Sendable {
    private(set) var drifts: [Plane: Set<String>] = [:]

    package init() {}

    /// - Parameter known: whether a drift could be repaired before.
    mutating func note(_ decisions: [Decision], known: (String) -> Bool) {
        for decision in decisions where decision.isReleased && !known(decision.drift.id) {
            drifts[decision.drift.kind.plane, default: []].insert(decision.drift.id)
        }
    }
}

extension Decision {
    /// Whether it may be repaired without anybody's leave.
    var isReleased: Bool { verdict == .repair && accepted == nil && approval == nil }
}
