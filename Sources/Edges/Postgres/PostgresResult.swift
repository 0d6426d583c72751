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

    /// One field as text, or nil for a null.
    package func text(_ row: Int, _ column: Int) -> String? {
        unsafe withField(row, column) { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
    }

    /// Gives `body` the bytes of one field; nil, without a call, for a null.
    func read<Value>(_ row: Int, _ column: Int, _ body: (Swift.Span<UInt8>) -> Value) -> Value? {
        unsafe withField(row, column) { bytes in body(unsafe bytes.span) }
    }

    /// "The pointer returned by PQgetvalue points to storage that is part of the PGresult structure": it is good for as long as
    /// this value is borrowed, and nothing changes what it points to.
    private func withField<Value>(_ row: Int, _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value? {
        precondition((0..<rowCount).contains(row) && (0..<columnCount).contains(column), "no such field")
        let (row, column) = (Int32(row), Int32(column))
        let count = Int(unsafe PQgetlength(pointer, row, column))
        // "An empty string is returned if the field value is null", so only what is empty can be null.
        guard unsafe count > 0 || PQgetisnull(pointer, row, column) == 0,
            let start = unsafe PQgetvalue(pointer, row, column)
        else { return nil }
        return unsafe start.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
            unsafe body(UnsafeBufferPointer(start: bytes, count: count))
        }
    }

    /// Of text in all fields.
    var bytes: Int {
        var sum = 0
        for row in 0..<Int32(rowCount) {
            for column in 0..<Int32(columnCount) { sum += Int(unsafe PQgetlength(pointer, row, column)) }
        }
        return sum
    }

    /// All rows, for small answers.
    package func rows() -> [[String?]] {
        (0..<rowCount).map { row in (0..<columnCount).map { text(row, $0) } }
    }

    /// What the server says it did: `COMMIT`, `UPDATE 1`.
    package var commandTag: String { unsafe PQcmdStatus(pointer).map { unsafe String(cString: $0) } ?? "" }

    /// In single-row mode each row is an outcome, and then comes a success without any.
    enum Outcome { case row, success, failure, copy }

    var outcome: Outcome {
        switch unsafe PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .success
        case PGRES_SINGLE_TUPLE: .row
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
