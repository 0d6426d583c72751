import Core
import Postgres
import Runtime
import Settings
import Synchronization
import TestSupport
import Testing

/// A whole daemon on a real PostgreSQL and a real Redis, and how it ends.
@Suite("A daemon that is stopped")
struct StopTests {
    /// Two operations whose workers died, on two servers: two repairs in one round.
    private static let dead = """
        insert into platform.container_instance (vmid, ctype, hostname)
        values (5001, 'game', 'mc-paper-5001'), (5002, 'game', 'mc-paper-5002');
        insert into platform.provisioning_operation
          (id, kind, status, phase, attempts, vmid, enqueued_at, heartbeat_at, lease_expires_at)
        select 'op-' || vmid, 'restart', 'running', 'stop', 1, vmid, now() - interval '1 hour',
               now() - interval '11 minutes', now() - interval '10 minutes'
          from platform.container_instance
        """

    /// A database with its schema.
    private func migrated(_ postgres: PrivatePostgres) async throws -> String {
        let database = try postgres.createDatabase()
        let owner = try PostgresConnection(PostgresTarget(url: postgres.url(database: database)))
        _ = try await Migrator.run(on: owner)
        await owner.close()
        return database
    }

    private func configuration(
        _ postgres: PrivatePostgres, _ database: String, _ redis: PrivateRedis
    ) throws -> Configuration {
        let text = """
            id: "stop-1"
            mode: repair
            cycle: 1s
            postgres: { url: "\(postgres.url(user: "zlh_run", database: database))" }
            redis: { url: "redis://127.0.0.1:\(redis.port)/0" }
            queues: { names: [provisioning] }
            """
        return try Configuration.read(Array(text.utf8), file: "config.yaml", folder: "/", hasPolicyFolder: false)
    }

    /// A transaction that a stop cuts off is no trouble with the ledger: the log would have an error for each restart.
    @Test func whatAStopCutsOffIsNoTrouble() async throws {
        let postgres = try PrivatePostgres.shared.get()
        let database = try await migrated(postgres)
        let redis = try await PrivateRedis()
        let configuration = try configuration(postgres, database, redis)
        let policies = try configuration.loadPolicies()
        let trouble = Mutex<[String]>([])
        let parts = try DaemonParts(
            configuration, policies: policies, standing: { _ in },
            news: { news in if case .failed(let why) = news { trouble.withLock { $0.append(why) } } })
        // Whoever leads asks first what was interrupted, and no round does.
        let held = try await postgres.hold("lock table controller.repair_step", database: database)
        let task = Task { await parts.run(policies: policies) }
        defer { task.cancel() }
        try await postgres.somebodyWaits(in: database)
        task.cancel()
        await task.value
        try await held.end()
        #expect(trouble.withLock { $0 } == [])
        #expect(try await redis.run("EXISTS", configuration.lock.key) == "0")
    }

    @Test func itEndsItsRepairBeginsNoOtherClosesTheRowAndReleasesTheLock() async throws {
        let postgres = try PrivatePostgres.shared.get()
        let database = try await migrated(postgres)
        try postgres.run(Self.dead, database: database)
        let redis = try await PrivateRedis()
        try await redis.run("HSET", "bull:provisioning:meta", "version", "bullmq:5.56.9")
        try await redis.run("SET", "bull:provisioning:id", "2")

        let configuration = try configuration(postgres, database, redis)
        let policies = try configuration.loadPolicies()
        let (repairs, told) = AsyncStream<RepairOutcome>.makeStream()
        let running = Mutex<Task<Void, Never>?>(nil)
        let parts = try DaemonParts(
            configuration, policies: policies, standing: { _ in },
            news: { news in
                guard case .repaired(_, let outcome) = news else { return }
                // The request to stop comes while the first of two repairs ends.
                running.withLock { $0?.cancel() }
                told.yield(outcome)
            })
        let task = Task { await parts.run(policies: policies) }
        running.withLock { $0 = task }
        let isOver = Mutex(false)
        Task {
            await task.value
            isOver.withLock { $0 = true }
        }
        // Whoever waits for a repair that never comes fails, and does not hang.
        defer { task.cancel() }
        try await eventually("the daemon has stopped") { isOver.withLock { $0 } }
        told.finish()

        var outcomes: [RepairOutcome] = []
        for await outcome in repairs { outcomes.append(outcome) }
        #expect(outcomes == [.verified])
        func asked(_ sql: String) throws -> String { try postgres.run(sql, database: database) }
        #expect(
            try asked("select string_agg(status, ' ' order by status) from platform.provisioning_operation")
                == "running stale")
        #expect(try asked("select string_agg(state, ' ') from controller.repair_intent") == "verified")
        #expect(try asked("select epoch, closed_at is not null from controller.leadership") == "1|t")
        #expect(try await redis.run("EXISTS", configuration.lock.key) == "0")
    }
}
