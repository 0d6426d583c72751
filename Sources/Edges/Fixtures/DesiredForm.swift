import Core

/// Desired state with the column names of the database contract.
struct DesiredForm: Codable {
    var readAt: String
    var instances: [Instance]
    var operations: [Operation]?
    var billing: [Billing]?
    var retired: [Retired]?
    var unreadable: [Unreadable]?
    var pauses: [PauseForm]?
    var accepted: [AcceptanceForm]?
    var past: DriftPastForm?

    struct Instance: Codable {
        var vmid: Int
        var externalId: String
        var customerId: String?
        var ctype: String
        var hostname: String
        var node: String?
        var ip: String?
        var game: String?
        var variant: String?
        var port: Int?
        var desiredPower: String
        var status: String
    }
    struct Operation: Codable {
        var id: String
        var idempotencyKey: String?
        var customerId: String?
        var vmid: Int?
        var kind: String
        var queue: String
        var jobId: String?
        var status: String
        var phase: String?
        var attempts: Int
        var enqueuedAt: String
        var startedAt: String?
        var heartbeatAt: String?
        var leaseExpiresAt: String?
        var finishedAt: String?
    }
    struct Billing: Codable {
        var customerId: String
        /// Null stands for a word that was not understood.
        var billingStatus: String?
        var serverBillingState: String?
    }
    struct Retired: Codable {
        var vmid: Int
        var externalId: String?
        var customerId: String?
        var hostname: String
        var game: String?
        var deletedAt: String
    }
    struct Unreadable: Codable {
        var table: String
        var vmid: Int?
        var externalId: String?
        var hostname: String?
        var why: String
    }
    struct PauseForm: Codable {
        var vmid: Int?
        var since: String
        var until: String
        var reason: String
        var by: String
    }
    struct AcceptanceForm: Codable {
        var driftId: String
        var reason: String
        var until: String
        var by: String
    }
}

extension DesiredForm {
    init(_ desired: DesiredState) {
        readAt = desired.readAt.exact
        instances = desired.instances.map(Instance.init)
        operations = desired.operations.map(Operation.init)
        billing = desired.billing.map {
            Billing(
                customerId: $0.customer, billingStatus: $0.status?.rawValue,
                serverBillingState: $0.serverState?.rawValue)
        }
        retired = desired.retired.map {
            Retired(
                vmid: Int($0.vmid.number), externalId: $0.externalID?.description, customerId: $0.customer,
                hostname: $0.hostname, game: $0.game, deletedAt: $0.deletedAt.exact)
        }
        unreadable = desired.unreadable.map {
            Unreadable(
                table: $0.table.rawValue, vmid: $0.vmid.map { Int($0.number) }, externalId: $0.externalID?.description,
                hostname: $0.hostname, why: $0.why)
        }
        pauses = desired.pauses.map {
            PauseForm(
                vmid: $0.vmid.map { Int($0.number) }, since: $0.since.exact, until: $0.until.exact, reason: $0.why,
                by: $0.by)
        }
        accepted = desired.accepted.map {
            AcceptanceForm(driftId: $0.driftID, reason: $0.reason, until: $0.until.exact, by: $0.by)
        }
        past = desired.past == DriftPast() ? nil : DriftPastForm(desired.past)
    }

    func desired() throws -> DesiredState {
        DesiredState(
            instances: try instances.map { try $0.instance() },
            operations: try (operations ?? []).map { try $0.operation() },
            billing: try (billing ?? []).map {
                BillingRow(
                    customer: $0.customerId, status: try $0.billingStatus.map(BillingRow.Status.init(word:)),
                    serverState: try $0.serverBillingState.map(BillingRow.ServerState.init(word:)))
            },
            retired: try (retired ?? []).map {
                RetiredInstance(
                    vmid: try VMID(form: $0.vmid), externalID: try $0.externalId.map(ExternalID.init(form:)),
                    customer: $0.customerId, hostname: $0.hostname, game: $0.game,
                    deletedAt: try Timestamp(exact: $0.deletedAt))
            },
            unreadable: try (unreadable ?? []).map {
                UnreadableRow(
                    table: try UnreadableRow.Table(word: $0.table), vmid: try $0.vmid.map(VMID.init(form:)),
                    externalID: try $0.externalId.map(ExternalID.init(form:)), hostname: $0.hostname, why: $0.why)
            },
            pauses: try (pauses ?? []).map {
                Pause(
                    vmid: try $0.vmid.map(VMID.init(form:)), since: try Timestamp(exact: $0.since),
                    until: try Timestamp(exact: $0.until), why: $0.reason, by: $0.by)
            },
            accepted: try (accepted ?? []).map {
                Acceptance(driftID: $0.driftId, reason: $0.reason, until: try Timestamp(exact: $0.until), by: $0.by)
            },
            readAt: try Timestamp(exact: readAt), past: try past?.past() ?? DriftPast())
    }
}

extension DesiredForm.Instance {
    init(_ row: DesiredInstance) {
        vmid = Int(row.vmid.number)
        externalId = row.key.externalID.description
        customerId = row.customer
        ctype = row.ctype.rawValue
        hostname = row.hostname
        node = row.node
        ip = row.address
        game = row.game
        variant = row.variant
        port = row.port
        desiredPower = row.power.rawValue
        status = row.status.rawValue
    }

    func instance() throws -> DesiredInstance {
        DesiredInstance(
            key: InstanceKey(vmid: try VMID(form: vmid), externalID: try ExternalID(form: externalId)),
            customer: customerId, ctype: try DesiredInstance.ContainerType(word: ctype), hostname: hostname, node: node,
            address: ip, game: game, variant: variant, port: port, power: try DesiredInstance.Power(word: desiredPower),
            status: try DesiredInstance.Status(word: status))
    }
}

extension DesiredForm.Operation {
    init(_ row: DesiredOperation) {
        id = row.id
        idempotencyKey = row.idempotencyKey
        customerId = row.customer
        vmid = row.vmid.map { Int($0.number) }
        kind = row.kind.rawValue
        queue = row.queue
        jobId = row.jobID
        status = row.status.rawValue
        phase = row.phase
        attempts = row.attempts
        enqueuedAt = row.enqueuedAt.exact
        startedAt = row.startedAt?.exact
        heartbeatAt = row.heartbeatAt?.exact
        leaseExpiresAt = row.leaseExpiresAt?.exact
        finishedAt = row.finishedAt?.exact
    }

    func operation() throws -> DesiredOperation {
        DesiredOperation(
            id: id, idempotencyKey: idempotencyKey, customer: customerId, vmid: try vmid.map(VMID.init(form:)),
            kind: try DesiredOperation.Kind(word: kind), queue: queue, jobID: jobId,
            status: try DesiredOperation.Status(word: status), phase: phase, attempts: attempts,
            enqueuedAt: try Timestamp(exact: enqueuedAt), startedAt: try startedAt.map(Timestamp.init(exact:)),
            heartbeatAt: try heartbeatAt.map(Timestamp.init(exact:)),
            leaseExpiresAt: try leaseExpiresAt.map(Timestamp.init(exact:)),
            finishedAt: try finishedAt.map(Timestamp.init(exact:)))
    }
}
