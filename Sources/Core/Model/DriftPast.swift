/// What the ledger knows of drifts. It comes with the desired state, in one transaction, so that an audit, a standby and the
/// leader decide alike.
package struct DriftPast: Equatable, Sendable {
    /// Open drifts that may be repaired already, and by no approval: a brake on what is new does not count them.
    package var repairable: Set<String>
    /// Attempts in vain since a drift was seen first.
    package var inVain: [String: Int]
    /// When repairs of a place were seen to have worked, in the last fortnight; by ``Drift/place``.
    package var repaired: [String: [Timestamp]]
    /// Answers that stand, and for a day those that have expired, in the order in which they were given.
    package var answers: [PlanAnswer]

    package init(
        repairable: Set<String> = [], inVain: [String: Int] = [:], repaired: [String: [Timestamp]] = [:],
        answers: [PlanAnswer] = []
    ) {
        self.repairable = repairable
        self.inVain = inVain
        self.repaired = repaired
        self.answers = answers
    }
}
