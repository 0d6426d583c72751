/// What one look at a plane came to.
package enum PlaneFact<Value: Sendable>: Sendable {
    case notConfigured
    /// Nothing of it is known. The detail is for a person.
    case failed(Unknown, detail: String, at: Timestamp?)
    case read(Value)

    package var value: Value? { if case .read(let value) = self { value } else { nil } }

    package var failure: Unknown? { if case .failed(let reason, _, _) = self { reason } else { nil } }
}

extension PlaneFact {
    package init(failure: ReadFailure) { self = .failed(failure.code, detail: failure.detail, at: failure.at) }
}

/// One or two looks at one plane. A suspicious absence is believed when both show it.
package struct Looks<Value: Sendable>: Sendable {
    package var latest: PlaneFact<Value>
    package var earlier: PlaneFact<Value>?
    /// Why no second look came about although one was due; absences are then unknown.
    package var unconfirmed: ReadFailure?

    package init(_ latest: PlaneFact<Value>, earlier: PlaneFact<Value>? = nil, unconfirmed: ReadFailure? = nil) {
        self.latest = latest
        self.earlier = earlier
        self.unconfirmed = unconfirmed
    }

    /// Whether one of the looks was refused because there were too many.
    var isLimited: Bool { latest.failure == .rateLimited || unconfirmed?.code == .rateLimited }

    /// Adds the second look. When it failed, what the first one saw still stands, its absences do not.
    package mutating func add(second: PlaneFact<Value>) {
        switch second {
        case .notConfigured: break
        case .failed(let code, let detail, let at):
            let failure = ReadFailure(code, detail, at: at ?? Timestamp(microseconds: 0))
            unconfirmed = failure
        case .read:
            earlier = latest
            latest = second
        }
    }
}
