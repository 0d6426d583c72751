import Foundation
import Lab
import Postgres
import TestSupport
import Testing
import World

/// Real daemons, each a process of its own, on a real PostgreSQL and a real Redis.
@Suite("Daemons as processes", .serialized)
struct ProcessTests {
    /// A database with dead operations on two servers, a Redis with their empty queue, and a pause over all of it.
    private struct Place {
        let postgres: PrivatePostgres
        let redis: PrivateRedis
        let database: String

        init(_ postgres: PrivatePostgres) async throws {
            self.postgres = postgres
            database = try postgres.createDatabase()
            let owner = try PostgresConnection(PostgresTarget(url: postgres.url(database: database)))
            _ = try await Migrator.run(on: owner)
            await owner.close()
            redis = try await PrivateRedis()
            try await redis.run("HSET", "bull:provisioning:meta", "version", "bullmq:5.56.9")
            try await redis.run("SET", "bull:provisioning:id", "2")
            try sql(
                """
                insert into platform.container_instance (vmid, ctype, hostname)
                values (5001, 'game', 'mc-paper-5001'), (5002, 'game', 'mc-paper-5002'), (5003, 'game', 'mc-paper-5003');
                insert into controller.pause (until, reason, by) values (now() + interval '1 hour', 'wait', 'test')
                """)
            try addDead(5001)
            try addDead(5002)
        }

        @discardableResult
        func sql(_ text: String) throws -> String { try postgres.run(text, database: database) }

        /// An operation whose worker died.
        func addDead(_ vmid: Int) throws {
            try sql(
                """
                insert into platform.provisioning_operation
                  (id, kind, status, phase, attempts, vmid, enqueued_at, heartbeat_at, lease_expires_at)
                values ('op-\(vmid)', 'restart', 'running', 'stop', 1, \(vmid), now() - interval '1 hour',
                        now() - interval '11 minutes', now() - interval '10 minutes')
                """)
        }

        func endPause() throws { try sql("update controller.pause set ended_at = now(), ended_by = 'test'") }

        /// - Parameters:
        ///   - webhook: where it tells people; nil leaves that out.
        ///   - more: what else stands in its configuration.
        func start(telling webhook: String? = nil, cycle: String = "1s", more: String = "") throws -> DaemonProcess {
            let discord = webhook.map { "\ndiscord: { webhooks: { alerts: { value: \"\($0)\" } } }" } ?? ""
            return try DaemonProcess(
                configuration: """
                    id: "process-1"
                    mode: repair
                    cycle: \(cycle)
                    postgres: { url: "\(postgres.url(user: "zlh_run", database: database))", timeout: 5s }
                    redis: { url: "redis://127.0.0.1:\(redis.port)/0" }
                    lock: { ttl: 2s, act_deadline: 1s }
                    queues: { names: [provisioning] }

                    """ + more + discord)
        }

        /// The journal tells of so many dead operations.
        func tells(of count: Int) throws -> Bool {
            try sql("select count(*) from controller.open_drift where drift_kind = 'operation.stale'") == "\(count)"
        }

        func healed() throws -> String {
            try sql("select count(*) from platform.provisioning_operation where status = 'stale'")
        }
    }

