package import Core

/// The leadership row: the one thing that says who may act. Needs what `zlh_run` has.
package struct LeadershipRow: Sendable {
    private let connection: PostgresConnection
    private let holder: HolderID
    private let timeout: Span
    private let stance: @Sendable () -> Stance?
    private let heard: @Sendable (StanceNews) -> Void

    /// - Parameters:
    ///   - connection: used by nothing else, since calls wait for one another.
    ///   - stance: how this process works now: what it writes beside its epoch, and compares with the leader's.
    ///   - heard: what came of each comparison.
    package init(
        connection: PostgresConnection, holder: HolderID, times: LeadTimes,
        stance: @escaping @Sendable () -> Stance? = { nil }, heard: @escaping @Sendable (StanceNews) -> Void = { _ in }
    ) {
        self.stance = stance
        self.heard = heard
        self.connection = connection
        self.holder = holder
        timeout = times.callTimeout
    }

    /// Says of a row that this process does not hold whether it could lead at all: the desired state is read from old views as well,
    /// so that nothing else would show that no round can be written down.
    package func read() async -> RowAnswer {
        await answer { session throws(PostgresError) in
            let rows = try session.rows("select \(LeadershipRow.columns) from controller.leadership l")
            let record = try LeadershipRow.record(rows)
            try compare(record, LeadershipRow.stance(rows), in: session)
            if record.holder != holder, let why = try SchemaAge.trouble(session) { return .outdated(why) }
            return .read(record)
        }
    }

    /// Says how another leader works otherwise than this process, or how this one works now.
    private func compare(
        _ record: LeadRecord, _ written: Stance?, in session: PostgresSession
    ) throws(PostgresError) {
        guard let own = stance() else { return }
        if record.holder == holder {
            heard(.agrees)
            if record.isClosed || written == own { return }
            _ = try session.rows(
                "update controller.leadership set note = $1 where epoch = $2::bigint and holder = $3::uuid",
                [own.text, String(record.epoch), holder.description])
            return
        }
        // A row that was closed has no leader; one without a word about it does not differ.
        let difference = record.isClosed ? nil : written.flatMap { $0.difference(from: own) }
        heard(difference.map { .differs($0) } ?? .agrees)
    }

    /// Makes this process the holder of the next epoch, if the row still has the epoch that was seen.
    ///
    /// Waits for the claims that hold the row, and says how the predecessor left it: closed means that it had nothing under
    /// way any more. An answer that was lost leaves it open whether the row is ours; then nobody acts with that epoch, and
    /// the next one is taken. A predecessor that worked otherwise is named in `repair_event`, in the same transaction.
    package func take(after seen: Int64) async -> RowAnswer {
        let (own, holder) = (stance(), holder)
        // It may die while it waits for the row, like whoever holds it.
        let limits = HoldLimits(lock: timeout, statement: timeout)
        do throws(PostgresError) {
            let taken = try await connection.run(timeout: timeout) { session throws(PostgresError) in
                try session.transaction { session throws(PostgresError) in
                    try limits.set(in: session)
                    return try LeadershipRow.take(after: seen, by: holder, own, in: session)
                }
            }
            if case .taken(let epoch, _) = taken.answer {
                heard(taken.difference.map { .tookOver(epoch: epoch, $0) } ?? .agrees)
            }
            return taken.answer
        } catch {
            return .failed(error.description)
        }
    }

    private static func take(
        after seen: Int64, by holder: HolderID, _ own: Stance?, in session: PostgresSession
    ) throws(PostgresError) -> (answer: RowAnswer, difference: String?) {
        let found = try session.rows("select \(columns) from controller.leadership l for update")
        let before = try record(found)
        guard before.epoch == seen else { return (.refused, nil) }
        let rows = try session.rows(
            """
            update controller.leadership
               set epoch = epoch + 1, holder = $1, taken_at = clock_timestamp(), closed_at = null, note = $2
            returning epoch
            """, [holder.description, own?.text])
        guard let epoch = rows.first?.first.flatMap({ $0 }).flatMap({ Int64($0) }) else { throw unreadable }
        let difference = stance(found).flatMap { theirs in own?.difference(from: theirs) }
        if let difference { try tell(difference, epoch: epoch, in: session) }
        return (.taken(epoch: epoch, predecessorClosed: before.isClosed), difference)
    }

    /// Says that nothing of this holder is under way any more.
    package func close(epoch: Int64) async -> RowAnswer {
        await answer { session throws(PostgresError) in
            let rows = try session.rows(
                """
                update controller.leadership set closed_at = coalesce(closed_at, clock_timestamp())
                 where epoch = $1 and holder = $2 returning epoch
                """, [String(epoch), holder.description])
            return rows.isEmpty ? .refused : .closed
        }
    }

    /// ``Lease/holds(in:)`` of a permit; false when it is no longer the leader's.
    package static func claim(
        _ permit: ActPermit, limits: HoldLimits = HoldLimits(ttl: .seconds(15)), in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try Lease(epoch: permit.epoch, holder: permit.holder, limits: limits).holds(in: session)
    }

    /// How the leader works, if there is one and it says so. Needs no more than to read the row.
    package static func stance(
        on connection: PostgresConnection, timeout: Span
    ) async throws(PostgresError) -> Stance? {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            let rows = try session.rows("select \(columns) from controller.leadership l")
            return try record(rows).isClosed ? nil : stance(rows)
        }
    }

    /// The row as it is, for whoever only wants to know.
    package static func record(
        on connection: PostgresConnection, timeout: Span
    ) async throws(PostgresError) -> LeadRecord {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try record(session.rows("select \(columns) from controller.leadership l"))
        }
    }

    // MARK: One call

    private static let unreadable = PostgresError(.protocol, "the leadership row cannot be read; run migrate")

    private static let columns = "l.epoch, l.holder, l.closed_at is not null, l.note"

    private static func stance(_ rows: [[String?]]) -> Stance? {
        rows.first?.last.flatMap { $0 }.flatMap { Stance($0) }
    }

    /// For whoever reads the history: from here on it is decided otherwise.
    private static func tell(
        _ difference: String, epoch: Int64, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.rows(
            """
            insert into controller.repair_event (epoch, step, outcome, detail)
            values ($1::bigint, 'takeover', 'changed', jsonb_build_object('text', $2::text))
            """, [String(epoch), "taken over by a controller with \(difference)"])
    }

    private static func record(_ rows: [[String?]]) throws(PostgresError) -> LeadRecord {
        guard rows.count == 1, let row = rows.first, row.count == 4, let epoch = row[0].flatMap({ Int64($0) }),
            let closed = row[2]
        else { throw unreadable }
        return LeadRecord(epoch: epoch, holder: row[1].flatMap { HolderID($0) }, isClosed: closed == "t")
    }

    private func answer(
        _ body: @Sendable (PostgresSession) throws(PostgresError) -> RowAnswer
    ) async -> RowAnswer {
        do throws(PostgresError) {
            return try await connection.run(timeout: timeout, body)
        } catch {
            return .failed(error.description)
        }
    }
}
