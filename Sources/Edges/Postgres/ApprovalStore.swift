package import Core

/// Answers to plans, in `controller.approval`, and what an approval covers once it is taken up. Needs what `zlh_run` has.
package struct ApprovalStore: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// Answers a plan from now on. The last answer about a plan counts: an approval ends its rejections and approvals that
    /// nobody has taken up yet; a rejection ends every approval of it.
    ///
    /// - Returns: when the answer ends, by the server's clock, and how many earlier ones it ended.
    package func answer(
        _ word: PlanAnswer.Word, plan: String, for span: Span, by: String, timeout: Span
    ) async throws(PostgresError) -> (until: Timestamp, ended: Int) {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                // Whoever answers the same plan at the same time waits: of two answers one is the last.
                _ = try session.rows("select pg_advisory_xact_lock(hashtextextended($1, 8))", [plan])
                let ended = try session.rows(
                    """
                    update controller.approval a set ended_at = clock_timestamp(), ended_by = $2
                     where a.plan_hash = $1 and a.ended_at is null and a.until > clock_timestamp()
                       and ($3 = 'reject' or a.redeemed_at is null)
                    returning a.id
                    """, [plan, by, word.rawValue])
                let rows = try session.rows(
                    """
                    insert into controller.approval as a (plan_hash, answer, by, at, until)
                    select $1, $2, $3, n.now, n.now + $4::bigint * interval '1 microsecond'
                      from (select clock_timestamp() as now) n
                    returning (extract(epoch from a.until) * 1000000)::bigint
                    """, [plan, word.rawValue, by, String(span.microseconds)])
                guard let until = rows.first?.first.flatMap({ $0 }).flatMap({ Int64($0) }) else {
                    throw PostgresError(.protocol, "the database does not say until when the answer holds")
                }
                // A daemon need not wait for its next round.
                _ = try session.rows("select pg_notify('controller_desired', '')", [])
                return (Timestamp(microseconds: until), ended.count)
            }
        }
    }

    /// Writes down what an approval covers, once, if it still stands and this process still leads.
    ///
    /// - Returns: false when one of that is not so; nothing is written then.
    package func redeem(_ redemption: Redemption, lease: Lease, timeout: Span) async throws(PostgresError) -> Bool {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return false }
                let id = String(redemption.approval)
                let rows = try session.rows(
                    """
                    update controller.approval a set redeemed_at = clock_timestamp(), redeemed_epoch = $3::bigint,
                           redeemed_event = (select coalesce(max(e.id), 0) from controller.repair_event e)
                     where a.id = $1::bigint and a.plan_hash = $2 and a.answer = 'approve' and a.redeemed_at is null
                       and a.ended_at is null and a.until > clock_timestamp()
                    returning a.id
                    """, [id, redemption.plan, String(lease.epoch)])
                guard !rows.isEmpty else { return false }
                var writer = JSONWriter()
                writer.object { json in
                    for (drift, print) in redemption.covers.sorted(by: { $0.key < $1.key }) { json.key(drift, print) }
                }
                _ = try session.rows(
                    """
                    insert into controller.approval_cover (approval_id, drift_id, fingerprint)
                    select $1::bigint, c.key, c.value from jsonb_each_text($2::jsonb) c
                    """, [id, String(decoding: writer.bytes, as: UTF8.self)])
                return true
            }
        }
    }

    /// Why a repair that rests on an approval may not begin, asked in the transaction of its claim; nil when it may.
    static func obstacle(_ intent: Intent, in session: PostgresSession) throws(PostgresError) -> String? {
        guard let approval = intent.approval else { return nil }
        let rows = try session.rows(
            """
            select from controller.approval a join controller.approval_cover c on c.approval_id = a.id
             where a.id = $1::bigint and c.drift_id = $2 and a.ended_at is null and a.until > clock_timestamp() for share of a
            """, [String(approval), intent.drift.id])
        return rows.isEmpty ? "the approval that it rests on has ended" : nil
    }
}
