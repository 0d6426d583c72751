internal import Core

/// Reads rows of views that anybody may have redefined, and keeps apart those that cannot be understood.
struct RowReader {
    private let session: PostgresSession
    private(set) var unreadable: [UnreadableRow] = []

    init(_ session: PostgresSession) { self.session = session }

    mutating func list<Value>(
        _ sql: String, _ table: UnreadableRow.Table, _ decode: (inout FieldReader) -> Value?,
        _ parameters: [String?] = []
    ) throws(PostgresError) -> [Value] {
        var values: [Value] = []
        try forEach(sql, table, decode, parameters) { values.append($0) }
        return values
    }

    /// Gives `body` each row that can be understood, as it comes.
    mutating func forEach<Value>(
        _ sql: String, _ table: UnreadableRow.Table, _ decode: (inout FieldReader) -> Value?,
        _ parameters: [String?] = [], _ body: (consuming Value) -> Void
    ) throws(PostgresError) {
        let hostname: Int? =
            switch table {
            case .instance: 4
            case .retired: 3
            case .operation, .billing: nil
            }
        try session.forEachRow(sql, parameters) { row in
            var fields = FieldReader(row)
            if let value = decode(&fields) { body(value) }
            guard let why = fields.why else { return }
            unreadable.append(
                UnreadableRow(
                    table: table, vmid: table == .billing ? nil : fields.optional(0).flatMap { VMID($0) },
                    externalID: hostname == nil ? nil : fields.optional(1).flatMap { ExternalID($0) },
                    hostname: hostname.flatMap { fields.optional($0) }, why: why))
        }
    }

    /// Our own tables check what they hold: a row of theirs that cannot be read means somebody replaced the view.
    func ours<Value>(
        _ sql: String, _ view: String, _ decode: (inout FieldReader) -> Value?
    ) throws(PostgresError) -> [Value] {
        var values: [Value] = []
        var failure: PostgresError?
        try session.forEachRow(sql) { row in
            var fields = FieldReader(row)
            if let value = decode(&fields) {
                values.append(value)
            } else if failure == nil {
                failure = PostgresError(.protocol, "\(view) holds a row that cannot be read", cause: fields.why)
            }
        }
        if let failure { throw failure }
        return values
    }
}
