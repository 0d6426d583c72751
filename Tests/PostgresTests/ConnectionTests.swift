import Core
import Postgres
import TestSupport
import Testing

@Suite struct ConnectionTests {
    @Test func speaksOverTCPAndOverASocket() async throws {
        let database = try Database.empty()
        for overSocket in [false, true] {
            let url = database.server.url(database: database.name, overSocket: overSocket)
            let connection = try PostgresConnection(PostgresTarget(url: url))
            let rows = try await connection.rows(
                "select $1::text, null, current_setting('application_name')", ["ä'\"\\"], timeout: Database.patience)
            #expect(rows == [["ä'\"\\", nil, "zlh-controller"]])
        }
    }

    @Test func looksHostNamesUp() async throws {
        let database = try Database.empty()
        var target = try PostgresTarget(url: database.server.url(database: database.name))
        target.host = "localhost"
        let connection = try PostgresConnection(target)
        // `localhost` may be ::1 first, where nobody listens: all its addresses are tried.
        #expect(try await connection.rows("select 1", timeout: Database.patience) == [["1"]])
        // Longer than a label can be: refused without asking a name server.
        target.host = String(repeating: "x", count: 70)
        let nowhere = try PostgresConnection(target)
        let lookup = await postgresError { () async throws(PostgresError) in
            try await nowhere.rows("select 1", timeout: Database.patience)
        }
        #expect(lookup?.message == "the host name of postgres.url has no address")
    }

    @Test func aDeadlineEndsTheCallAndTheStatement() async throws {
        let database = try Database.empty()
        let connection = try database.connection("postgres")
        let error = await postgresError { () async throws(PostgresError) in
            try await connection.rows("select pg_sleep(300)", timeout: .milliseconds(300))
        }
        #expect(error?.code == .timeout)
        // The next call connects anew, and sees the statement gone: PQcancel reached the server.
        let other = """
            select count(*) from pg_stat_activity where datname = current_database() and query like '%pg_sleep(300)%'
               and pid <> pg_backend_pid()
            """
        try await eventually("the statement is gone") {
            try await connection.rows(other, timeout: Database.patience) == [["0"]]
        }
    }

    @Test func cancellationWakesTheCall() async throws {
        let connection = try Database.empty().connection("postgres")
        let task = Task {
            await postgresError { () async throws(PostgresError) in
                try await connection.rows("select pg_sleep(300)", timeout: .seconds(300))
            }
        }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        #expect(try await connection.rows("select 1", timeout: Database.patience) == [["1"]])
    }

    @Test func aServerThatDiesIsALostConnection() async throws {
        let server = try PrivatePostgres()
        let connection = try PostgresConnection(PostgresTarget(url: server.url(database: "postgres")))
        _ = try await connection.rows("select 1", timeout: Database.patience)
        async let error = postgresError { () async throws(PostgresError) in
            try await connection.rows("select pg_sleep(300)", timeout: Database.patience)
        }
        // Dies once the statement runs.
        let running = "select count(*) from pg_stat_activity where query like 'select pg_sleep%'"
        try await eventually("the statement runs") { try server.run(running) == "1" }
        try server.kill()
        #expect(await error?.code == .lost)
        let next = await postgresError { () async throws(PostgresError) in
            try await connection.rows("select 1", timeout: Database.patience)
        }
        #expect(next?.code == .connect)
    }

    @Test func aTerminatedBackendIsALostConnectionAndTheNextCallConnects() async throws {
        let connection = try Database.empty().connection("postgres")
        let error = await postgresError { () async throws(PostgresError) in
            try await connection.rows("select pg_terminate_backend(pg_backend_pid())", timeout: Database.patience)
        }
        #expect(error?.code == .lost)
        #expect(try await connection.rows("select 1", timeout: Database.patience) == [["1"]])
    }

    @Test func nobodyListening() async throws {
        let url = "postgres://zlh_run@127.0.0.1:\(try PrivatePostgres.freePort())/zlh"
        let reader = DesiredStateReader(try PostgresConnection(PostgresTarget(url: url)))
        let result = await reader.read(timeout: Database.patience, now: { Timestamp(seconds: 7) })
        guard case .failure(let failure) = result else {
            Issue.record("read from nowhere")
            return
        }
        #expect(failure.code == .refused)
        #expect(failure.at == Timestamp(seconds: 7))
    }

