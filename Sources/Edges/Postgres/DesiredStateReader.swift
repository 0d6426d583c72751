package import Core

/// Reads all that should be true, from one snapshot. Needs no more than `zlh_audit` has, and writes nothing.
package struct DesiredStateReader: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// - Parameter mostApart: by how much this server's clock may differ from `now`, by which it is told what is late; nil where nobody asks.
    package func read(
        timeout: Span, now: @escaping Now, mostApart: Span? = nil
    ) async -> Result<DesiredState, ReadFailure> {
        let readAt = now()
        do throws(PostgresError) {
            return .success(
                try await connection.run(timeout: timeout) { session throws(PostgresError) in
                    try session.transaction(.snapshot) { session throws(PostgresError) in
                        try DesiredStateReader.refuseHalfTruths(session)
                        if let mostApart { try DesiredStateReader.refuseOtherTime(session, now, mostApart) }
                        return try DesiredStateReader.state(session, readAt: readAt)
                    }
                })
        } catch {
            return .failure(ReadFailure(error, at: readAt))
        }
    }

    /// What this server's clock says.
    package func clock(timeout: Span) async throws(PostgresError) -> Timestamp {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try DesiredStateReader.clock(in: session)
        }
    }

    private static func clock(in session: PostgresSession) throws(PostgresError) -> Timestamp {
        let rows = try session.rows("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")
        guard let text = rows.first?.first.flatMap({ $0 }), let microseconds = Int64(text) else {
            throw PostgresError(.protocol, "the server does not say what time it is")
        }
        return Timestamp(microseconds: microseconds)
    }

    /// What the rows under these VMIDs decide now.
    package func slices(of vmids: Set<VMID>, timeout: Span) async throws(PostgresError) -> [VMID: DesiredSlice] {
        try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.transaction(.snapshot) { session throws(PostgresError) in
                var slices: [VMID: DesiredSlice] = [:]
                for vmid in vmids { slices[vmid] = try DesiredStateReader.slice(of: vmid, in: session) }
                return slices
            }
        }
    }

    private static func slice(of vmid: VMID, in session: PostgresSession) throws(PostgresError) -> DesiredSlice {
        var rows = RowReader(session)
        let under = [vmid.description]
        let instances = try rows.list(DesiredRows.instancesUnder, .instance, DesiredRows.instance, under)
        let operations = try rows.list(DesiredRows.operationsOf, .operation, DesiredRows.operation, under)
        let retired = try rows.list(DesiredRows.retiredUnder, .retired, DesiredRows.retiredInstance, under)
        // By a reader of its own: what of it cannot be understood is no row under this VMID.
        var accounts = RowReader(session)
        let billing = try accounts.list(
            DesiredRows.billingOf, .billing, DesiredRows.billingRow, [vmid.description, nil])
        return DesiredSlice(
            vmid,
            in: DesiredState(
                instances: instances, operations: operations, billing: billing, retired: retired,
                unreadable: rows.unreadable,
                pauses: [], accepted: [], readAt: Timestamp(microseconds: 0)))
    }

    /// A standby may not know yet of a server that was made, nor that one was deleted. And a pooler may drop what was asked for at
    /// the start: a policy would hide rows then, and nothing would tell.
    private static func refuseHalfTruths(_ session: PostgresSession) throws(PostgresError) {
        let row = try session.rows("select pg_is_in_recovery(), current_setting('row_security')").first ?? []
        guard row.count == 2, let isStandby = row[0], let security = row[1] else {
            throw PostgresError(.protocol, "the server does not say whether it is a standby")
        }
        if isStandby != "f" {
            throw PostgresError(.standby, "this server is a standby, which may lag behind its primary")
        }
        if security != "off" {
            throw PostgresError(
                .configuration,
                "row_security is \(security), though it was asked to be off, so that rows might be hidden without a word; "
                    + "a pooler that drops the option 'options' does that: point postgres.url at the server itself")
        }
    }

    /// What is held against a row's times is held against them by this server's clock: by another one a worker that lives would be
    /// called dead.
    private static func refuseOtherTime(
        _ session: PostgresSession, _ now: Now, _ mostApart: Span
    ) throws(PostgresError) {
        let asked = now()
        let clock = try clock(in: session)
        if clock < asked - mostApart || clock > now() + mostApart {
            throw PostgresError(
                .protocol,
                "the server says that it is \(clock), and here it is \(asked): one of the two clocks is being set, and what is late is "
                    + "not judged; if it says so again, compare both")
        }
    }

    private static func state(_ session: PostgresSession, readAt: Timestamp) throws(PostgresError) -> DesiredState {
        // By two readers, which tell what is unreadable in the order of the tables and not of the queries.
        var accounts = RowReader(session)
        // First, so that each instance is joined with it while the server makes the next.
        var roll = InstanceRoll(
            billing: try accounts.list(DesiredRows.billingInOrder, .billing, DesiredRows.billingRow))
        var rows = RowReader(session)
        try rows.forEach(DesiredRows.instancesInOrder, .instance, DesiredRows.instance) { roll.append($0) }
        let operations = try rows.list(DesiredRows.operationsInOrder, .operation, DesiredRows.operation)
        let retired = try accounts.list(DesiredRows.retiredInOrder, .retired, DesiredRows.retiredInstance)
        let pauses = try rows.ours(DesiredRows.pauses, "controller.active_pause", DesiredRows.pause)
        let accepted = try rows.ours(DesiredRows.accepted, "controller.accepted_drift", DesiredRows.acceptance)
        return DesiredState(
            roll, operations: operations, retired: retired, unreadable: rows.unreadable + accounts.unreadable,
            pauses: pauses, accepted: accepted, readAt: readAt, past: try DriftPastRows.read(session))
    }

    /// What bears on one instance: every row that claims its VMID, identity, host name or address, its operations, its billing,
    /// and the pauses. Runs in a transaction of the caller's.
    static func state(
        around key: InstanceKey, hostname: String, address: String?, in session: PostgresSession, readAt: Timestamp
    ) throws(PostgresError) -> DesiredState {
        var rows = RowReader(session)
        let (vmid, id) = (key.vmid.description, key.externalID.description)
        let instances = try rows.list(
            DesiredRows.instancesAround, .instance, DesiredRows.instance, [vmid, id, hostname, address])
        let operations = try rows.list(DesiredRows.operationsOf, .operation, DesiredRows.operation, [vmid])
        let billing = try rows.list(DesiredRows.billingOf, .billing, DesiredRows.billingRow, [vmid, id])
        let pauses = try rows.ours(DesiredRows.pauses, "controller.active_pause", DesiredRows.pause)
        return DesiredState(
            instances: instances, operations: operations, billing: billing, retired: [], unreadable: rows.unreadable,
            pauses: pauses, accepted: [], readAt: readAt)
    }
}

