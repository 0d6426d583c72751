/// A repair that has been decided on. There is no case for anything destructive.
package struct Intent: Equatable, Sendable {
    package enum Act: Equatable, Sendable {
        /// The rows are the very ones that were judged: the database compares before it sets.
        case clearStaleOperationLock(DesiredOperation)
        case failStuckOperation(DesiredOperation, reason: String)
        case edgeRepublish(EdgeGrounds)

        package var action: Action {
            switch self {
            case .clearStaleOperationLock: .clearStaleOperationLock
            case .failStuckOperation: .failStuckOperation
            case .edgeRepublish: .edgeRepublish
            }
        }

        /// Nil for what is no repair of an operation.
        package var operation: DesiredOperation? {
            switch self {
            case .clearStaleOperationLock(let operation), .failStuckOperation(let operation, _): operation
            case .edgeRepublish: nil
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
    /// How many repairs may begin in a minute, whoever begins them.
    package var budget = Int.max
    /// How old that may be when it begins; nil where nobody has said so.
    package var mostAge: Span?
    /// Set for an attempt that was interrupted: it goes on by looking.
    package var resumed: Resumed?

    package struct Resumed: Equatable, Sendable {
        /// The name of the attempt in the ledger.
        package var id: String
        /// Of the record that the service said it made.
        package var record: String?
        /// Whether it may be taken back when it is not wanted any more; false where repairs of it are not enabled any more: then
        /// it is only looked at and ended.
        package var mayUndo = true
        /// Since when it is tried to take it back; nil where that was not begun.
        package var takenBackSince: Timestamp?

        package init(id: String, record: String?) {
            self.id = id
            self.record = record
        }
    }

    package init(
        drift: OpenDrift, act: Act, attempt: Int, epoch: Int64, cycle: Int64, policies: String, evidenceAt: Timestamp,
        resumed: Resumed? = nil
    ) {
        self.drift = drift
        self.act = act
        self.attempt = attempt
        self.epoch = epoch
        self.cycle = cycle
        self.policies = policies
        self.evidenceAt = evidenceAt
        self.resumed = resumed
    }

    /// One name for one attempt, whoever makes it.
    package var id: String { resumed?.id ?? "\(drift.id)-\(epoch)-\(cycle)" }
}

/// How an attempt ended.
package enum RepairOutcome: Equatable, Sendable {
    /// A fresh read saw it done.
    case verified
    /// Answered, but a fresh read does not show it.
    case notVerified(String)
    /// It was not tried: something had moved, or this process may not act now. Of several removals the first may have been made,
    /// seen, and told in the words.
    case refused(String)
    /// It may have been done or not; the next round looks.
    case unknown(String)
    /// It was done, was not wanted any more by then, and was taken back.
    case compensated(String)

    /// Another attempt on the same server or operation is open. A process begins one after the other: it is one whose end nobody here
    /// knows of, and the ledger has to be read again. Such a one is left by a claim whose commit came later than anybody waited
    /// for, and after the ledger had been read for it.
    package static let occupied = RepairOutcome.refused(occupiedWords)
    package static let occupiedWords = "another repair of it is open"

    /// The ledger counts as many as may begin in a minute, be it others' or what was claimed here and came to nothing.
    package static let overBudget = RepairOutcome.refused(overBudgetWords)
    package static let overBudgetWords = "as many repairs as a minute may have were begun in the last one"
}
