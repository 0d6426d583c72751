internal import Core

/// An attempt that has begun and not ended: it is ended by what a fresh read shows, never by what was meant.
struct OpenAttempt {
    var id: String
    var action: Action
    /// Nil for an attempt at the edge.
    var operation: String?
    var drift: OpenDrift
    var attempt: Int
    var cycle: Int64

    /// What stands in the row afterwards.
    private var wanted: String { action == .failStuckOperation ? "failed" : "stale" }

    /// Waits for the end of an act of it that is still being committed: what was read before that says nothing of it.
    func wait(in session: PostgresSession) throws(PostgresError) {
        _ = try session.rows("select from controller.repair_step s where s.intent_id = $1 for update", [id])
    }

    func look(in session: PostgresSession) throws(PostgresError) -> RepairOutcome {
        guard let operation else { return .unknown("only a look at the service says how it ended") }
        let rows = try session.rows(
            "select o.status from controller.desired_operation o where o.id = $1", [operation])
        guard let status = rows.first?.first.flatMap({ $0 }) else {
            return .notVerified("operation \(operation) is not to be seen any more")
        }
        guard status == wanted else { return .notVerified("operation \(operation) is \(status), not \(wanted)") }
        // Written in the transaction of the act: without it whoever ended the operation was somebody else.
        let own = try session.rows(
            "select from controller.repair_step s where s.intent_id = $1 and s.answer = 'done'", [id])
        return own.isEmpty ? .refused("somebody else made it \(wanted)") : .verified
    }

    /// One that has been ended already is left as it is: an end whose commit took longer than anybody waited for is told once.
    func end(_ outcome: RepairOutcome, lease: Lease, in session: PostgresSession) throws(PostgresError) {
        let (state, why): (JournalEntry.Outcome, String?) =
            switch outcome {
            case .verified: (.verified, nil)
            case .notVerified(let why): (.notVerified, why)
            case .refused(let why): (.refused, why)
            case .unknown(let why): (.unknown, why)
            case .compensated(let why): (.compensated, why)
            }
        let ended = try session.rows(
            """
            update controller.repair_intent set state = $2, why = $3, ended_at = clock_timestamp()
             where id = $1 and state = 'open' returning id
            """, [id, state.rawValue, why])
        if ended.isEmpty { return }
        _ = try session.rows(
            "update controller.repair_step set checked_at = clock_timestamp(), seen = $2 where intent_id = $1",
            [id, why ?? (operation == nil ? "as wanted" : wanted)])
        var row = EventRow(JournalEntry(state, drift, detail: why), lease, cycle: cycle)
        row.attemptOf = (id, attempt)
        row.step = action.rawValue
        try row.insert(in: session)
        try IncidentRows.note(outcome, of: action, drift: drift.id, in: session)
    }
}

extension OpenAttempt {
    /// An attempt of this process.
    init(_ intent: Intent) {
        self.init(
            id: intent.id, action: intent.act.action, operation: intent.act.operation?.id, drift: intent.drift,
            attempt: intent.attempt, cycle: intent.cycle)
    }
}
