package import Core

extension OutboxStore {
    /// Writes down which conditions hold: those that are new open, those that hold no more are over.
    ///
    /// - Parameter undecided: groups of which it is not known yet; they stay as they are.
    /// - Returns: false when this process does not lead; nothing is written then.
    package func note(
        _ hold: [Condition], undecided: Undecided, lease: Lease, timeout: Span
    ) async throws(PostgresError) -> Bool {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return false }
                let open = try session.rows(
                    """
                    select group_key, id, coalesce(subject, '') from controller.incident
                     where closed_at is null and topic not in ('drifts', 'leader')
                    """)
                var known: [String: (id: String, subject: String)] = [:]
                for row in open {
                    if let group = row[0], let id = row[1] { known[group] = (id, row[2] ?? "") }
                }
                for condition in hold {
                    if let (id, subject) = known.removeValue(forKey: condition.group) {
                        // It may concern others by now: whoever joins it is told how it stands.
                        try tell(condition.webhooks, of: id, in: session)
                        guard subject != condition.subject else { continue }
                        // A brake with another plan needs another answer.
                        _ = try session.rows(
                            """
                            update controller.incident set subject = $2, text = $3, version = version + 1,
                                   changed_at = clock_timestamp() where id = $1
                            """, [id, condition.subject, condition.text.map { Foreign.text($0, limit: 1000) }])
                    } else {
                        try begin(condition, isOver: false, in: session)
                    }
                }
                for (group, gone) in known where !undecided.contains(group) {
                    _ = try session.rows(
                        """
                        update controller.incident set closed_at = clock_timestamp(), version = version + 1,
                               changed_at = clock_timestamp() where id = $1
                        """, [gone.id])
                }
                return true
            }
        }
    }

    /// Leaders that are told of within an hour. A store that comes and goes would be a flood otherwise.
    static let mostLeaders = 4

    /// Tells that this process leads, once for each epoch; a change too many within an hour is told no more, and the last that is
    /// says so.
    package func noteLeader(
        _ condition: Condition, lease: Lease, timeout: Span
    ) async throws(PostgresError) -> Bool {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return false }
                let known = try session.rows(
                    "select from controller.incident where group_key = $1", [condition.group])
                guard known.isEmpty else { return true }
                let rows = try session.rows(
                    """
                    select count(*) from controller.incident i
                     where i.topic = $1 and i.opened_at > clock_timestamp() - interval '1 hour'
                    """, [condition.topic.rawValue])
                let told = rows.first?.first.flatMap { $0 }.flatMap { Int($0) } ?? 0
                guard told < OutboxStore.mostLeaders else { return true }
                var condition = condition
                if told == OutboxStore.mostLeaders - 1 {
                    condition.text =
                        (condition.text ?? "") + ": the \(told + 1)th change within an hour, no further one is told"
                }
                try begin(condition, isOver: true, in: session)
                return true
            }
        }
    }

    private func begin(
        _ condition: Condition, isOver: Bool, in session: PostgresSession
    ) throws(PostgresError) {
        let rows = try session.rows(
            """
            with again as (
              update controller.incident i
                 set closed_at = null, opened_at = clock_timestamp(), times = i.times + 1, subject = $3, text = $4,
                     version = i.version + 1, changed_at = clock_timestamp()
               where i.id = (select j.id from controller.incident j
                              where j.group_key = $1 and j.closed_at > clock_timestamp()
                                    - \(IncidentGroups.sameWithin.microseconds) * interval '1 microsecond'
                              order by j.closed_at desc limit 1)
              returning i.id
            ), first as (
              insert into controller.incident (id, group_key, topic, level, subject, text, closed_at)
              select $1 || ' ' || extract(epoch from clock_timestamp())::bigint, $1, $2, $5::smallint, $3, $4,
                     case when $6::boolean then clock_timestamp() end
               where not exists (select from again)
              returning id
            )
            select id from again union all select id from first
            """,
            [
                condition.group, condition.topic.rawValue, condition.subject,
                condition.text.map { Foreign.text($0, limit: 1000) }, String(condition.level.rawValue),
                isOver ? "t" : "f",
            ])
        guard let id = rows.first?.first.flatMap({ $0 }) else { return }
        try tell(condition.webhooks, of: id, in: session)
    }

    private func tell(_ webhooks: [String], of incident: String, in session: PostgresSession) throws(PostgresError) {
        for webhook in webhooks {
            _ = try session.rows(
                "insert into controller.outbox (incident, webhook) values ($1, $2) on conflict do nothing",
                [incident, webhook])
        }
    }
}
