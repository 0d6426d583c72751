internal import CLibpq

/// Owns one `PGresult`: the rows of one statement, as text.
@safe package struct PostgresResult: ~Copyable {
    private let pointer: OpaquePointer
    package let rowCount: Int
    package let columnCount: Int

    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
        rowCount = Int(unsafe PQntuples(pointer))
        columnCount = Int(unsafe PQnfields(pointer))
    }

    deinit { unsafe PQclear(pointer) }

    /// The bytes of one field, or nil for a null.
    package func text(_ row: Int, _ column: Int) -> String? {
        precondition((0..<rowCount).contains(row) && (0..<columnCount).contains(column), "no such field")
        let (row, column) = (Int32(row), Int32(column))
        guard unsafe PQgetisnull(pointer, row, column) == 0, let start = unsafe PQgetvalue(pointer, row, column) else {
            return nil
        }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(pointer, row, column)))
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    /// All rows, for small answers.
    package func rows() -> [[String?]] {
        (0..<rowCount).map { row in (0..<columnCount).map { text(row, $0) } }
    }

    /// What the server says it did: `COMMIT`, `UPDATE 1`.
    package var commandTag: String { unsafe PQcmdStatus(pointer).map { unsafe String(cString: $0) } ?? "" }

    enum Outcome { case success, failure, copy }

    var outcome: Outcome {
        switch unsafe PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE: .success
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        default: .failure
        }
    }

    /// The server's own error, without `DETAIL` and `CONTEXT`: they quote rows.
    var error: (sqlstate: String?, message: String) {
        // PG_DIAG_SQLSTATE is 'C' and PG_DIAG_MESSAGE_PRIMARY 'M' in postgres_ext.h.
        (field(67), field(77) ?? "no message")
    }

    private func field(_ code: Int32) -> String? {
        unsafe PQresultErrorField(pointer, code).map { unsafe String(cString: $0) }
    }
}
