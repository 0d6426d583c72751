import Core
import Platform
import Redis
import TestSupport
import Testing
import World

/// The observer against real servers: who may read, where it reads, and what is bounded.
@Suite struct ObserverTests {
    private func failure(_ observer: QueueObserver) async -> ReadFailure? {
        guard case .failure(let failure) = await observer.read() else { return nil }
        #expect(!failure.detail.contains(password))
        return failure
    }

    @Test func theReaderReadsAndChangesNothing() async throws {
        let redis = try await PrivateRedis()
        try await redis.addReader(password: password, queues: [queueName])
        let connection = try redis.connection("gsr", password: password)
        let replies = try await connection.run(timeout: .seconds(30)) { session throws(RedisError) in
            try session.pipeline([
                ["SET", "bull:\(queueName):id", "1"], ["DEL", "bull:\(queueName):id"], ["EVAL", "return 1", "0"],
                ["CONFIG", "GET", "*"], ["GET", "bull:other:id"], ["PING"],
            ])
        }
        #expect(replies.dropLast().allSatisfy { $0.error?.code == .permission })
        #expect(replies.last == .text("PONG"))
    }

    @Test func passwordsAreAskedFor() async throws {
        let redis = try await PrivateRedis()
        try await redis.run("CONFIG", "SET", "requirepass", password)
        #expect(await failure(try redis.observer())?.code == .unauthorized)
        #expect(await failure(try redis.observer(password: "wrong"))?.code == .unauthorized)
        #expect(await failure(try redis.observer("nobody", password: password))?.code == .unauthorized)
        #expect(await failure(try redis.observer(password: password)) == nil)
        let open = try await PrivateRedis()
        #expect(await failure(try open.observer(password: password))?.code == .unauthorized)
    }

    @Test func aKeyThatMayNotBeReadConcernsItsQueueAlone() async throws {
        let redis = try await PrivateRedis()
        try await redis.addReader(password: password, queues: [queueName])
        try await redis.run("SET", "bull:\(queueName):id", "1")
        let reading = try await redis.observer("gsr", password: password, names: [queueName, "repair"]).read().get()
        #expect(try reading.answers[0].queue.get().exists)
        guard case .failure(let failure) = reading.answers[1].queue else {
            Issue.record("a queue was read without a right to it")
            return
        }
        #expect(failure.code == .forbidden)
        let judged = try #require(Queues.judge(reading).value)
        #expect(judged.problem?.contains("repair") == true)
    }

    @Test func clientsThatMayNotBeListedAreUnknown() async throws {
        let redis = try await PrivateRedis()
        try await redis.addReader(password: password, queues: [queueName])
        try await redis.run("ACL", "SETUSER", "gsr", "-client|list")
        #expect(try await redis.observer("gsr", password: password).read().get().queue().workers == nil)
        let facts = try await redis.observer("gsr", password: password).serverFacts().get()
        #expect(facts.workers == nil)
        #expect(facts.evictionPolicy == "noeviction")
    }

    @Test func anotherPlaceIsNoEmptyQueue() async throws {
        let redis = try await PrivateRedis()
        try await redis.run("HSET", "bull:\(queueName):meta", "opts.maxLenEvents", "10000")
        func state(_ observer: QueueObserver) async throws -> Unknown? {
            let judged = try #require(Queues.judge(try await observer.read(jobs: jobs("1")).get()).value)
            return judged.job(jobs("1")[0]).unknown
        }
        #expect(try await state(redis.observer()) == nil)
        #expect(try await state(redis.observer(prefix: "other")) == .queueMissing)
        #expect(try await state(redis.observer(database: 3)) == .queueMissing)
        try await redis.run("FLUSHALL")
        #expect(try await state(redis.observer()) == .queueMissing)
        #expect(await failure(try redis.observer(database: 99))?.code == .rejected)
    }

    @Test func aReplicaIsNotBelieved() async throws {
        let (master, replica) = (try await PrivateRedis(), try await PrivateRedis())
        try await replica.run("REPLICAOF", "127.0.0.1", "\(master.port)")
        let reading = try await replica.observer().read().get()
        #expect(Queues.judge(reading).failure == .replica)
        #expect(Queues.judge(try await master.observer().read().get()).failure == nil)
        #expect(try await master.observer().read().get().runID != reading.runID)
    }

