package import Core

/// Keeps what changed in `controller.repair_event`, and what is open in `controller.open_drift`, in one transaction.
package struct JournalStore: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// - Returns: false when this process does not lead any more; nothing is written then.
    package func write(
        _ entries: [JournalEntry], lease: Lease, cycle: Int64, timeout: Span
    ) async throws(PostgresError) -> Bool {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return false }
                for entry in entries {
                    try EventRow(entry, lease, cycle: cycle).insert(in: session)
                    try keep(entry, in: session)
                }
                return true
            }
        }
    }

    private func keep(_ entry: JournalEntry, in session: PostgresSession) throws(PostgresError) {
        let drift = entry.drift
        if entry.outcome == .closed {
            _ = try session.rows("delete from controller.open_drift d where d.drift_id = $1", [drift.id])
            return
        }
        _ = try session.rows(
            """
            insert into controller.open_drift as d
              (drift_id, drift_kind, vmid, external_id, hostname, level, action, verdict, reason, since, would_repair)
            values ($1, $2, $3::integer, $4::uuid, $5, $6::smallint, $7, $8, $9, \(moment(10)), $11::boolean)
            on conflict (drift_id) do update
               set level = excluded.level, action = excluded.action, verdict = excluded.verdict,
                   reason = excluded.reason, would_repair = excluded.would_repair
            """,
            [
                drift.id, drift.kind.rawValue, drift.vmid?.description, drift.externalID?.description, drift.hostname,
                String(drift.level.rawValue), drift.action?.rawValue, drift.verdict.rawValue, drift.reason.rawValue,
                drift.since.parameter, drift.wouldRepair ? "t" : "f",
            ])
    }
}

/// One row of `controller.repair_event`.
struct EventRow {
    var drift: OpenDrift
    var outcome: JournalEntry.Outcome
    var epoch: Int64
    var cycle: Int64
    /// The attempt that it is about, by id and number.
    var attemptOf: (id: String, number: Int)?
    var step: String?
    var detail: String?

    init(_ entry: JournalEntry, _ lease: Lease, cycle: Int64) {
        (drift, outcome, detail) = (entry.drift, entry.outcome, entry.detail)
        (epoch, self.cycle) = (lease.epoch, cycle)
    }

    init(_ intent: Intent, _ outcome: JournalEntry.Outcome, _ lease: Lease, step: String?, detail: String?) {
        (drift, epoch, cycle) = (intent.drift, lease.epoch, intent.cycle)
        (self.outcome, self.step, self.detail) = (outcome, step, detail)
        attemptOf = (intent.id, intent.attempt)
    }

    func insert(in session: PostgresSession) throws(PostgresError) {
        _ = try session.rows(
            """
            insert into controller.repair_event
              (epoch, cycle, vmid, external_id, hostname, drift_id, drift_kind, level, action, verdict, reason,
               intent_id, attempt, step, outcome, detail)
            values ($1::bigint, $2::bigint, $3::integer, $4::uuid, $5, $6, $7, $8::smallint, $9, $10, $11,
               $12, $13::integer, $14, $15, case when $16::text is null then null
                 else jsonb_build_object('text', $16::text) end)
            """,
            [
                String(epoch), String(cycle), drift.vmid?.description, drift.externalID?.description, drift.hostname,
                drift.id, drift.kind.rawValue, String(drift.level.rawValue), drift.action?.rawValue,
                drift.verdict.rawValue, drift.reason.rawValue, attemptOf?.id,
                attemptOf.map { String($0.number) }, step,
                outcome.rawValue, detail.map { Foreign.text($0, limit: 2000) },
            ])
    }
}
