/// Why a drift got its verdict: a closed list, the first that applies, in this order.
package enum Reason: String, CaseIterable, Hashable, Comparable, Sendable {
    case evidenceUnknown = "evidence_unknown"
    case evidenceStale = "evidence_stale"
    case badHostname = "bad_hostname"
    case identityMismatch = "identity_mismatch"
    case causedBy = "caused_by"
    case foreignRecord = "foreign_record"
    case addressUnconfirmed = "address_unconfirmed"
    case billingSuppressed = "billing_suppressed"
    case paused
    case maintenanceWindow = "maintenance_window"
    case operationInFlight = "operation_in_flight"
    case agentBusy = "agent_busy"
    case agentNotReady = "agent_not_ready"
    case proxmoxLocked = "proxmox_locked"
    case foreignTask = "foreign_task"
    case haManaged = "ha_managed"
    case contested
    case quarantined
    case massChange = "mass_change"
    // From here on nothing holds it.
    case policyMatched = "policy_matched"
    case observeOnly = "observe_only"
    case noPolicy = "no_policy"
    case approvalMissing = "approval_missing"
    case approvalExpired = "approval_expired"
    case planChanged = "plan_changed"
    case noAction = "no_action"
    case personOnly = "person_only"

    package var order: Int { Reason.orders[self]! }
    private static let orders = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
    package static func < (a: Reason, b: Reason) -> Bool { a.order < b.order }

    /// Whether this reason is a guard that holds a deed back.
    package var isGuard: Bool { self <= .massChange }
}

/// What would be right to do. It does not depend on mode, leadership or how long one has watched.
package enum Verdict: String, CaseIterable, Hashable, Sendable {
    case repair
    case report
    case approvalRequired = "approval_required"
    case manual
    case held
}

/// Whether this process would do it now.
package enum Execution: String, CaseIterable, Hashable, Sendable {
    case executable
    case dryRun = "dry_run"
    case notLeader = "not_leader"
    case notEnabled = "not_enabled"
    case audit
}

/// What a repair still waits for.
package enum Pending: String, CaseIterable, Hashable, Sendable {
    case notSeenLongEnough = "not_seen_long_enough"
    case backoff
    case budgetSpent = "budget_spent"
}
