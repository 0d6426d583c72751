package import Core

/// Reads what the ledger has about one VMID, for whoever asks why something is or is not repaired. Needs what `zlh_run` may
/// select, and writes nothing.
package struct LedgerReader: Sendable {
    /// Attempts that are shown at most.
    private static let most = 50

    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// - Parameter drifts: ids of others that explain something of it, such as that its node is offline.
    package func read(
        _ vmid: VMID, besides drifts: [String] = [], timeout: Span
    ) async throws(PostgresError) -> LedgerPage {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            let open = try session.rows(
                "\(LedgerRecall.openDrifts) where vmid = $1::integer or drift_id = any(string_to_array($2, ','))",
                [vmid.description, drifts.joined(separator: ",")]
            ).compactMap(LedgerRecall.drift)
            let known = Set(open.map(\.id))
            let rows = try session.rows(
                """
                select i.drift_id, i.attempt, i.action, i.state, i.why, (extract(epoch from i.created_at) * 1000000)::bigint,
                       (extract(epoch from i.ended_at) * 1000000)::bigint
                  from controller.repair_intent i where i.vmid = $1::integer
                 order by i.created_at desc, i.id desc limit \(LedgerReader.most)
                """, [vmid.description])
            // By this server's clock, as the attempts are; since it was opened last.
            let turned = try session.rows(
                """
                select e.drift_id, (extract(epoch from max(e.at)) * 1000000)::bigint from controller.repair_event e
                 where e.vmid = $1::integer and e.intent_id is null
                   and e.outcome in ('opened', 'changed', 'would_repair', 'quarantined')
                 group by e.drift_id
                having max(e.at) filter (where e.outcome <> 'opened')
                         > coalesce(max(e.at) filter (where e.outcome = 'opened'), '-infinity')
                """, [vmid.description])
            let leader = try session.rows(
                "select l.epoch, l.closed_at is not null, l.note from controller.leadership l")
            return LedgerPage(
                open: open, tries: try LedgerRecall.tries(in: session).filter { known.contains($0.key) },
                attempts: rows.compactMap(LedgerReader.attempt), leader: leader.first.flatMap(LedgerReader.leader),
                spent: try LedgerRecall.spent(in: session),
                turned: LedgerReader.moments(turned).filter { known.contains($0.key) })
        }
    }

    private static func moments(_ rows: [[String?]]) -> [String: Timestamp] {
        var moments: [String: Timestamp] = [:]
        for row in rows {
            guard let id = row[0], let at = row[1].flatMap({ Int64($0) }) else { continue }
            moments[id] = Timestamp(microseconds: at)
        }
        return moments
    }

    private static func attempt(_ row: [String?]) -> LedgerPage.Attempt? {
        guard let drift = row[0], let number = row[1].flatMap({ Int($0) }), let action = row[2], let state = row[3],
            let begun = row[5].flatMap({ Int64($0) })
        else { return nil }
        return LedgerPage.Attempt(
            driftID: drift, number: number, action: action, state: state, why: row[4],
            begunAt: Timestamp(microseconds: begun),
            endedAt: row[6].flatMap { Int64($0) }.map { Timestamp(microseconds: $0) })
    }

    private static func leader(_ row: [String?]) -> LedgerPage.Leader? {
        guard let epoch = row[0].flatMap({ Int64($0) }) else { return nil }
        return LedgerPage.Leader(epoch: epoch, isClosed: row[1] == "t", stance: row[2].flatMap { Stance($0) })
    }
}