extension ReadFailure {
    /// What a failed call means for a reading, and what to do about it.
    package init(_ error: PostgresError, at moment: Timestamp) {
        let said = error.description
        switch (error.code, error.sqlstate) {
        case (.configuration, _): self.init(.configuration, said, at: moment)
        case (.connect, "57P03"): self.init(.loading, "\(said); wait until it takes connections", at: moment)
        case (.connect, "53300"):
            self.init(
                .rejected,
                "\(said); look who holds its connections, or raise max_connections or the CONNECTION LIMIT that is met",
                at: moment)
        case (.connect, _) where said.contains("refused") || said.contains("No such file"):
            self.init(.refused, "\(said); is PostgreSQL running there, and is postgres.url right?", at: moment)
        case (.connect, _): self.init(.unreachable, said, at: moment)
        case (.stranger, _):
            self.init(.malformed, "\(said); is that a PostgreSQL, and is postgres.url right?", at: moment)
        case (.standby, _): self.init(.replica, "\(said); point postgres.url at the primary", at: moment)
        case (.authentication, _):
            self.init(.unauthorized, "\(said); check postgres.password and the server's pg_hba.conf", at: moment)
        case (.permission, _) where said.contains("row-level security"):
            self.init(
                .forbidden, "\(said); it could hide rows: give BYPASSRLS to the role that owns the views", at: moment)
        case (.permission, _):
            self.init(.forbidden, "\(said); run `zlh-controller migrate`, which grants what is needed", at: moment)
        case (.undefinedObject, "3D000"):
            self.init(.database, "\(said); correct the database's name in postgres.url", at: moment)
        case (.undefinedObject, _):
            self.init(
                .database,
                "\(said); run `zlh-controller migrate`, or give a redefined view the column it lacks; or is postgres.url "
                    + "of another database?", at: moment)
        case (.timeout, _): self.init(.timeout, said, at: moment)
        case (.cancelled, _): self.init(.notRead, said, at: moment)
        case (.lost, _): self.init(.connectionLost, said, at: moment)
        case (.oversize, _): self.init(.oversize, said, at: moment)
        case (.busy, _), (.server, _), (.protocol, _): self.init(.database, said, at: moment)
        }
        isUnconnected = error.isUnconnected
    }
}
