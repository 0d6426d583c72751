/// How much one call may take in. A redefined view may yield anything, and what is read is held in memory.
package struct Intake: Sendable {
    private var rows: Int
    private var bytes: Int

    /// - Parameter bytes: of text in all fields.
    package init(rows: Int, bytes: Int) {
        self.rows = rows
        self.bytes = bytes
    }

    /// A hundred thousand instances are some two hundred thousand rows and 20 MB.
    package static let standard = Intake(rows: 4_000_000, bytes: 512 << 20)

    /// Whether what came is still within it.
    mutating func take(_ result: borrowing PostgresResult) -> Bool {
        rows -= result.rowCount
        bytes -= result.bytes
        return rows >= 0 && bytes >= 0
    }
}
