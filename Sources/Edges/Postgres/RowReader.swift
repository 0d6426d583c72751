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
        let result = try session.query(sql, parameters)
        let hostname: Int? =
            switch table {
            case .instance: 4
            case .retired: 3
            case .operation, .billing: nil
            }
        var values: [Value] = []
        values.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            var fields = FieldReader(result, row)
            if let value = decode(&fields) { values.append(value) }
            guard let why = fields.why else { continue }
            unreadable.append(
                UnreadableRow(
                    table: table, vmid: table == .billing ? nil : fields.optional(0).flatMap { VMID($0) },
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
}
