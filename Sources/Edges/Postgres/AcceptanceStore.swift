package import Core

/// Accepts known drifts and takes acceptances back, in `controller.accepted`. Needs what `zlh_run` has.
package struct AcceptanceStore: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// Accepts a drift from now on, or anew; gives the moment at which that ends, by the server's clock.
    package func accept(
        _ drift: String, reason: String, for span: Span, by: String, timeout: Span
    ) async throws(PostgresError) -> Timestamp {
        let rows = try await connection.rows(
            """
            insert into controller.accepted as a (drift_id, reason, until, by, accepted_at)
            values ($1, $2, clock_timestamp() + $3::bigint * interval '1 microsecond', $4, clock_timestamp())
            on conflict (drift_id) do update
               set reason = excluded.reason, until = excluded.until, by = excluded.by, accepted_at = excluded.accepted_at
            returning (extract(epoch from a.until) * 1000000)::bigint
            """, [drift, reason, String(span.microseconds), by], timeout: timeout)
        guard let until = rows.first?.first.flatMap({ $0 }).flatMap({ Int64($0) }) else {
            throw PostgresError(.protocol, "the database does not say until when the drift is accepted")
        }
        return Timestamp(microseconds: until)
    }

    /// Ends an acceptance; false when the drift was not accepted, or no longer.
    package func unaccept(_ drift: String, timeout: Span) async throws(PostgresError) -> Bool {
        let rows = try await connection.rows(
            "delete from controller.accepted a where a.drift_id = $1 returning a.until > clock_timestamp()", [drift],
            timeout: timeout)
        return rows.first?.first == "t"
    }
}
