package import Core

/// Reads all that should be true, from one snapshot. Needs no more than `zlh_audit` has, and writes nothing.
package struct DesiredStateReader: Sendable {
    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    package func read(timeout: Span, now: Now) async -> Result<DesiredState, ReadFailure> {
        let readAt = now()
        do throws(PostgresError) {
            return .success(
                try await connection.run(timeout: timeout) { session throws(PostgresError) in
                    try session.transaction(.snapshot) { session throws(PostgresError) in
                        try DesiredStateReader.state(session, readAt: readAt)
                    }
                })
        } catch {
            return .failure(ReadFailure(error, at: readAt))
        }
    }

    private static func state(_ session: PostgresSession, readAt: Timestamp) throws(PostgresError) -> DesiredState {
        var unreadable: [UnreadableRow] = []

        func list<Value>(
            _ sql: String, _ table: UnreadableRow.Table, hostname: Int?, hasVMID: Bool,
            _ decode: (inout FieldReader) -> Value?
        ) throws(PostgresError) -> [Value] {
            let result = try session.query(sql)
            var values: [Value] = []
            values.reserveCapacity(result.rowCount)
            for row in 0..<result.rowCount {
                var fields = FieldReader(result, row)
                if let value = decode(&fields) { values.append(value) }
                guard let why = fields.why else { continue }
                unreadable.append(
                    UnreadableRow(
                        table: table, vmid: hasVMID ? fields.optional(0).flatMap { VMID($0) } : nil,
                        externalID: hostname == nil ? nil : fields.optional(1).flatMap { ExternalID($0) },
                        hostname: hostname.flatMap { fields.optional($0) }, why: why))
            }
            return values
        }

        /// Our own tables check what they hold: a row of theirs that cannot be read means somebody replaced the view.
        func ours<Value>(
            _ sql: String, _ view: String, _ decode: (inout FieldReader) -> Value?
        ) throws(PostgresError) -> [Value] {
            let result = try session.query(sql)
            var values: [Value] = []
            for row in 0..<result.rowCount {
                var fields = FieldReader(result, row)
                guard let value = decode(&fields) else {
                    throw PostgresError(.protocol, "\(view) holds a row that cannot be read", cause: fields.why)
                }
                values.append(value)
            }
            return values
        }

        let instances = try list(DesiredRows.instances, .instance, hostname: 4, hasVMID: true, DesiredRows.instance)
        let operations = try list(
            DesiredRows.operations, .operation, hostname: nil, hasVMID: true, DesiredRows.operation)
        let billing = try list(DesiredRows.billing, .billing, hostname: nil, hasVMID: false, DesiredRows.billingRow)
        let retired = try list(DesiredRows.retired, .retired, hostname: 3, hasVMID: true, DesiredRows.retiredInstance)
        let pauses = try ours(DesiredRows.pauses, "controller.active_pause", DesiredRows.pause)
        let accepted = try ours(DesiredRows.accepted, "controller.accepted_drift", DesiredRows.acceptance)
        let past = try DriftPastRows.read(session)
        return DesiredState(
            instances: instances, operations: operations, billing: billing, retired: retired, unreadable: unreadable,
            pauses: pauses, accepted: accepted, readAt: readAt, past: past)
    }
}

extension ReadFailure {
    /// What a failed call means for a reading, and what to do about it.
    package init(_ error: PostgresError, at moment: Timestamp) {
        let said = error.description
        switch error.code {
        case .configuration: self.init(.configuration, said, at: moment)
        case .connect where said.contains("refused") || said.contains("No such file"):
            self.init(.refused, "\(said); is PostgreSQL running there, and is postgres.url right?", at: moment)
        case .connect: self.init(.unreachable, said, at: moment)
        case .authentication:
            self.init(.unauthorized, "\(said); check postgres.password and the server's pg_hba.conf", at: moment)
        case .permission:
            self.init(.forbidden, "\(said); run `zlh-controller migrate`, which grants what is needed", at: moment)
        case .undefinedObject:
            self.init(
                .database, "\(said); run `zlh-controller migrate`, or give a redefined view the column it lacks",
                at: moment)
        case .timeout: self.init(.timeout, said, at: moment)
        case .cancelled: self.init(.notRead, said, at: moment)
        case .lost: self.init(.connectionLost, said, at: moment)
        case .server, .protocol: self.init(.database, said, at: moment)
        }
    }
}
