package import Core

/// One row of `controller.repair_event`, as it is shown. Words of a later version are kept as they are.
package struct RepairEvent: Equatable, Sendable {
    package var id: Int64
    package var at: Timestamp
    package var epoch: Int64?
    package var cycle: Int64?
    package var vmid: VMID?
    package var externalID: String?
    package var hostname: String?
    package var driftID: String?
    /// The attempt at a repair that it is a step of.
    package var intentID: String?
    package var kind: String?
    package var level: Int?
    package var action: String?
    package var verdict: String?
    package var reason: String?
    package var attempt: Int?
    package var step: String?
    package var outcome: String?
    package var detail: String?
}

/// Reads the history.
package struct EventReader: Sendable {
    /// More than anybody reads; the newest are given.
    package static let most = 10_000

    private let connection: PostgresConnection
    private let most: Int

    package init(_ connection: PostgresConnection, most: Int = EventReader.most) {
        self.connection = connection
        self.most = most
    }

    /// The events of the last `span`, oldest first, by the server's clock; and whether there are older ones in it, which are left
    /// out.
    package func read(
        since span: Span, vmid: VMID?, timeout: Span
    ) async throws(PostgresError) -> (events: [RepairEvent], isCut: Bool) {
        let rows = try await connection.rows(
            """
            select e.id, (extract(epoch from e.at) * 1000000)::bigint, e.epoch, e.cycle, e.vmid, e.hostname, e.drift_id,
                   e.drift_kind, e.level, e.action, e.verdict, e.reason, e.attempt, e.step, e.outcome, e.detail ->> 'text',
                   e.external_id, e.intent_id
              from controller.repair_event e
             where e.at >= clock_timestamp() - $1::bigint * interval '1 microsecond'
               and ($2::integer is null or e.vmid = $2::integer)
             order by e.id desc limit \(most + 1)
            """, [String(span.microseconds), vmid?.description], timeout: timeout)
        return (rows.prefix(most).reversed().compactMap(EventReader.event), rows.count > most)
    }

    private static func event(_ row: [String?]) -> RepairEvent? {
        guard let id = row[0].flatMap({ Int64($0) }), let at = row[1].flatMap({ Int64($0) }) else { return nil }
        return RepairEvent(
            id: id, at: Timestamp(microseconds: at), epoch: row[2].flatMap { Int64($0) },
            cycle: row[3].flatMap { Int64($0) }, vmid: row[4].flatMap { VMID($0) }, externalID: row[16],
            hostname: row[5], driftID: row[6], intentID: row[17], kind: row[7], level: row[8].flatMap { Int($0) },
            action: row[9], verdict: row[10],
            reason: row[11], attempt: row[12].flatMap { Int($0) }, step: row[13], outcome: row[14], detail: row[15])
    }
}
