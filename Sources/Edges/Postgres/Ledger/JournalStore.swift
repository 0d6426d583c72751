package import Core

/// Keeps what changed in `controller.repair_event`, and what is open in `controller.open_drift`, in one transaction, or in several
/// where there is very much.
package struct JournalStore: Sendable {
    private let connection: PostgresConnection
    private let piece: Int

    /// - Parameter piece: entries in one transaction at most. Five thousand take a second on a machine that has time, and have to be
    ///   written within the time-out of one call on one that has none.
    package init(_ connection: PostgresConnection, piece: Int = 5000) {
        self.connection = connection
        self.piece = max(1, piece)
    }

    /// Writes piece by piece, each within `timeout`. What was written when a later piece fails is true all the same: the next round
    /// finds it in the ledger, and writes the rest.
    ///
    /// - Parameter wrote: hears how many entries each piece had.
    /// - Returns: false when this process does not lead any more; nothing more is written then.
    package func write(
        _ entries: [JournalEntry], lease: Lease, cycle: Int64, timeout: Span,
        wrote: @Sendable (Int) -> Void = { _ in }
    ) async throws(PostgresError) -> Bool {
        // Of the whole round: in which piece what was repaired comes to its end says nothing about its incident.
        var mended: Set<String> = []
        for start in stride(from: 0, to: entries.count, by: piece) {
            let part = entries[start..<min(start + piece, entries.count)]
            guard let more = try await write(part, mended, lease, cycle, timeout) else { return false }
            mended = more
            wrote(part.count)
        }
        return true
    }

    /// - Returns: the incidents of which something repaired has ended in this round so far; nil when this process does not lead.
    private func write(
        _ entries: ArraySlice<JournalEntry>, _ before: Set<String>, _ lease: Lease, _ cycle: Int64, _ timeout: Span
    ) async throws(PostgresError) -> Set<String>? {
        // In few statements: after a night without it there may be thousands of rows, and each way takes its time. Made before
        // the transaction: it holds the leadership row, and the server ends one that idles.
        let chunks = stride(from: entries.startIndex, to: entries.endIndex, by: JournalStore.most).map { start in
            let chunk = entries[start..<min(start + JournalStore.most, entries.endIndex)]
            return String(decoding: JournalStore.json(chunk), as: UTF8.self)
        }
        return try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) -> Set<String>? in
                guard try lease.holds(in: session) else { return nil }
                var mended = before
                for json in chunks {
                    _ = try session.rows(
                        JournalStore.events, [String(lease.epoch), String(cycle), json])
                    _ = try session.rows(JournalStore.opened, [json])
                    mended = try IncidentRows.noteEnds(json, mended, in: session)
                    _ = try session.rows(JournalStore.closed, [json])
                    try IncidentRows.note(json, in: session)
                }
                return mended
            }
        }
    }

    /// Drops events, ended attempts, incidents and answers that are older than `keep`, by the server's clock; a day is the least
    /// that is kept. In pieces, each a transaction of its own: what was dropped stays so, whatever comes of the next one.
    ///
    /// - Parameters:
    ///   - most: after it no further piece begins; one does in any case.
    ///   - timeout: of each piece.
    /// - Returns: false when there may be more to drop, or this process does not lead any more: whoever does may keep more.
    package func prune(
        lease: Lease, keep: Span, within most: Span, timeout: Span
    ) async throws(PostgresError) -> Bool {
        let parameters = [String(max(keep, .minutes(24 * 60)).microseconds)]
        let end = ContinuousClock.now + .microseconds(most.microseconds)
        for function in ["prune_repair_event", "prune_repair_intent", "prune_incident", "prune_approval"] {
            while true {
                // A call of its own: who else needs the connection has it in between.
                // Nor does it hold the leadership row, for which a successor would wait: who is deposed in between drops one piece.
                guard try await connection.leads(lease, timeout: timeout) else { return false }
                let rows = try await connection.rows(
                    "select controller.\(function)($1::bigint * interval '1 microsecond')", parameters, timeout: timeout
                )
                guard let gone = rows.first?.first.flatMap({ $0 }), gone != "0" else { break }
                guard ContinuousClock.now < end else { return false }
            }
        }
        return true
    }

    /// Entries in one statement.
    private static let most = 1000

    static let record = """
        jsonb_to_recordset($%::jsonb) as e(n integer, outcome text, drift_id text, drift_kind text, vmid integer,
          external_id uuid, hostname text, level smallint, action text, verdict text, reason text, since bigint,
          would_repair boolean, settling boolean, detail text, incident text, webhooks jsonb,
          about text, joins boolean)
        """

    private static let events = """
        insert into controller.repair_event
          (epoch, cycle, vmid, external_id, hostname, drift_id, drift_kind, level, action, verdict, reason, outcome, detail)
        select $1::bigint, $2::bigint, e.vmid, e.external_id, e.hostname, e.drift_id, e.drift_kind, e.level, e.action,
               e.verdict, e.reason, e.outcome, case when e.detail is not null then jsonb_build_object('text', e.detail) end
          from \(record.replacing("%", with: "3")) order by e.n
        """

    /// Of several entries about one drift the last one says how it stands. A round saw it again: what had been repaired of it is
    /// no reason for its end any more.
    private static let opened = """
        insert into controller.open_drift as d
          (drift_id, drift_kind, vmid, external_id, hostname, level, action, verdict, reason, since, would_repair,
           settling, opened_seq)
        select distinct on (e.drift_id) e.drift_id, e.drift_kind, e.vmid, e.external_id, e.hostname, e.level, e.action,
               e.verdict, e.reason, 'epoch'::timestamptz + e.since * interval '1 microsecond', e.would_repair,
               e.settling, (select coalesce(max(i.seq), 0) from controller.repair_intent i)
          from \(record.replacing("%", with: "1")) where e.outcome <> 'closed' order by e.drift_id, e.n desc
        on conflict (drift_id) do update
           set level = excluded.level, action = excluded.action, verdict = excluded.verdict, reason = excluded.reason,
               would_repair = excluded.would_repair, settling = excluded.settling, repaired = false
        """

    private static let closed = """
        delete from controller.open_drift d
         where d.drift_id in (select e.drift_id from \(record.replacing("%", with: "1")) where e.outcome = 'closed')
        """

    private static func json(_ entries: ArraySlice<JournalEntry>) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { array in
            for (number, entry) in entries.enumerated() {
                let drift = entry.drift
                array.element {
                    $0.object { row in
                        row.key("n", number)
                        row.key("outcome", entry.outcome.rawValue)
                        row.key("drift_id", drift.id)
                        row.key("drift_kind", drift.kind.rawValue)
                        row.key("vmid", drift.vmid.map { Int($0.number) })
                        row.key("external_id", drift.externalID?.description)
                        row.key("hostname", drift.hostname.map { Foreign.text($0) })
                        row.key("level", drift.level.rawValue)
                        row.key("action", drift.action?.rawValue)
                        row.key("verdict", drift.verdict.rawValue)
                        row.key("reason", drift.reason.rawValue)
                        row.key("since", Int(drift.since.microseconds))
                        row.key("would_repair", drift.wouldRepair)
                        row.key("settling", drift.isSettling)
                        row.key("detail", entry.detail.map { Foreign.text($0, limit: 2000) })
                        row.key("incident", drift.incident)
                        row.key("joins", entry.joins)
                        row.key("about", drift.about.map { Foreign.text($0) })
                        row.key("webhooks") {
                            $0.array { list in drift.webhooks.forEach { name in list.element { $0.string(name) } } }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }
}
