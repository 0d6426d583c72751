import Core
import Postgres
import TestSupport
import Testing

/// The two functions change one operation, once, and only while everything is as the caller saw it.
@Suite struct WriteBackTests {
    private static let mark = """
        select controller.mark_operation_stale('op', 3, '\(Database.holder)', 'running', null, 1,
          (select heartbeat_at from controller.desired_operation where id = 'op'), null)
        """
    private static let fail = """
        select controller.fail_stuck_operation('op', 3, '\(Database.holder)', 'queued', null, 0, null, null, 'stuck')
        """

    private func database(_ operation: String) async throws -> Database {
        let database = try await Database.migrated()
        try database.run(
            """
            update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null;
            insert into platform.provisioning_operation (id, kind, status, attempts, enqueued_at, heartbeat_at)
              values \(operation)
            """)
        return database
    }

    private func stale() async throws -> Database {
        try await database("('op', 'create', 'running', 1, now() - interval '1 hour', now() - interval '11 minutes')")
    }

    private func stuck() async throws -> Database {
        try await database("('op', 'create', 'queued', 0, now() - interval '16 minutes', null)")
    }

    private func call(_ database: Database, _ sql: String) async throws -> Bool {
        try await database.connection("zlh_run").rows(sql, timeout: Database.patience) == [["t"]]
    }

    @Test func staleIsMarkedOnce() async throws {
        let database = try await stale()
        #expect(try await call(database, Self.mark))
        #expect(
            try database.run("select status, finished_at is not null from platform.provisioning_operation") == "stale|t"
        )
        #expect(try await !call(database, Self.mark))
    }

    @Test func stuckFailsOnce() async throws {
        let database = try await stuck()
        #expect(try await call(database, Self.fail))
        #expect(try database.run("select status, error from platform.provisioning_operation") == "failed|stuck")
        #expect(try await !call(database, Self.fail))
    }

    private static let leaderships = [
        "update controller.leadership set epoch = 4",
        "update controller.leadership set closed_at = now()",
        "update controller.leadership set epoch = 4, holder = gen_random_uuid()",
        "alter table controller.leadership disable trigger guard; update controller.leadership set holder = gen_random_uuid()",
    ]

    @Test(
        arguments: [
            "status = 'queued'", "phase = 'clone'", "attempts = 2", "heartbeat_at = now()", "lease_expires_at = now()",
            "heartbeat_at = null", "status = 'ready'", "id = 'other'", "lease_expires_at = now() + interval '1 minute'",
        ].map { "update platform.provisioning_operation set \($0)" } + leaderships)
    func markNeedsEverythingAsItWas(_ change: String) async throws {
        let database = try await stale()
        // What was seen is given as literals, so that the change is not read back.
        let seen = try database.run("select heartbeat_at from platform.provisioning_operation")
        try database.run(change)
        #expect(
            try await !call(
                database,
                "select controller.mark_operation_stale('op', 3, '\(Database.holder)', 'running', null, 1, '\(seen)', null)"
            ))
        #expect(try database.run("select count(*) from platform.provisioning_operation where status = 'stale'") == "0")
    }

    @Test(
        arguments: [
            "status = 'running'", "phase = 'clone'", "attempts = 1", "heartbeat_at = now()", "kind = 'delete'",
            "enqueued_at = now() - interval '14 minutes'", "id = 'other'", "lease_expires_at = now()",
        ].map { "update platform.provisioning_operation set \($0)" } + leaderships)
    func failNeedsEverythingAsItWas(_ change: String) async throws {
        let database = try await stuck()
        try database.run(change)
        #expect(try await !call(database, Self.fail))
        #expect(try database.run("select count(*) from platform.provisioning_operation where status = 'failed'") == "0")
    }

    /// Seen as it is now, and still refused: the function judges expiry itself.
    @Test(arguments: [
        "heartbeat_at = now() - interval '9 minutes'", "heartbeat_at = null",
        "heartbeat_at = null, lease_expires_at = now() + interval '1 minute'",
        "lease_expires_at = now() + interval '1 minute'",
    ])
    func markJudgesExpiryByItsOwnClock(_ change: String) async throws {
        let database = try await stale()
        try database.run("update platform.provisioning_operation set \(change)")
        #expect(
            try await !call(
                database,
                """
                select controller.mark_operation_stale(id, 3, '\(Database.holder)', status, phase, attempts, heartbeat_at,
                  lease_expires_at) from controller.desired_operation
                """))
    }

    @Test(arguments: ["lease_expires_at = now() - interval '1 minute'", "heartbeat_at = now() - interval '1 minute'"])
    func failLeavesStaleAndLivingOnesAlone(_ change: String) async throws {
        let database = try await stuck()
        try database.run("update platform.provisioning_operation set \(change)")
        #expect(
            try await !call(
                database,
                """
                select controller.fail_stuck_operation(id, 3, '\(Database.holder)', status, phase, attempts, heartbeat_at,
                  lease_expires_at, 'stuck') from controller.desired_operation
                """))
    }

    @Test func aLeaseAloneMakesStaleToo() async throws {
        let database = try await stale()
        try database.run(
            "update platform.provisioning_operation set heartbeat_at = null, lease_expires_at = now() - interval '1 second'"
        )
        #expect(
            try await call(
                database,
                """
                select controller.mark_operation_stale(id, 3, '\(Database.holder)', status, phase, attempts, heartbeat_at,
                  lease_expires_at) from controller.desired_operation
                """))
    }

    /// The claim holds the leadership row to the end of its transaction: a takeover waits for it.
    @Test func aTakeoverWaitsForTheClaim() async throws {
        let database = try await stale()
        let claim = try database.connection("zlh_run")
        let rival = try database.connection("zlh_run")
        let (claimed, signal) = AsyncStream<Void>.makeStream()
        async let takeover = {
            for await _ in claimed { break }
            return await postgresError { () async throws(PostgresError) in
                try await rival.rows(
                    "update controller.leadership set epoch = 4, holder = gen_random_uuid(), taken_at = now()",
                    timeout: Database.patience)
            }
        }()
        let epoch = try await claim.run(timeout: Database.patience) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                guard try session.rows(Self.mark) == [["t"]] else { return "not marked" }
                signal.yield()
                // Ends only once the takeover waits for us; otherwise the deadline does.
                while try session.rows(
                    """
                    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
                    """
                ).isEmpty { _ = try session.query("select pg_sleep(0.02), pg_stat_clear_snapshot()") }
                return try session.rows("select epoch from controller.leadership")[0][0] ?? ""
            }
        }
        #expect(epoch == "3")
        #expect(await takeover == nil)
        #expect(try database.run("select epoch from controller.leadership") == "4")
        try database.run(
            "update platform.provisioning_operation set status = 'running', finished_at = null where id = 'op'")
        #expect(try await !call(database, Self.mark))
    }
}
