internal import Core

/// The rows that an attempt begins with: one of `controller.repair_intent`, its first step, and that it was asked for.
enum AttemptRow {
    /// - Parameters:
    ///   - change: of the edge, as JSON; nil for a repair of an operation.
    ///   - step: what is about to be done.
    /// - Returns: whether it may begin: false while another one of the same server or operation is open.
    static func begin(
        _ intent: Intent, change: String? = nil, step: String, detail: String? = nil, lease: Lease,
        in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        let drift = intent.drift
        let made = try session.rows(
            """
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, vmid, external_id, hostname, operation_id, attempt, epoch, cycle, policies,
               change)
            values ($1, $2, $3, $4, $5::integer, $6::uuid, $7, $8, $9::integer, $10::bigint, $11::bigint, $12, $13::jsonb)
            on conflict do nothing returning id
            """,
            [
                intent.id, drift.id, drift.kind.rawValue, intent.act.action.rawValue, drift.vmid?.description,
                drift.externalID?.description, drift.hostname, intent.act.operation?.id, String(intent.attempt),
                String(intent.epoch), String(intent.cycle), intent.policies, change,
            ])
        if made.isEmpty { return false }
        _ = try session.rows(
            "insert into controller.repair_step (intent_id, name) values ($1, $2)", [intent.id, step])
        try EventRow(intent, .asked, lease, step: step, detail: detail).insert(in: session)
        return true
    }
}
