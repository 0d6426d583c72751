internal import Core

/// How old what a repair rests on is by the server's clock. A machine that was suspended, or put back to an earlier moment, knows
/// nothing of the time that went by: its own clocks stood still, its lease seems to hold, and the row still names it where nobody
/// has taken over.
enum EvidenceAge {
    /// - Returns: why nothing may rest on it any more; nil when it may. What was interrupted goes on by looking.
    static func obstacle(_ intent: Intent, in session: PostgresSession) throws(PostgresError) -> String? {
        guard intent.resumed == nil, let most = intent.mostAge else { return nil }
        let slack = SteadyTime.mostApart
        let rows = try session.rows(
            """
            select n.now - \(moment(1)) between $2::bigint * interval '1 microsecond'
                                           and $3::bigint * interval '1 microsecond',
                   (extract(epoch from n.now - \(moment(1))) * 1000000)::bigint
              from (select clock_timestamp() as now) n
            """,
            [
                intent.evidenceAt.parameter, String(-slack.microseconds),
                String(most.microseconds + slack.microseconds),
            ])
        if rows.first?.first == "t" { return nil }
        let age = rows.first.flatMap { $0[1] }.flatMap { Int64($0) }.map { "\(Span(microseconds: $0))" } ?? "-"
        return "by the database's clock it rests on what was seen \(age) ago: this machine stood still, or a clock is "
            + "being set"
    }
}
