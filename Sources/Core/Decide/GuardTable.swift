/// Which guards can hold which deed: the table kind × guard, as code. `docs/decisions/0003-guards.md` says why.
package enum GuardTable {
    /// What stands behind a kind: an action, the deed that a person is asked for, or nothing.
    package enum Deed: String, CaseIterable, Sendable {
        case databaseRepair = "database repair"
        case edgeRepublish = "edge_republish"
        case power = "power (approved or by a person)"
        case byPerson = "by a person"
        case nothing
    }

    package static func deed(for kind: DriftKind) -> Deed {
        switch kind.action {
        case .clearStaleOperationLock, .failStuckOperation: return .databaseRepair
        case .edgeRepublish: return .edgeRepublish
        case nil: break
        }
        switch kind {
        case .containerStopped, .containerRunning, .containerSuspendedRunning, .agentUnreachable, .agentCrashed:
            return .power
        default: return kind.level == .report ? .nothing : .byPerson
        }
    }

    /// The guards that apply, in the order in which they are named.
    package static func guards(for deed: Deed) -> [Reason] {
        switch deed {
        case .databaseRepair:
            // An operation that is stale or stuck is not "in flight" for its own repair, and the database asks neither
            // billing nor the agent.
            [
                .evidenceUnknown, .evidenceStale, .causedBy, .paused, .maintenanceWindow, .contested, .quarantined,
                .massChange,
            ]
        case .edgeRepublish:
            [
                .evidenceUnknown, .evidenceStale, .badHostname, .identityMismatch, .causedBy, .foreignRecord,
                .addressUnconfirmed, .billingSuppressed, .paused, .maintenanceWindow, .operationInFlight, .agentBusy,
                .agentNotReady, .proxmoxLocked, .foreignTask, .contested, .quarantined, .massChange,
            ]
        // Nothing is done that a guard could hold back: what stands against it is told to the person who does it.
        // Only whose agent it was that spoke is asked before that.
        case .power: [.evidenceUnknown, .evidenceStale, .causedBy, .addressUnconfirmed]
        case .byPerson: [.evidenceUnknown, .evidenceStale, .causedBy]
        case .nothing: [.causedBy]
        }
    }
}
