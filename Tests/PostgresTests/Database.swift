import Core
import Postgres
import TestSupport

/// A migrated database of one test's own, on the shared server.
struct Database {
    static let patience = Span.seconds(30)
    static let holder = "11111111-1111-1111-1111-111111111111"

    let server: PrivatePostgres
    let name: String

    private static let template = Task {
        let server = try PrivatePostgres.shared.get()
        let database = Database(server: server, name: try server.createDatabase())
        let connection = try database.connection("postgres")
        _ = try await Migrator.run(on: connection, timeout: patience)
        await connection.close()
        return database.name
    }

    static func migrated() async throws -> Database {
        let server = try PrivatePostgres.shared.get()
        return Database(server: server, name: try server.createDatabase(template: try await template.value))
    }

    static func empty() throws -> Database {
        let server = try PrivatePostgres.shared.get()
        return Database(server: server, name: try server.createDatabase())
    }

    func connection(_ user: String) throws -> PostgresConnection {
        try PostgresConnection(PostgresTarget(url: server.url(user: user, database: name)))
    }

    /// What the platform or an administrator does.
    @discardableResult
    func run(_ sql: String) throws -> String { try server.run(sql, database: name) }

    /// A transaction of the platform's, or of anybody else, that has done this and stays open.
    func held(_ sql: String) async throws -> HeldTransaction { try await server.hold(sql, database: name) }

    /// Returns once somebody waits for a lock in this database.
    func somebodyWaits() async throws { try await server.somebodyWaits(in: name) }

    func read(as user: String = "zlh_audit") async throws -> DesiredState {
        try await DesiredStateReader(connection(user)).read(
            timeout: Database.patience, now: { Timestamp(seconds: 1) }
        ).get()
    }

    func failure(as user: String = "zlh_audit") async throws -> ReadFailure? {
        let result = try await DesiredStateReader(connection(user)).read(
            timeout: Database.patience, now: { Timestamp(seconds: 1) })
        guard case .failure(let failure) = result else { return nil }
        return failure
    }
}

/// The error that `body` ends with; nil when it succeeds.
func postgresError(_ body: () async throws(PostgresError) -> Void) async -> PostgresError? {
    do throws(PostgresError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
