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

    /// What this version is tried with; an older one may lack what the views use.
    package static let oldest = 15

    /// As the server words it: `15.4`.
    package var version: String
    /// 15 of `15.4`.
    package var major: Int
    /// The server's clock, at the moment it answered.
    package var clock: Timestamp
    package var user: String
    /// A standby: it may lag, and takes no writes.
    package var isInRecovery: Bool
    /// Whether the role may take the leadership row, as `run` does; nil while there is no such row.
    package var mayLead: Bool?
    package var applied: Applied
    /// The migrations this program carries.
    package var expected: [Int]

    package init(
        version: String, major: Int, clock: Timestamp, user: String, isInRecovery: Bool, mayLead: Bool?,
        applied: Applied, expected: [Int]
    ) {
        self.version = version
        self.major = major
        self.clock = clock
        self.user = user
        self.isInRecovery = isInRecovery
        self.mayLead = mayLead
        self.applied = applied
        self.expected = expected
    }
}

extension PostgresConnection {
    package nonisolated func serverFacts(timeout: Span) async throws(PostgresError) -> ServerFacts {
        try await run(timeout: timeout) { session throws(PostgresError) in
            let rows = try session.rows(
                """
                select current_setting('server_version'), (extract(epoch from clock_timestamp()) * 1000000)::bigint,
                       current_user, pg_is_in_recovery(), current_setting('server_version_num')::integer / 10000
                """)
            guard let row = rows.first, let version = row[0], let clock = row[1].flatMap({ Int64($0) }),
                let user = row[2], let major = row[4].flatMap({ Int($0) })
            else { throw PostgresError(.protocol, "the server does not say who it is") }
            return ServerFacts(
                version: version, major: major, clock: Timestamp(microseconds: clock), user: user,
                isInRecovery: row[3] == "t", mayLead: try PostgresConnection.mayLead(session),
                applied: try PostgresConnection.applied(session, user: user), expected: Migration.all.map(\.number))
        }
    }

    private static func mayLead(_ session: PostgresSession) throws(PostgresError) -> Bool? {
        do throws(PostgresError) {
            let rows = try session.rows(
                "select has_table_privilege(current_user, to_regclass('controller.leadership')::oid, 'UPDATE')")
            return rows.first?.first?.map { $0 == "t" }
        } catch {
            // Not even the schema may be looked into.
            guard error.code == .permission else { throw error }
            return false
        }
    }

    static func applied(_ session: PostgresSession, user: String) throws(PostgresError) -> ServerFacts.Applied {
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
