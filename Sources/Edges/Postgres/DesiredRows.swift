internal import Core

/// The queries of one reading and how their rows become values. Times come as text in UTC with all six digits
/// PostgreSQL keeps.
enum DesiredRows {
    static let instances = """
        select vmid::text, external_id::text, customer_id::text, ctype::text, hostname::text, node::text, ip::text,
               game::text, variant::text, port::text, desired_power::text, status::text
          from controller.desired_instance
        """
    static let instancesInOrder = "\(instances) order by desired_instance.vmid, desired_instance.external_id"
    static let instancesUnder = """
        \(instances) where vmid = $1::integer order by desired_instance.vmid, desired_instance.external_id
        """
    /// Every row that claims a VMID, an identity, a host name or an address: `$1` to `$4`.
    static let instancesAround = """
        \(instances) where vmid = $1::integer or external_id = $2::uuid
            or lower(rtrim(split_part(hostname::text, '.', 1), '.')) = lower($3)
            or split_part(ip::text, '/', 1) = $4
          order by desired_instance.vmid, desired_instance.external_id
        """

    static func instance(_ fields: inout FieldReader) -> DesiredInstance? {
        let vmid = fields.vmid(0)
        if vmid == nil { fields.fail("vmid", "null") }
        let externalID = fields.externalID(1)
        if externalID == nil { fields.fail("external_id", "null") }
        let ctype: DesiredInstance.ContainerType? = fields.word(3, "ctype")
        let hostname = fields.required(4, "hostname")
        let address = fields.address(6, "ip")
        let port = fields.integer(9, "port", in: 1...65_535)
        let power: DesiredInstance.Power? = fields.word(10, "desired_power")
        let status: DesiredInstance.Status? = fields.word(11, "status")
        guard fields.why == nil, let vmid, let externalID, let ctype, let power, let status else { return nil }
        return DesiredInstance(
            key: InstanceKey(vmid: vmid, externalID: externalID), customer: fields.optional(2), ctype: ctype,
            hostname: hostname, node: fields.optional(5), address: address, game: fields.optional(7),
            variant: fields.optional(8), port: port, power: power, status: status)
    }

    static let operations = """
        select vmid::text, id::text, idempotency_key::text, customer_id::text, kind::text, queue::text, job_id::text,
               status::text, phase::text, attempts::text, enqueued_at::text, started_at::text, heartbeat_at::text,
               lease_expires_at::text, finished_at::text
          from controller.desired_operation
        """
    static let operationsInOrder = "\(operations) order by desired_operation.id::text collate \"C\""
    static let operationsOf = """
        \(operations) where vmid = $1::integer order by desired_operation.id::text collate "C"
        """

    static func operation(_ fields: inout FieldReader) -> DesiredOperation? {
        let vmid = fields.vmid(0)
        let id = fields.required(1, "id")
        let kind: DesiredOperation.Kind? = fields.word(4, "kind")
        let queue = fields.required(5, "queue")
        let status: DesiredOperation.Status? = fields.word(7, "status")
        let attempts = fields.integer(9, "attempts", in: 0...Int(Int32.max))
        if fields.isNull(9) { fields.fail("attempts", "null") }
        let enqueued = fields.requiredTime(10, "enqueued_at")
        let started = fields.time(11, "started_at")
        let heartbeat = fields.time(12, "heartbeat_at")
        let lease = fields.time(13, "lease_expires_at")
        let finished = fields.time(14, "finished_at")
        guard fields.why == nil, let kind, let status, let attempts else { return nil }
        return DesiredOperation(
            id: id, idempotencyKey: fields.optional(2), customer: fields.optional(3), vmid: vmid, kind: kind,
            queue: queue, jobID: fields.optional(6), status: status, phase: fields.optional(8), attempts: attempts,
            enqueuedAt: enqueued, startedAt: started, heartbeatAt: heartbeat, leaseExpiresAt: lease,
            finishedAt: finished)
    }

    static let billing = """
        select customer_id::text, billing_status::text, server_billing_state::text
          from controller.desired_billing
        """
    static let billingInOrder = "\(billing) order by desired_billing.customer_id::text collate \"C\""
    static let billingOf = """
        \(billing) where customer_id::text in (select i.customer_id::text from controller.desired_instance i
                                                where i.vmid = $1::integer or i.external_id = $2::uuid)
          order by desired_billing.customer_id::text collate "C"
        """

    /// A word that is not known leaves the row with nil, which counts as suppressed, and is reported too.
    static func billingRow(_ fields: inout FieldReader) -> BillingRow? {
        let customer = fields.required(0, "customer_id")
        guard fields.why == nil else { return nil }
        let status: BillingRow.Status? = fields.word(1, "billing_status")
        let serverState: BillingRow.ServerState? = fields.word(2, "server_billing_state")
        return BillingRow(customer: customer, status: status, serverState: serverState)
    }

    static let retired = """
        select vmid::text, external_id::text, customer_id::text, hostname::text, game::text, deleted_at::text
          from controller.retired_instance
        """
    static let retiredInOrder = "\(retired) order by retired_instance.vmid, retired_instance.id"
    static let retiredUnder = "\(retired) where vmid = $1::integer order by retired_instance.vmid, retired_instance.id"

    static func retiredInstance(_ fields: inout FieldReader) -> RetiredInstance? {
        let vmid = fields.vmid(0)
        if vmid == nil { fields.fail("vmid", "null") }
        let externalID = fields.externalID(1)
        let hostname = fields.required(3, "hostname")
        let deleted = fields.requiredTime(5, "deleted_at")
        guard fields.why == nil, let vmid else { return nil }
        return RetiredInstance(
            vmid: vmid, externalID: externalID, customer: fields.optional(2), hostname: hostname,
            game: fields.optional(4), deletedAt: deleted)
    }

    static let pauses = """
        select vmid::text, since::text, until::text, reason::text, by::text from controller.active_pause
         order by active_pause.since, active_pause.vmid
        """

    static func pause(_ fields: inout FieldReader) -> Pause? {
        let vmid = fields.vmid(0)
        let since = fields.requiredTime(1, "since")
        let until = fields.requiredTime(2, "until")
        guard fields.why == nil else { return nil }
        return Pause(
            vmid: vmid, since: since, until: until, why: fields.optional(3) ?? "", by: fields.optional(4) ?? "")
    }

    static let accepted = """
        select drift_id::text, reason::text, until::text, by::text from controller.accepted_drift
         order by accepted_drift.drift_id collate "C"
        """

    static func acceptance(_ fields: inout FieldReader) -> Acceptance? {
        let id = fields.required(0, "drift_id")
        let until = fields.requiredTime(2, "until")
        guard fields.why == nil else { return nil }
        return Acceptance(driftID: id, reason: fields.optional(1) ?? "", until: until, by: fields.optional(3) ?? "")
    }
}
