/// An operator's answer to a plan that they saw: approved or rejected, for a while, by its hash.
package struct PlanAnswer: Equatable, Sendable {
    package enum Word: String, CaseIterable, Sendable { case approve, reject }

    package var id: Int64
    package var plan: String
    package var word: Word
    package var by: String
    package var until: Timestamp
    /// When a leader found this very plan and wrote down what it covers; nil until then.
    package var redeemedAt: Timestamp?
    /// What is left of what it covers: the fingerprint of each drift as it was approved, by the drift's id.
    package var covers: [String: String]

    package init(
        id: Int64, plan: String, word: Word, by: String, until: Timestamp, redeemedAt: Timestamp? = nil,
        covers: [String: String] = [:]
    ) {
        self.id = id
        self.plan = plan
        self.word = word
        self.by = by
        self.until = until
        self.redeemedAt = redeemedAt
        self.covers = covers
    }
}

/// An approval that is taken up: what it covers from now on, whatever else changes.
package struct Redemption: Equatable, Sendable {
    package var approval: Int64
    package var plan: String
    package var covers: [String: String]

    package init(approval: Int64, plan: String, covers: [String: String]) {
        self.approval = approval
        self.plan = plan
        self.covers = covers
    }
}
