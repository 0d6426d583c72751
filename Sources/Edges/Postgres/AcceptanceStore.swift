package import Core

/// Accepts known drifts and takes acceptances back, in `controller.accepted`. Needs what `zlh_run` has.
package struct AcceptanceStore: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// Accepts a drift from now on, or anew; gives the moment at which that ends, by the server's clock. No repair of it begins after
    /// this; one that has begun comes to its end.
    package func accept(
        _ drift: String, reason: String, for span: Span, by: String, timeout: Span
    ) async throws(PostgresError) -> Timestamp {
        let parameters = [drift, reason, String(span.microseconds), by]
        let rows = try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                try ClaimLock.take(in: session)
                return try session.rows(AcceptanceStore.accepting, parameters)
            }
        }
        guard let until = rows.first?.first.flatMap({ $0 }).flatMap({ Int64($0) }) else {
            throw PostgresError(.protocol, "the database does not say until when the drift is accepted")
        }
        return Timestamp(microseconds: until)
    }

    private static let accepting = """
        insert into controller.accepted as a (drift_id, reason, until, by, accepted_at)
        values ($1, $2, clock_timestamp() + $3::bigint * interval '1 microsecond', $4, clock_timestamp())
        on conflict (drift_id) do update
           set reason = excluded.reason, until = excluded.until, by = excluded.by, accepted_at = excluded.accepted_at
        returning (extract(epoch from a.until) * 1000000)::bigint
        """

    /// Ends an acceptance; false when the drift was not accepted, or no longer.
    package func unaccept(_ drift: String, timeout: Span) async throws(PostgresError) -> Bool {
        let rows = try await connection.rows(
            "delete from controller.accepted a where a.drift_id = $1 returning a.until > clock_timestamp()", [drift],
            timeout: timeout)
        return rows.first?.first == "t"
    }
}
