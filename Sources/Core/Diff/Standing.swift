/// What is expected of a row, by its state: the table of the database contract as a type.
package enum Standing: Equatable, Sendable {
    /// Active: the guest runs or rests as desired, its records are exact.
    case live(DesiredInstance.Power)
    /// The customer is suspended: only the container is looked at, and the edge is neither wrong nor an orphan.
    case suppressed(Suppression)
    /// The customer's billing row cannot be understood: nothing may be repaired, and nothing is said about them either.
    case billingUnknown
    /// Another row has the same identity and says something else: neither is believed.
    case contradictory
    /// Provisioning, pending or terminating: only who it is. VMID and host name count as claimed.
    case claimed
    /// Failed: nothing is expected. VMID and host name count as claimed.
    case failed
    /// Outside `scope`: not ours to judge.
    case excluded

    package init(
        _ status: DesiredInstance.Status, power: DesiredInstance.Power, billing: BillingEffect, isInScope: Bool
    ) {
        guard isInScope else {
            self = .excluded
            return
        }
        switch status {
        case .failed: self = .failed
        case .provisioning, .pendingReconciliation, .terminating: self = .claimed
        case .active:
            switch billing {
            case .unreadable: self = .billingUnknown
            case .suppresses(let why): self = .suppressed(why)
            case .none: self = .live(power)
            }
        }
    }

    package var expectsContainer: Bool {
        switch self {
        case .live, .suppressed, .billingUnknown: true
        case .claimed, .failed, .excluded, .contradictory: false
        }
    }

    /// Whether the guest's identity is looked at.
    package var checksIdentity: Bool {
        switch self {
        case .live, .suppressed, .billingUnknown, .claimed: true
        case .failed, .excluded, .contradictory: false
        }
    }

    /// Whether another live row with the same VMID, host name or address contradicts it.
    package var claims: Bool {
        switch self {
        case .excluded, .failed: false
        default: true
        }
    }

    package var expectsEdge: Bool { if case .live = self { true } else { false } }
}
