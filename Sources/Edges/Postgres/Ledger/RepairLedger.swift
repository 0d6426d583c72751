package import Core

/// Carries out the repairs whose sink is this very database, with a row before each act and one after it.
///
/// A claim, the act and its check are three transactions: whatever happens between them leaves a row that says how far it came.
/// Each of them first makes sure that this process still leads.
package struct RepairLedger: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// Writes down that a repair is about to begin, if everything still is as it was judged.
    ///
    /// - Returns: why it may not begin; nil when it may.
    package func claim(_ intent: Intent, lease: Lease, timeout: Span) async throws(PostgresError) -> String? {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                if let why = try ClaimObstacle.find(intent, lease: lease, in: session) { return why }
                if let why = try obstacle(intent, in: session) { return why }
                let isBegun = try AttemptRow.begin(
                    intent, step: intent.act.action.rawValue, lease: lease, in: session)
                return isBegun ? nil : RepairOutcome.occupiedWords
            }
        }
    }

    /// What has moved since the repair was decided on.
    private func obstacle(_ intent: Intent, in session: PostgresSession) throws(PostgresError) -> String? {
        let drift = intent.drift
        let pauses = try session.rows(
            "select p.by from controller.active_pause p where p.vmid is null or p.vmid = $1::integer limit 1",
            [drift.vmid?.description])
        if !pauses.isEmpty { return "it is paused" }
        if let id = drift.externalID {
            let rows = try session.rows(
                "select from controller.desired_instance i where i.vmid = $1::integer and i.external_id = $2::uuid",
                [drift.vmid?.description, id.description])
            if rows.isEmpty { return "the instance is not desired any more, or is another one" }
        }
        guard let seen = intent.act.operation else { return "it is no repair of an operation" }
        let rows = try session.rows(
            """
            select from controller.desired_operation o
             where o.id = $1 and o.status = $2 and o.phase is not distinct from $3 and o.attempts = $4::integer
               and o.heartbeat_at is not distinct from \(moment(5)) and o.lease_expires_at is not distinct from \(moment(6))
            """, seen.seen)
        if !rows.isEmpty, try !isOtherWork(seen, in: session, wasGivenBack: false) { return nil }
        return "the operation has moved since it was judged"
    }

    /// Whether it is other work by now: by its job, its queue, its VMID or when it was given. That its job is gone and its guest is not
    /// there was seen of these, and the platform's own compare-and-set knows nothing of them.
    ///
    /// - Parameter wasGivenBack: after that compare-and-set, in which a platform may release VMID and job: what is null says nothing.
    private func isOtherWork(
        _ seen: DesiredOperation, in session: PostgresSession, wasGivenBack: Bool
    ) throws(PostgresError) -> Bool {
        func differs(_ column: String, _ value: String) -> String {
            "(\(wasGivenBack ? "\(column) is not null and " : "")\(column) is distinct from \(value))"
        }
        let rows = try session.rows(
            """
            select from controller.desired_operation o
             where o.id = $1 and (o.kind <> $2 or \(differs("o.vmid", "$3::integer")) or \(differs("o.queue", "$4"))
               or \(differs("o.job_id", "$5")) or \(differs("o.enqueued_at", moment(6))))
            """, seen.work)
        return !rows.isEmpty
    }

    /// Does it: a compare-and-set of the platform's own, and what it answered, in one transaction.
    ///
    /// - Parameter fresh: how long ago its claim may be, at most.
    /// - Returns: false when the database found that something has moved, or that another one leads: then nothing is written.
    package func act(
        _ intent: Intent, lease: Lease, fresh: Span, timeout: Span
    ) async throws(PostgresError) -> Bool {
        guard let operation = intent.act.operation else { return false }
        let seen = operation.seen
        return try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                // The functions ask for it, too; here it is what lets a successor in soon when this process stands still.
                guard try lease.holds(in: session) else { return false }
                guard try isFresh(intent, fresh, in: session) else { return false }
                _ = try session.rows("savepoint before_act")
                let values = "$1, $7::bigint, $8::uuid, $2, $3, $4::integer, \(moment(5)), \(moment(6))"
                let parameters = seen + [String(lease.epoch), lease.holder.description]
                let rows: [[String?]]
                switch intent.act {
                case .clearStaleOperationLock:
                    rows = try session.rows("select controller.mark_operation_stale(\(values))", parameters)
                case .failStuckOperation(_, let reason):
                    rows = try session.rows(
                        "select controller.fail_stuck_operation(\(values), $9)", parameters + [reason])
                case .edgeRepublish: return false
                }
                // The row is locked by now: nothing of it moves to the end of this transaction.
                let isDone =
                    if rows == [["t"]] {
                        try !isOtherWork(operation, in: session, wasGivenBack: true)
                    } else { false }
                if !isDone { _ = try session.rows("rollback to savepoint before_act") }
                _ = try session.rows(
                    """
                    update controller.repair_step set answered_at = clock_timestamp(), answer = $2
                     where intent_id = $1 and answered_at is null
                    """, [intent.id, isDone ? "done" : "moved"])
                try EventRow(
                    intent, .answered, lease, step: intent.act.action.rawValue, detail: isDone ? "done" : "moved"
                ).insert(in: session)
                return isDone
            }
        }
    }

    /// Whether its claim is a moment old: a process that stood still since then knows nothing any more of what it rests on, and may
    /// hold the row all the same. By the clock of the server, on which it cannot stand still.
    private func isFresh(
        _ intent: Intent, _ fresh: Span, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        let rows = try session.rows(
            """
            select from controller.repair_intent i
             where i.id = $1 and i.state = 'open'
               and i.created_at > statement_timestamp() - $2::bigint * interval '1 microsecond'
            """, [intent.id, String(fresh.microseconds)])
        return !rows.isEmpty
    }

    /// Reads what the act left behind, and ends the attempt by it.
    package func check(_ intent: Intent, lease: Lease, timeout: Span) async throws(PostgresError) -> RepairOutcome {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return .unknown("another controller leads, and will look") }
                let open = OpenAttempt(intent)
                try open.wait(in: session)
                let outcome = try open.look(in: session)
                try open.end(outcome, lease: lease, in: session)
                return outcome
            }
        }
    }

    /// Ends an attempt that was claimed and refused.
    package func refuse(_ intent: Intent, why: String, lease: Lease, timeout: Span) async throws(PostgresError) {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return }
                let open = OpenAttempt(intent)
                try open.end(.refused(why), lease: lease, in: session)
            }
        }
    }
}

extension DesiredOperation {
    /// Id, status, phase, attempts, heartbeat and lease, as parameters.
    fileprivate var seen: [String?] {
        [id, status.rawValue, phase, String(attempts), heartbeatAt?.parameter, leaseExpiresAt?.parameter]
    }

    /// Id, kind, VMID, queue, job and when it was given, as parameters.
    fileprivate var work: [String?] {
        [id, kind.rawValue, vmid?.description, queue, jobID, enqueuedAt.parameter]
    }
}
