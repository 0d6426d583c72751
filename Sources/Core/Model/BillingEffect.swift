/// Why a customer's servers may not be brought back.
package enum Suppression: Equatable, Sendable, CustomStringConvertible {
    case billing(BillingRow.Status)
    case server(BillingRow.ServerState)

    package var description: String {
        switch self {
        case .billing(let status): "billing \(status.rawValue)"
        case .server(let state): "server \(state.rawValue)"
        }
    }
}

/// What a billing row does to its customer's servers.
package enum BillingEffect: Equatable, Sendable {
    /// They may be kept up.
    case none
    /// They are not brought back.
    case suppresses(Suppression)
    /// The row makes no sense: nothing may be repaired.
    case unreadable
}

extension BillingRow {
    package var effect: BillingEffect {
        guard let status, let serverState else { return .unreadable }
        switch status {
        case .suspended, .retained, .pendingDeletion: return .suppresses(.billing(status))
        case .active, .pastDue, .overdueWarning: break
        }
        switch serverState {
        case .suspendedShutdown, .retained: return .suppresses(.server(serverState))
        case .allowed, .backupBlocked: return .none
        }
    }
}
