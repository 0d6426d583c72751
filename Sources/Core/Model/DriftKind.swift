/// Every kind of drift there is. Names are the contract's; the order is that of the report.
package enum DriftKind: String, CaseIterable, Hashable, Comparable, Sendable {
    case containerMissing = "container.missing"
    case containerOrphan = "container.orphan"
    case containerIdentityMismatch = "container.identity_mismatch"
    case containerStopped = "container.stopped"
    case containerRunning = "container.running"
    case containerSuspendedRunning = "container.suspended_running"
    case containerNodeChanged = "container.node_changed"
    case containerNodeOffline = "container.node_offline"
    case containerAddressChanged = "container.address_changed"
    case containerLocked = "container.locked"
    case agentUnreachable = "agent.unreachable"
    case agentNotReady = "agent.not_ready"
    case agentCrashed = "agent.crashed"
    case publicAMissing = "dns.public.a_missing"
    case publicAWrong = "dns.public.a_wrong"
    case publicADuplicate = "dns.public.a_duplicate"
    case publicSRVMissing = "dns.public.srv_missing"
    case publicSRVWrong = "dns.public.srv_wrong"
    case publicSRVDuplicate = "dns.public.srv_duplicate"
    case publicOrphan = "dns.public.orphan"
    case internalAMissing = "dns.internal.a_missing"
    case internalAWrong = "dns.internal.a_wrong"
    case internalADuplicate = "dns.internal.a_duplicate"
    case internalSRVMissing = "dns.internal.srv_missing"
    case internalSRVWrong = "dns.internal.srv_wrong"
    case internalSRVDuplicate = "dns.internal.srv_duplicate"
    case internalOrphan = "dns.internal.orphan"
    case velocityMissing = "velocity.missing"
    case velocityWrongAddress = "velocity.wrong_address"
    case velocityGhost = "velocity.ghost"
    case operationStale = "operation.stale"
    case operationStuck = "operation.stuck"
    case operationUncertain = "operation.uncertain"
    case allocationDuplicateVMID = "allocation.duplicate_vmid"
    case allocationDuplicateHostname = "allocation.duplicate_hostname"
    case allocationDuplicateIP = "allocation.duplicate_ip"
    case queueStalled = "queue.stalled"
    case queueBacklog = "queue.backlog"
    case queueNoWorker = "queue.no_worker"

    package static func < (a: DriftKind, b: DriftKind) -> Bool { a.order < b.order }
    package var order: Int { DriftKind.orders[self]! }
    private static let orders = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}

/// What would be done about a drift, by how much it could disturb. The level belongs to the deed, not to the finding.
package enum Level: Int, CaseIterable, Hashable, Comparable, Sendable {
    /// Nothing: it is reported.
    case report = 0
    /// Safe and reversible: automatic.
    case automatic = 1
    /// Disruptive: an operator is asked.
    case disruptive = 2
    /// Destructive: a person does it; the controller cannot.
    case destructive = 3

    package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
}

/// What the controller knows how to do. There is no destructive case: Level 3 cannot be expressed.
package enum Action: String, CaseIterable, Hashable, Sendable {
    case clearStaleOperationLock = "clear_stale_operation_lock"
    case failStuckOperation = "fail_stuck_operation"
    case edgeRepublish = "edge_republish"
}

extension DriftKind {
    package var level: Level {
        switch self {
        case .containerMissing, .containerOrphan, .containerIdentityMismatch, .publicOrphan, .internalOrphan,
            .allocationDuplicateVMID, .allocationDuplicateHostname, .allocationDuplicateIP:
            .destructive
        case .containerStopped, .containerRunning, .containerSuspendedRunning, .containerNodeOffline, .agentUnreachable,
            .agentCrashed, .velocityGhost, .operationUncertain:
            .disruptive
        case .containerNodeChanged, .containerAddressChanged, .containerLocked, .agentNotReady, .queueStalled,
            .queueBacklog, .queueNoWorker:
            .report
        case .publicAMissing, .publicAWrong, .publicADuplicate, .publicSRVMissing, .publicSRVWrong, .publicSRVDuplicate,
            .internalAMissing, .internalAWrong, .internalADuplicate, .internalSRVMissing, .internalSRVWrong,
            .internalSRVDuplicate, .velocityMissing, .velocityWrongAddress, .operationStale, .operationStuck:
            .automatic
        }
    }

    /// The action that would mend it; nil where a person has to.
    package var action: Action? {
        switch self {
        case .publicAMissing, .publicAWrong, .publicADuplicate, .publicSRVMissing, .publicSRVWrong, .publicSRVDuplicate,
            .internalAMissing, .internalAWrong, .internalADuplicate, .internalSRVMissing, .internalSRVWrong,
            .internalSRVDuplicate, .velocityMissing, .velocityWrongAddress:
            .edgeRepublish
        case .operationStale: .clearStaleOperationLock
        case .operationStuck: .failStuckOperation
        default: nil
        }
    }

    package var plane: Plane {
        switch self {
        case .containerMissing, .containerOrphan, .containerIdentityMismatch, .containerStopped, .containerRunning,
            .containerSuspendedRunning, .containerNodeChanged, .containerNodeOffline, .containerAddressChanged,
            .containerLocked:
            .proxmox
        case .agentUnreachable, .agentNotReady, .agentCrashed: .agents
        case .publicAMissing, .publicAWrong, .publicADuplicate, .publicSRVMissing, .publicSRVWrong, .publicSRVDuplicate,
            .publicOrphan:
            .publicDNS
        case .internalAMissing, .internalAWrong, .internalADuplicate, .internalSRVMissing, .internalSRVWrong,
            .internalSRVDuplicate, .internalOrphan:
            .internalDNS
        case .velocityMissing, .velocityWrongAddress, .velocityGhost: .velocity
        case .operationStale, .operationStuck, .operationUncertain, .allocationDuplicateVMID,
            .allocationDuplicateHostname, .allocationDuplicateIP:
            .database
        case .queueStalled, .queueBacklog, .queueNoWorker: .queues
        }
    }
}
