internal import Core

/// What stands against a repair whatever it changes. Asked in the transaction of its claim, first of all: what else the claim reads
/// comes after the lock.
enum ClaimObstacle {
    static func find(_ intent: Intent, lease: Lease, in session: PostgresSession) throws(PostgresError) -> String? {
        guard try lease.holds(in: session) else { return "another controller leads" }
        try ClaimLock.share(in: session)
        if let why = try EvidenceAge.obstacle(intent, in: session) { return why }
        if let why = try ApprovalStore.obstacle(intent, in: session) { return why }
        let accepted = try session.rows(
            "select a.by from controller.accepted_drift a where a.drift_id = $1", [intent.drift.id])
        if let by = accepted.first?.first.flatMap({ $0 }) {
            return "the drift has been accepted by \(Foreign.text(by))"
        }
        // By the one clock that all hosts share: theirs may be set, and what another one began counts, too. What lies ahead was begun before
        // that clock was set back.
        let spent = try session.rows(
            """
            select count(*) < $1::integer from controller.repair_intent i
             where i.created_at > statement_timestamp() - interval '1 minute' and i.created_at <= clock_timestamp()
            """, [String(min(intent.budget, Int(Int32.max)))])
        return spent == [["t"]] ? nil : RepairOutcome.overBudgetWords
    }
}
