package import Core

/// The leadership row: the one thing that says who may act. Needs what `zlh_run` has.
package struct LeadershipRow: Sendable {
    private let connection: PostgresConnection
    private let holder: HolderID
    private let timeout: Span

    /// - Parameter connection: used by nothing else, since calls wait for one another.
    package init(connection: PostgresConnection, holder: HolderID, times: LeadTimes) {
        self.connection = connection
        self.holder = holder
        timeout = times.callTimeout
    }

    package func read() async -> RowAnswer {
        await answer { session throws(PostgresError) in
            .read(
                try LeadershipRow.record(
                    session.rows("select l.epoch, l.holder, l.closed_at is not null from controller.leadership l")))
        }
    }

    /// Makes this process the holder of the next epoch, if the row still has the epoch that was seen.
    ///
    /// Waits for the claims that hold the row, and says how the predecessor left it: closed means that it had nothing under
    /// way any more. An answer that was lost leaves it open whether the row is ours; then nobody acts with that epoch, and
    /// the next one is taken.
    package func take(after seen: Int64) async -> RowAnswer {
        await answer { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                let before = try LeadershipRow.record(
                    session.rows(
                        """
                        select l.epoch, l.holder, l.closed_at is not null from controller.leadership l for update
                        """))
                guard before.epoch == seen else { return .refused }
                let rows = try session.rows(
                    """
                    update controller.leadership
                       set epoch = epoch + 1, holder = $1, taken_at = clock_timestamp(), closed_at = null
                    returning epoch
                    """, [holder.description])
                guard let epoch = rows.first?.first.flatMap({ $0 }).flatMap({ Int64($0) }) else {
                    throw LeadershipRow.unreadable
                }
                return .taken(epoch: epoch, predecessorClosed: before.isClosed)
            }
        }
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

    /// ``Lease/holds(in:mostIdle:)`` of a permit; false when it is no longer the leader's.
    package static func claim(
        _ permit: ActPermit, mostIdle: Span = .milliseconds(500), in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try Lease(epoch: permit.epoch, holder: permit.holder).holds(in: session, mostIdle: mostIdle)
    }

    // MARK: One call

    private static let unreadable = PostgresError(.protocol, "the leadership row cannot be read; run migrate")

    private static func record(_ rows: [[String?]]) throws(PostgresError) -> LeadRecord {
        guard rows.count == 1, let row = rows.first, row.count == 3, let epoch = row[0].flatMap({ Int64($0) }),
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
