package import Core

/// What `doctor` has to know of the server.
package struct ServerFacts: Equatable, Sendable {
    package enum Applied: Equatable, Sendable {
        case numbers([Int])
        /// There is no schema yet: run `migrate`.
        case none
        /// The role may not look; says which.
        case unreadable(String)
    }

    /// As the server words it: `15.4`.
    package var version: String
    /// The server's clock, at the moment it answered.
    package var clock: Timestamp
    package var user: String
    package var isInRecovery: Bool
    package var applied: Applied
    /// The migrations this program carries.
    package var expected: [Int]
}

extension PostgresConnection {
    package nonisolated func serverFacts(timeout: Span) async throws(PostgresError) -> ServerFacts {
        try await run(timeout: timeout) { session throws(PostgresError) in
            let rows = try session.rows(
                """
                select current_setting('server_version'), (extract(epoch from clock_timestamp()) * 1000000)::bigint,
                       current_user, pg_is_in_recovery()
                """)
            guard let row = rows.first, let version = row[0], let clock = row[1].flatMap({ Int64($0) }),
                let user = row[2]
            else { throw PostgresError(.protocol, "the server does not say who it is") }
            return ServerFacts(
                version: version, clock: Timestamp(microseconds: clock), user: user, isInRecovery: row[3] == "t",
                applied: try PostgresConnection.applied(session, user: user), expected: Migration.all.map(\.number))
        }
    }

    private static func applied(_ session: PostgresSession, user: String) throws(PostgresError) -> ServerFacts.Applied {
        do throws(PostgresError) {
            return .numbers(
                try session.rows("select number from controller.schema_version order by number").compactMap {
                    $0[0].flatMap { Int($0) }
                })
        } catch {
            switch error.code {
            case .undefinedObject: return .none
            case .permission: return .unreadable("the role \(user) may not read controller.schema_version")
            default: throw error
            }
        }
    }
}
