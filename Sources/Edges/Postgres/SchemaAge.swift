/// Whether the schema has all that this program reads and writes. One that has more was made by a newer program, and still has it.
enum SchemaAge {
    /// What is missing, in one line; nil when nothing is.
    static func trouble(_ session: PostgresSession) throws(PostgresError) -> String? {
        switch try PostgresConnection.applied(session, user: "of postgres.url") {
        case .none: return "the database has no schema controller"
        // Not known is not new enough.
        case .unreadable(let why): return why
        case .numbers(let applied):
            let missing = Migration.all.map(\.number).filter { !applied.contains($0) }
            guard let first = missing.first else { return nil }
            let others = missing.count == 1 ? "" : " and \(missing.count - 1) more"
            return "the schema is older than this program: migration \(first)\(others) is missing"
        }
    }
}
