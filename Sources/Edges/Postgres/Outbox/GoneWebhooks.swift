package import Core

/// Webhooks that Discord does not know any more. Kept over restarts: asking them again is punished.
extension OutboxStore {
    /// Why this webhook must not be asked; nil when it may, or when another one has its name now.
    package func gone(_ webhook: String, fingerprint: String, timeout: Span) async throws(PostgresError) -> String? {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            let rows = try session.rows(
                "select g.why from controller.webhook_gone g where g.webhook = $1 and g.fingerprint = $2",
                [webhook, fingerprint])
            return rows.first?.first ?? nil
        }
    }

    package func noteGone(
        _ webhook: String, fingerprint: String, why: String, timeout: Span
    ) async throws(PostgresError) {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            _ = try session.rows(
                """
                insert into controller.webhook_gone (webhook, fingerprint, why) values ($1, $2, $3)
                on conflict (webhook) do update
                   set fingerprint = excluded.fingerprint, why = excluded.why, at = clock_timestamp()
                """, [webhook, fingerprint, Foreign.text(why, limit: 300)])
        }
    }
}
