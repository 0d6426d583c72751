package import Core

/// The outbox in the database: what is still to be told, and what became of each request.
///
/// A request is claimed in a transaction of its own before it is sent, under the leadership row, and its end is written down
/// by whoever sent it. A claim without an end is one whose answer nobody knows.
package struct OutboxStore: Sendable {
    /// A request that may be sent now.
    package struct Claim: Equatable, Sendable {
        package var message: Int64
        /// Which request of this message it is: an older one may not write its end over that of a newer one.
        package var number: Int64
    }

    let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// - Returns: nil when this process does not lead, or somebody's request for that message is under way.
    package func claim(
        _ sending: Sending, webhook: String, lease: Lease, timeout: Span
    ) async throws(PostgresError) -> Claim? {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try lease.holds(in: session) else { return nil }
                let flags = [sending.mayRepeat, sending.isPlain].map { $0 ? "t" : "f" }
                let rows =
                    if let id = sending.message {
                        try session.rows(
                            """
                            update controller.message
                               set state = 'sending', claim = claim + 1, claimed_at = clock_timestamp(), digest = null,
                                   may_repeat = may_repeat or $3::boolean, is_plain = is_plain or $4::boolean
                             where id = $1::bigint and webhook = $2
                               and (state <> 'sending' or claimed_at
                                    < clock_timestamp() - \(OutboxLine.patience.microseconds) * interval '1 microsecond')
                            returning id, claim
                            """, [String(id), webhook] + flags)
                    } else {
                        try session.rows(
                            """
                            insert into controller.message (webhook, state, may_repeat, is_plain)
                            values ($1, 'sending', $2::boolean, $3::boolean) returning id, claim
                            """, [webhook] + flags)
                    }
                guard let row = rows.first, let id = row[0].flatMap({ Int64($0) }),
                    let number = row[1].flatMap({ Int64($0) })
                else { return nil }
                _ = try session.rows(
                    """
                    update controller.outbox o set message = $1::bigint from \(OutboxStore.told(3))
                     where o.webhook = $2 and o.incident = t.incident
                    """, [String(id), webhook, OutboxStore.json(sending.told)])
                return Claim(message: id, number: number)
            }
        }
    }

    /// Writes down how a request ended; nothing where somebody else has taken it up since.
    package func record(
        _ end: SendingEnd, of sending: Sending, _ claim: Claim, webhook: String, timeout: Span
    ) async throws(PostgresError) {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                let isEdit = sending.edits != nil
                // Of an edit it is known that the message is there.
                let idle = isEdit ? "sent" : "unsent"
                var set: String
                var values: [String?] = []
                switch end {
                case .shown(let discordID):
                    set = "state = 'sent', discord_id = $3, digest = $4"
                    if !isEdit { set += ", posted_at = clock_timestamp()" }
                    values = [discordID, sending.content.digest]
                case .again(let mayBeShown):
                    set = "state = '\(idle)', may_repeat = may_repeat or \(mayBeShown && !isEdit)"
                    if isEdit, !mayBeShown {
                        set += ", digest = $3"
                        values = [sending.shows]
                    }
                // An edit that was refused has changed nothing.
                case .againPlain:
                    set = "state = '\(idle)', is_plain = true"
                    if isEdit {
                        set += ", digest = $3"
                        values = [sending.shows]
                    }
                case .frozen:
                    set = "state = '\(idle)', is_frozen = true, digest = $3"
                    values = [sending.shows]
                case .dropped, .gone: set = "state = '\(idle)'"
                }
                let found = try session.rows(
                    """
                    update controller.message set \(set)
                     where id = $1::bigint and claim = $2::bigint and state = 'sending' returning id
                    """, [String(claim.message), String(claim.number)] + values)
                guard !found.isEmpty else { return }
                switch end {
                case .shown, .dropped:
                    _ = try session.rows(
                        OutboxStore.settle(", told_at = clock_timestamp()"), [webhook, OutboxStore.json(sending.told)])
                case .again, .againPlain, .gone, .frozen: break
                }
                if end == .dropped || end == .gone {
                    _ = try session.rows(
                        "delete from controller.message where id = $1::bigint", [String(claim.message)])
                }
            }
        }
    }

    /// There is nothing to say about these changes.
    package func settle(_ told: [Told], webhook: String, timeout: Span) async throws(PostgresError) {
        try await connection.rows(
            OutboxStore.settle(""), [webhook, OutboxStore.json(told)], timeout: timeout)
    }

    private static func settle(_ more: String) -> String {
        """
        update controller.outbox o
           set told_version = greatest(o.told_version, t.version), told_stage = t.stage, told_drifts = t.drifts,
               told_repaired = t.repaired, called = t.called\(more)
          from \(told(2))
         where o.webhook = $1 and o.incident = t.incident
        """
    }

    private static func told(_ parameter: Int) -> String {
        "jsonb_to_recordset($\(parameter)::jsonb) as t(incident text, version bigint, stage text, drifts integer, repaired integer, "
            + "called text[])"
    }

    private static func json(_ told: [Told]) -> String {
        var writer = JSONWriter()
        writer.array { array in
            for one in told {
                array.element {
                    $0.object { row in
                        row.key("incident", one.incident)
                        row.key("version", Int(one.version))
                        row.key("stage", one.stage.rawValue)
                        row.key("drifts", one.drifts)
                        row.key("repaired", one.repaired)
                        row.key("called") { called in
                            called.array { list in
                                for stage in one.called.map(\.rawValue).sorted() { list.element { $0.string(stage) } }
                            }
                        }
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