    @Test func aDroppedConnectionIsOpenedAgain() async throws {
        let redis = try await PrivateRedis()
        let observer = try redis.observer()
        let first = try await observer.read().get()
        try await redis.run("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        #expect(try await observer.read().get().runID == first.runID)
        try await redis.kill()
        #expect(await failure(observer)?.code == .refused)
    }

    @Test func cancellationWakesACall() async throws {
        let redis = try await PrivateRedis()
        let connection = try redis.connection()
        let call = Task {
            do throws(RedisError) {
                _ = try await connection.run(timeout: .seconds(600)) { session throws(RedisError) in
                    try session.pipeline([["BLPOP", "nothing", "0"]])
                }
                return RedisError.Code.protocol
            } catch {
                return error.code
            }
        }
        let other = try redis.connection()
        try await eventually("the call waits") {
            let clients = try await other.run(timeout: .seconds(30)) { session throws(RedisError) in
                try session.pipeline([["CLIENT", "LIST"]])
            }
            return clients[0].text?.contains("cmd=blpop") == true
        }
        call.cancel()
        #expect(await call.value == .cancelled)
    }

    @Test func aServerWithoutLPOSIsAskedForTheList() async throws {
        let redis = try await PrivateRedis(["--rename-command", "LPOS", ""])
        try await redis.run("SET", "bull:\(queueName):id", "2")
        try await redis.run("RPUSH", "bull:\(queueName):active", "a", "b")
        let queue = try await redis.observer().read(jobs: jobs("b", "c")).get().queue()
        #expect(queue.jobs == ["b": .listed([.active]), "c": .notListed])
        try await fill(redis, "wait", QueueObserver.longestRange + 1)
        let long = try await redis.observer().read(jobs: jobs("b", "c")).get().queue()
        #expect(long.jobs == ["b": .listed([.active]), "c": .listTooLong(.wait)])
    }

    @Test func aListThatIsTooLongProvesNothing() async throws {
        let redis = try await PrivateRedis()
        try await redis.run("SET", "bull:\(queueName):id", "2")
        try await fill(redis, "wait", QueueObserver.longestSearch)
        let asked = jobs("\(QueueObserver.longestSearch)", "1", "none")
        #expect(
            try await redis.observer().read(jobs: asked).get().queue().jobs == [
                asked[0].id: .listed([.wait]), "1": .listed([.wait]), "none": .notListed,
            ])
        // One more, and the last is out of reach.
        try await redis.run("LPUSH", "bull:\(queueName):wait", "newest")
        #expect(
            try await redis.observer().read(jobs: asked).get().queue().jobs == [
                asked[0].id: .listed([.wait]), "1": .listTooLong(.wait), "none": .listTooLong(.wait),
            ])
    }

    private func fill(_ redis: PrivateRedis, _ list: String, _ count: Int) async throws {
        try await redis.run(
            "EVAL", "for i = 1, tonumber(ARGV[1]) do redis.call('LPUSH', KEYS[1], i) end", "1",
            "bull:\(queueName):\(list)", "\(count)")
    }

    @Test func ageCountsFromTheLastTimeAJobCameBack() async throws {
        let redis = try await PrivateRedis()
        let base = "bull:\(queueName)"
        try await redis.run("SET", "\(base):id", "1")
        try await redis.run("RPUSH", "\(base):wait", "1")
        let now = try await redis.observer().read().get().serverTime
        let created = (now - .minutes(90)).microseconds / 1000
        try await redis.run("HSET", "\(base):1", "timestamp", "\(created)", "delay", "600000", "data", "{}")
        func since() async throws -> Timestamp? {
            let reading = try await redis.observer().read().get()
            let waiting = try reading.queue().waiting
            #expect(waiting.count == 1)
            return waiting.first?.since
        }
        #expect(try await since() == Timestamp(microseconds: created * 1000) + .minutes(10))
        try await redis.run("XADD", "\(base):events", "*", "event", "waiting", "jobId", "other")
        #expect(try await since() == Timestamp(microseconds: created * 1000) + .minutes(10))
        try await redis.run("XADD", "\(base):events", "*", "event", "waiting", "jobId", "1")
        #expect(try #require(try await since()) > now - .minutes(1))
    }

    @Test func workersAreToldByTheirNames() async throws {
        let redis = try await PrivateRedis()
        // base64 of zpack-provision, as Node writes it; then what must not be counted.
        let names = [
            "bull:enBhY2stcHJvdmlzaW9u", "bull:enBhY2stcHJvdmlzaW9u:w:a", "bull:zpack-provision:w:b",
            "bull:enBhY2stcHJvdmlzaW9u:qe", "bull:zpack-provision-2", "other:zpack-provision",
        ]
        var held: [RedisConnection] = []
        for name in names {
            let connection = try redis.connection()
            _ = try await connection.run(timeout: .seconds(30)) { session throws(RedisError) in
                try session.pipeline([["CLIENT", "SETNAME", name]])
            }
            held.append(connection)
        }
        #expect(try await redis.observer().read().get().queue().workers == 3)
        #expect(held.count == names.count)
    }

    /// Queues of the same name may lie in several databases, each with its own workers.
    @Test func aWorkerOfAnotherDatabaseIsNoneOfThisOne() async throws {
        let redis = try await PrivateRedis()
        try await redis.run("SET", "bull:\(queueName):id", "1")
        let elsewhere = try redis.connection(database: 3)
        _ = try await elsewhere.run(timeout: .seconds(30)) { session throws(RedisError) in
            try session.pipeline([["CLIENT", "SETNAME", "bull:\(queueName)"]])
        }
        #expect(try await redis.observer().read().get().queue().workers == 0)
        #expect(try await redis.observer(database: 3).read().get().queue().workers == 1)
        // A repair worker undoes what is repaired wherever its queue lies.
        let workers = try #require(try await redis.observer().serverFacts().get().workers)
        #expect(workers.map(\.queue) == [queueName] && workers.map(\.database) == [3])
    }

    /// Nobody promotes it, so nobody works on it.
    @Test func aDelayedJobWaitsFromItsDueTimeOn() async throws {
        let redis = try await PrivateRedis()
        try await redis.addReader(password: password, queues: [queueName])
        let base = "bull:\(queueName)"
        try await redis.run("SET", "\(base):id", "1")
        let observer = try redis.observer("gsr", password: password)
        let now = try await observer.read().get().serverTime.microseconds / 1000
        func waiting(_ scores: String...) async throws -> [QueueReading.Waiting] {
            try await redis.run("DEL", "\(base):delayed")
            for (index, score) in scores.enumerated() {
                try await redis.run("ZADD", "\(base):delayed", score, "job-\(index)")
            }
            return try await observer.read().get().queue().waiting
        }
        func score(_ due: Int64, _ number: Int64 = 0) -> String { "\(due * 4096 + number)" }
        let late = try await waiting(score(now - 7_200_000, 4095), score(now - 3_600_000))
        #expect(late.map(\.id) == ["job-0"])
        #expect(late.first?.since == Timestamp(microseconds: (now - 7_200_000) * 1000))
        #expect(try await waiting(score(now + 3_600_000)).isEmpty)
        // A score without a due time hides none that has one, and one beyond all sense is none.
        let odd = try await waiting("0", "17", "-inf", "-1e300", score(now - 7_200_000))
        #expect(odd.map(\.id) == ["job-4"])
        for absurd in ["inf", "1e300", "9.3e18", "-inf"] { #expect(try await waiting(absurd).isEmpty, "\(absurd)") }
    }

    /// With the documented rights, on a server where no connection could be named.
    @Test func aWorkerWithoutANameIsSeenByWhatItLeaves() async throws {
        let redis = try await PrivateRedis()
        try await redis.addReader(password: password, queues: [queueName])
        let observer = try redis.observer("gsr", password: password)
        #expect(try await !observer.read().get().queue().wasChecked)
        let now = try await observer.read().get().serverTime.microseconds / 1000
        let key = "bull:\(queueName):stalled-check"
        try await redis.run("SET", key, "\(now)", "PX", "86400000")
        let queue = try await observer.read().get().queue()
        #expect(queue.workers == 0 && queue.wasChecked && queue.hasNamelessWorker)
        // Whoever looked days ago may be long gone, however long the key is to live.
        for value in ["\(now - 90_000_000)", "\(now + 90_000_000)", "soon", "-9223372036854775808"] {
            try await redis.run("SET", key, value)
            #expect(try await !observer.read().get().queue().wasChecked, "\(value)")
        }
        // Nor has a lock that nothing ends ever been renewed.
        try await redis.run("RPUSH", "bull:\(queueName):active", "1")
        try await redis.run("SET", "bull:\(queueName):1:lock", "token")
        #expect(try await !observer.read().get().queue().hasNamelessWorker)
        try await redis.run("PEXPIRE", "bull:\(queueName):1:lock", "30000")
        #expect(try await observer.read().get().queue().hasNamelessWorker)
    }

    /// What the world says of its queues, and what a real Redis says that was loaded with them, is the same.
    @Test(arguments: [1, 2, 3] as [UInt64]) func theWorldAndARealRedisAgree(seed: UInt64) async throws {
        let redis = try await PrivateRedis()
        let now = try await redis.observer().read().get().serverTime
        let estate = seed == 1 ? Estate.demo(at: now) : Estate.random(seed: seed, instances: 300, at: now)
        try await redis.load(estate.redisCommands())
        let asked = estate.operations.filter(\.isLive).map(\.job)
        let observer = try redis.observer(names: estate.queueHouse.queues.map(\.name))
        let real = try await observer.read(jobs: asked).get()
        let world = try estate.queueReading(endpoint: real.endpoint, jobs: asked, at: now).get()
        #expect(real.answers.count == 3)
        for (one, other) in zip(real.answers, world.answers) {
            let (one, other) = (try one.queue.get(), try other.queue.get())
            #expect(one.jobs == other.jobs)
            #expect(one.counts.filter { $0.value > 0 } == other.counts.filter { $0.value > 0 })
            #expect((one.exists, one.isPaused, one.version) == (other.exists, other.isPaused, other.version))
            #expect(one.running.map { $0.lock != nil } == other.running.map { $0.lock != nil })
            #expect(one.wasChecked == other.wasChecked)
            #expect(Set(one.waiting.map(\.id)) == Set(other.waiting.map(\.id)))
        }
    }
}
