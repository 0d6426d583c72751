/// A repair that has been decided on. There is no case for anything destructive.
package struct Intent: Equatable, Sendable {
    package enum Act: Equatable, Sendable {
        /// The rows are the very ones that were judged: the database compares before it sets.
        case clearStaleOperationLock(DesiredOperation)
        case failStuckOperation(DesiredOperation, reason: String)

        package var operation: DesiredOperation {
            switch self {
            case .clearStaleOperationLock(let operation), .failStuckOperation(let operation, _): operation
            }
        }
    }

    package var drift: OpenDrift
    package var act: Act
    /// 1 for the first.
    package var attempt: Int
    package var epoch: Int64
    package var cycle: Int64
    /// Of the policies under which it was decided.
    package var policies: String
    /// When what it rests on was observed.
    package var evidenceAt: Timestamp
    /// The operator's approval that it rests on; nil where none is needed.
    package var approval: Int64?

    package init(
        drift: OpenDrift, act: Act, attempt: Int, epoch: Int64, cycle: Int64, policies: String, evidenceAt: Timestamp
    ) {
        self.drift = drift
        self.act = act
        self.attempt = attempt
        self.epoch = epoch
        self.cycle = cycle
        self.policies = policies
        self.evidenceAt = evidenceAt
    }

    /// One name for one attempt, whoever makes it.
    package var id: String { "\(drift.id)-\(epoch)-\(cycle)" }
}

/// How an attempt ended.
package enum RepairOutcome: Equatable, Sendable {
    /// A fresh read saw it done.
    case verified
    /// Answered, but a fresh read does not show it.
    case notVerified(String)
    /// Nothing was done: something had moved, or this process may not act any more.
    case refused(String)
    /// It may have been done or not; the next round looks.
    case unknown(String)
}