    /// It is reached, and says why not: nothing is to be looked for on the way there.
    @Test func aServerThatRefusesIsNotUnreachable() async throws {
        func refusal(_ name: String) async throws -> ReadFailure? {
            try await Database(server: try PrivatePostgres.shared.get(), name: name).failure()
        }
        let database = try await Database.migrated()
        try database.server.run("alter database \(database.name) connection limit 0")
        let full = try await refusal(database.name)
        #expect(full?.code == .rejected)
        #expect(full?.detail.contains("too many connections") == true)
        #expect(full?.detail.contains("CONNECTION LIMIT") == true)
        try database.server.run("alter database \(database.name) connection limit -1 allow_connections false")
        let closed = try await refusal(database.name)
        #expect(closed?.code == .database && closed?.isUnconnected == true)
        #expect(closed?.detail.contains("55000") == true)
        let missing = try await refusal("no_such_database")
        #expect(missing?.code == .database && missing?.isUnconnected == true)
        #expect(missing?.detail.contains("postgres.url") == true)
        // One that answers keeps messages.
        let empty = try Database.empty()
        #expect(
            try await empty.failure(as: "postgres").map { [$0.code == .database, $0.isUnconnected] } == [true, false])
    }

    /// As behind a pooler that drops the options of the start.
    @Test func aSessionThatWouldHideRowsIsRefused() async throws {
        let connection = try await Database.migrated().connection("zlh_audit")
        try await connection.rows("set row_security = on", timeout: Database.patience)
        let result = await DesiredStateReader(connection).read(
            timeout: Database.patience, now: { Timestamp(seconds: 1) })
        guard case .failure(let failure) = result else {
            Issue.record("it was believed")
            return
        }
        #expect(failure.code == .configuration && failure.detail.contains("row_security is on"))
    }

    @Test func aWrongPasswordIsSaidWithoutIt() async throws {
        let database = try Database.empty()
        let url = database.server.url(user: PrivatePostgres.passwordUser, database: database.name)
        let target = try PostgresTarget(url: url)
        for password in [Secret("hunter2-secret"), nil] {
            let connection = try PostgresConnection(target, password: password)
            let error = await postgresError { () async throws(PostgresError) in
                try await connection.rows("select 1", timeout: Database.patience)
            }
            #expect(error?.code == .authentication)
            #expect(error?.description.contains("hunter2") == false)
        }
        let right = try PostgresConnection(target, password: Secret("correct horse"))
        #expect(try await right.rows("select 1", timeout: Database.patience) == [["1"]])
    }

    @Test func aMissingDatabaseAndASyntaxErrorAreTold() async throws {
        let server = try PrivatePostgres.shared.get()
        let connection = try PostgresConnection(PostgresTarget(url: server.url(database: "no_such_database")))
        let missing = await postgresError { () async throws(PostgresError) in
            try await connection.rows("select 1", timeout: Database.patience)
        }
        #expect(missing?.code == .undefinedObject)
        #expect(missing?.sqlstate == "3D000")
        let other = try Database.empty().connection("postgres")
        let syntax = await postgresError { () async throws(PostgresError) in
            try await other.rows("selct", timeout: Database.patience)
        }
        #expect(syntax?.code == .server("42601"))
    }

    @Test func aFailedTransactionLeavesNothingBehind() async throws {
        let connection = try Database.empty().connection("postgres")
        let error = await postgresError { () async throws(PostgresError) in
            try await connection.run(timeout: Database.patience) { session throws(PostgresError) in
                try session.transaction { session throws(PostgresError) in
                    try session.script("create table public.t (x integer); select 1/0")
                }
                return
            }
        }
        #expect(error?.code == .server("22012"))
        #expect(error?.isCommitUnknown == false)
        let rows = try await connection.rows("select to_regclass('public.t')", timeout: Database.patience)
        #expect(rows == [[nil]])
    }

    @Test func largeAnswersArrive() async throws {
        let connection = try Database.empty().connection("postgres")
        let count = try await connection.run(timeout: Database.patience) { session throws(PostgresError) in
            try session.query("select g, repeat('x', 100) from generate_series(1, 50000) g").rowCount
        }
        #expect(count == 50_000)
        let long = String(repeating: "y", count: 4_000_000)
        #expect(try await connection.rows("select length($1)", [long], timeout: Database.patience) == [["4000000"]])
    }
}
