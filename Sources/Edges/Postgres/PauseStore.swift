package import Core

/// Pauses repairs and resumes them, in `controller.pause`. Needs what `zlh_run` has.
package struct PauseStore: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// Begins a pause; nil for `vmid` is the whole fleet.
    ///
    /// - Returns: when it ends, by the server's clock, and the attempts that have begun and not ended.
    package func pause(
        _ vmid: VMID?, reason: String, for span: Span, by: String, timeout: Span
    ) async throws(PostgresError) -> Paused {
        let text = vmid?.description
        return try await connection.run(timeout: timeout) { session throws(PostgresError) in
            // One statement after the other in one transaction, behind every claim that has read the pauses already: what it
            // begins is then named below.
            try session.transaction { session throws(PostgresError) in
                try ClaimLock.take(in: session)
                let rows = try session.rows(
                    """
                    insert into controller.pause as p (vmid, until, reason, by)
                    values ($1::integer, now() + $2::bigint * interval '1 microsecond', $3, $4)
                    returning (extract(epoch from p.until) * 1000000)::bigint
                    """, [text, String(span.microseconds), reason, by])
                guard let until = rows.first?.first.flatMap({ $0 }).flatMap({ Int64($0) }) else {
                    throw PostgresError(.protocol, "the database does not say until when it is paused")
                }
                let open = try session.rows(
                    """
                    select i.action || ' on ' || coalesce('VMID ' || i.vmid, i.operation_id, i.drift_id)
                      from controller.repair_intent i
                     where i.state = 'open' and ($1::integer is null or i.vmid = $1::integer) order by i.created_at
                    """, [text])
                let led = try session.rows(
                    "select from controller.leadership l where l.closed_at is null and l.note like 'mode=repair %'")
                return Paused(
                    until: Timestamp(microseconds: until), open: open.compactMap { $0.first.flatMap { $0 } },
                    isLed: !led.isEmpty)
            }
        }
    }

    package struct Paused: Equatable, Sendable {
        package var until: Timestamp
        /// What has begun and not ended.
        package var open: [String]
        /// Whether somebody goes on with that, as the leadership row says.
        package var isLed: Bool
    }

    /// Ends every pause of one VMID, or every pause of the whole fleet.
    ///
    /// - Returns: how many ended.
    package func resume(_ vmid: VMID?, by: String, timeout: Span) async throws(PostgresError) -> Int {
        try await connection.rows(
            """
            update controller.pause p set ended_at = now(), ended_by = $2
             where p.ended_at is null and p.until > now() and p.vmid is not distinct from $1::integer returning p.id
            """, [vmid?.description, by], timeout: timeout
        ).count
    }
}
