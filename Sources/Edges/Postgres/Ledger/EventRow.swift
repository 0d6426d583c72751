internal import Core

/// One row of `controller.repair_event` about a step of a repair; what a round changed goes in by the thousand, see
/// ``JournalStore``.
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
