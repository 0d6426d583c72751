package import Core

/// Hears that desired state changed. Give it a connection of its own: it holds no transaction, and occupies its thread.
package struct ChangeListener: Sendable {
    package enum Change: Hashable, Sendable {
        /// Look at everything: listening has just begun, also after a lost connection, or more than one VMID is
        /// touched.
        case everything
        case instance(VMID)
    }

    private let connection: PostgresConnection

    package init(_ connection: PostgresConnection) { self.connection = connection }

    /// Waits for changes; none when it stayed quiet for `timeout`. The first answer on each connection is
    /// ``Change/everything``, given once the server has taken the `listen`: what is read after it misses nothing.
    package func next(timeout: Span) async throws(PostgresError) -> Set<Change> {
        let payloads = try await connection.run(timeout: timeout) { session throws(PostgresError) in
            try session.notifications(on: "controller_desired")
        }
        guard let payloads else { return [.everything] }
        return Set(payloads.map { VMID($0).map(Change.instance) ?? .everything })
    }
}
