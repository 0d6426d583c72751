/// One row of `controller.desired_instance`, understood.
package struct DesiredInstance: Equatable, Sendable {
    package enum ContainerType: String, CaseIterable, Sendable { case game, dev }
    package enum Power: String, CaseIterable, Sendable { case running, stopped }
    package enum Status: String, CaseIterable, Sendable {
        case provisioning, active, failed
        case pendingReconciliation = "pending_reconciliation"
        case terminating
    }

    package var key: InstanceKey
    package var customer: String?
    package var ctype: ContainerType
    /// One DNS label as the platform wrote it; ``HostName/canonical(_:)`` compares.
    package var hostname: String
    /// Where it was placed: a hint, guests may migrate.
    package var node: String?
    /// Canonical text without a prefix length; nil until known.
    package var address: String?
    package var game: String?
    package var variant: String?
    package var port: Int?
    package var power: Power
    package var status: Status

    package init(
        key: InstanceKey, customer: String?, ctype: ContainerType, hostname: String, node: String?, address: String?,
        game: String?, variant: String?, port: Int?, power: Power, status: Status
    ) {
        self.key = key
        self.customer = customer
        self.ctype = ctype
        self.hostname = hostname
        self.node = node
        self.address = address
        self.game = game
        self.variant = variant
        self.port = port
        self.power = power
        self.status = status
    }

    package var vmid: VMID { key.vmid }

    /// Its address where that can be held against the guest's own interfaces: of those only the IPv4 addresses are read.
    package var ipv4: String? { address.flatMap { DNSName.ipv4($0) == nil ? nil : $0 } }
}

/// One row of `controller.desired_operation`: live, or ended in the last 30 days.
package struct DesiredOperation: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable { case create, delete, start, stop, restart, backup, restore }
    package enum Status: String, CaseIterable, Sendable {
        case queued, running, ready, failed, stale
        case pendingReconciliation = "pending_reconciliation"
    }

    package var id: String
    package var idempotencyKey: String?
    package var customer: String?
    /// Nil until allocated.
    package var vmid: VMID?
    package var kind: Kind
    package var queue: String
    /// The BullMQ job; nil means the operation's own id.
    package var jobID: String?
    package var status: Status
    package var phase: String?
    package var attempts: Int
    package var enqueuedAt: Timestamp
    package var startedAt: Timestamp?
    package var heartbeatAt: Timestamp?
    package var leaseExpiresAt: Timestamp?
    package var finishedAt: Timestamp?

    package init(
        id: String, idempotencyKey: String?, customer: String?, vmid: VMID?, kind: Kind, queue: String, jobID: String?,
        status: Status, phase: String?, attempts: Int, enqueuedAt: Timestamp, startedAt: Timestamp?,
        heartbeatAt: Timestamp?, leaseExpiresAt: Timestamp?, finishedAt: Timestamp?
    ) {
        self.id = id
        self.idempotencyKey = idempotencyKey
        self.customer = customer
        self.vmid = vmid
        self.kind = kind
        self.queue = queue
        self.jobID = jobID
        self.status = status
        self.phase = phase
        self.attempts = attempts
        self.enqueuedAt = enqueuedAt
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.leaseExpiresAt = leaseExpiresAt
        self.finishedAt = finishedAt
    }

    /// Queued or running: it owns its instance.
    package var isLive: Bool { status == .queued || status == .running }
}

/// One row of `controller.desired_billing`.
package struct BillingRow: Equatable, Sendable {
    package enum Status: String, CaseIterable, Sendable {
        case active, suspended, retained
        case pastDue = "past_due"
        case overdueWarning = "overdue_warning"
        case pendingDeletion = "pending_deletion"
    }
    package enum ServerState: String, CaseIterable, Sendable {
        case allowed, retained
        case backupBlocked = "backup_blocked"
        case suspendedShutdown = "suspended_shutdown"
    }

    package var customer: String
    /// Nil when the row holds a word that is not understood: such a customer counts as suppressed.
    package var status: Status?
    package var serverState: ServerState?

    package init(customer: String, status: Status?, serverState: ServerState?) {
        self.customer = customer
        self.status = status
        self.serverState = serverState
    }
}

/// One row of `controller.retired_instance`: a life that ended in the last 30 days. VMIDs repeat.
package struct RetiredInstance: Equatable, Sendable {
    package var vmid: VMID
    package var externalID: ExternalID?
    package var customer: String?
    package var hostname: String
    package var game: String?
    package var deletedAt: Timestamp

    package init(
        vmid: VMID, externalID: ExternalID?, customer: String?, hostname: String, game: String?, deletedAt: Timestamp
    ) {
        self.vmid = vmid
        self.externalID = externalID
        self.customer = customer
        self.hostname = hostname
        self.game = game
        self.deletedAt = deletedAt
    }
}

/// A row that could not be understood. It makes its own instance unknown, hides no other, and never counts as deleted.
package struct UnreadableRow: Equatable, Sendable {
    package enum Table: String, CaseIterable, Sendable { case instance, operation, billing, retired }

    package var table: Table
    /// What could be read of it.
    package var vmid: VMID?
    package var externalID: ExternalID?
    package var hostname: String?
    /// For a person: which column, what is wrong with it. Never a value of an unbounded column.
    package var why: String

    package init(table: Table, vmid: VMID?, externalID: ExternalID?, hostname: String?, why: String) {
        self.table = table
        self.vmid = vmid
        self.externalID = externalID
        self.hostname = hostname
        self.why = why
    }
}

/// One row of `controller.active_pause`; without a VMID the whole fleet is paused.
package struct Pause: Equatable, Sendable {
    package var vmid: VMID?
    package var since: Timestamp
    package var until: Timestamp
    package var why: String
    package var by: String

    package init(vmid: VMID?, since: Timestamp, until: Timestamp, why: String, by: String) {
        self.vmid = vmid
        self.since = since
        self.until = until
        self.why = why
        self.by = by
    }
}

/// One row of `controller.accepted_drift`.
package struct Acceptance: Equatable, Sendable {
    package var driftID: String
    package var reason: String
    package var until: Timestamp
    package var by: String

    package init(driftID: String, reason: String, until: Timestamp, by: String) {
        self.driftID = driftID
        self.reason = reason
        self.until = until
        self.by = by
    }
}