    @Test func oneThatStoodStillForLongerThanItsLeaseNeverActsAgain() async throws {
        let place = try await Place(PrivatePostgres.shared.get())
        let first = try place.start()
        try await eventually("the first leads and has told") { try place.tells(of: 2) }
        let second = try place.start()
        try await eventually("the second stands by") { second.said.contains("stands by") }

        // It has two repairs to make, and only the pause holds them.
        first.freeze()
        try place.endPause()
        try await eventually("the second takes over and heals") { try place.healed() == "2" }
        #expect(try place.sql("select epoch > 1 from controller.leadership") == "t")
        first.thaw()
        try await eventually("the first knows that it does not lead") {
            first.said.split(separator: "\n").last { $0.contains("leadership") }.map {
                $0.contains("stands by") || $0.contains("does not lead")
            } ?? false
        }
        // It goes on observing, and has something to do in each round.
        try place.addDead(5003)
        try await eventually("the second heals that, too") { try place.healed() == "3" }
        let rounds = first.said.split(separator: "round ended").count
        try await eventually("the first looks on") { first.said.split(separator: "round ended").count > rounds + 2 }

        // What the first has written it wrote before the second came; the second's epoch changes when the machine is slow.
        let late = """
            select max(id) filter (where epoch = 1) < min(id) filter (where epoch > 1) from controller.repair_event
            """
        #expect(try place.sql(late) == "t")
        #expect(try place.sql("select count(*), min(epoch) > 1 from controller.repair_intent") == "3|t")
        #expect(
            try place.sql(
                "select string_agg(outcome, ' ' order by id) from controller.repair_event where vmid = 5001"
            )
            .hasSuffix("asked answered verified closed"))
        #expect(try place.sql("select count(*) from controller.repair_intent where state <> 'verified'") == "0")
        #expect(try await second.stop() == 0)
        #expect(try await first.stop() == 0)
    }

    /// Whoever asks for health and reads no answer must not keep the daemon from ending, nor the process.
    @Test func aClientThatReadsNothingHoldsUpNoStop() async throws {
        let place = try await Place(PrivatePostgres.shared.get())
        let port = try PrivatePostgres.freePort()
        let daemon = try place.start(more: "http: { bind: \"127.0.0.1:\(port)\" }\n")
        try await eventually("it leads and has told") { try place.tells(of: 2) }
        let client = try DeafClient(port: port)
        try await client.fillUp()
        let start = ContinuousClock.now
        #expect(try await daemon.stop() == 0)
        let took = ContinuousClock.now - start
        print("a client that reads nothing: stopped after \(took)")
        #expect(took < .seconds(30))
        #expect(try place.sql("select closed_at is not null from controller.leadership") == "t")
        #expect(try await place.redis.run("EXISTS", "zlh:controller:lock") == "0")
    }

    /// With rounds so far apart that only what happens can begin one: what is open does not wait for the next.
    @Test func aKilledLeaderIsSucceededByOneThatLooksAtOnce() async throws {
        let place = try await Place(PrivatePostgres.shared.get())
        let first = try place.start(cycle: "10m")
        try await eventually("the first leads and has told") { try place.tells(of: 2) }
        let second = try place.start(cycle: "10m")
        try await eventually("the second stands by, and has looked") {
            second.said.contains("stands by") && second.said.contains("round ended")
        }
        // A changed row is looked at, by the one that leads and by the one that does not.
        try place.addDead(5003)
        try await eventually("the first tells of a row that has changed") { try place.tells(of: 3) }
        try await eventually("the second has looked, too") { second.said.split(separator: "round ended").count > 2 }

        first.kill()
        try place.endPause()
        try await eventually("the second takes over and heals") { try place.healed() == "3" }
        #expect(try place.sql("select count(*), min(epoch) > 1 from controller.repair_intent") == "3|t")
        #expect(try place.sql("select count(*) from controller.repair_intent where state <> 'verified'") == "0")
        #expect(try await second.stop() == 0)
        // Said to the end, and not only until it was asked to.
        #expect(second.said.split(separator: "\n").last { $0.contains("leadership") }?.contains("has stopped") == true)
    }

    @Test func aHangUpReadsThePoliciesAgainOrKeepsThem() async throws {
        let place = try await Place(PrivatePostgres.shared.get())
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zlh-policies-\(place.database)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { _ = Result { try FileManager.default.removeItem(at: folder) } }
        func write(_ text: String) throws {
            try Data(text.utf8).write(to: folder.appendingPathComponent("10.yaml"), options: .atomic)
        }
        let policy = """
            policies:
              - { name: clear, kinds: ["operation.stale"], level: LEVEL, action: clear_stale_operation_lock }

            """
        // As long as it is not automatic, nothing is done.
        try write(policy.replacing("LEVEL", with: "2"))
        try place.endPause()
        let daemon = try place.start(more: "policies: \"\(folder.path)\"\n")
        try await eventually("it has told, and looked again") {
            try place.tells(of: 2) && daemon.said.split(separator: "round ended").count > 4
        }
        #expect(try place.healed() == "0")

        try write("policies: [")
        daemon.hangUp()
        try await eventually("it says that it keeps the old ones") {
            daemon.said.contains("policies kept as they were")
        }
        let rounds = daemon.said.split(separator: "round ended").count
        try await eventually("it goes on with them") { daemon.said.split(separator: "round ended").count > rounds + 2 }
        #expect(try place.healed() == "0")

        try write(policy.replacing("LEVEL", with: "1"))
        daemon.hangUp()
        try await eventually("it does what the new ones allow") { try place.healed() == "2" }
        #expect(try await daemon.stop() == 0)
    }

    @Test func itOutlivesARestartOfPostgreSQL() async throws {
        let postgres = try PrivatePostgres()
        let place = try await Place(postgres)
        let house = LabHouse(estate: .oneServer(), options: LabOptions())
        try await house.start()
        func said(of words: String) async -> [String] {
            await house.discord.shown.compactMap { $0.post.embeds.first?.title }.filter { $0.contains(words) }
        }
        let daemon = try place.start(telling: await house.webhookURL())
        try await eventually("it leads and has told") { try place.tells(of: 2) }
        try postgres.stop()
        try await eventually("it says that it does not lead") {
            daemon.said.split(separator: "\n").last { $0.contains("leadership") }.map {
                $0.contains("does not lead")
            } ?? false
        }
        // The one message that cannot wait in the database.
        try await eventually("people hear of it") { await said(of: "database") == ["The database is gone"] }
        try postgres.start()
        try await eventually("the server is back") { (try? place.sql("select 1")) == "1" }
        try place.endPause()
        try await eventually("it leads again and heals") { try place.healed() == "2" }
        try await eventually("and closes what it told of") { try place.tells(of: 0) }
        // What was open before is not opened again, and no attempt is left behind.
        #expect(
            try place.sql(
                """
                select string_agg(n::text, ' ') from (select count(*) n from controller.repair_event
                 where outcome = 'opened' and drift_kind = 'operation.stale' group by drift_id) x
                """) == "1 1")
        #expect(try place.sql("select string_agg(distinct state, ' ') from controller.repair_intent") == "verified")
        try await eventually("and that it is back, in the same place") {
            await said(of: "database") == ["The database is back"]
        }
        #expect(try await daemon.stop() == 0)
        await house.stop()
        #expect(try place.sql("select closed_at is not null from controller.leadership") == "t")
        try postgres.kill()
    }
}
