import Core
import Platform
import Redis
import TestSupport
import Testing

/// Of a long list the end is read where what matters lies, and the rest is not passed over in silence.
@Suite struct LongListTests {
    private static let base = "bull:\(queueName)"

    /// Puts jobs into a list: `age` is that of the first one in seconds, each other is so many milliseconds younger.
    private func push(
        _ redis: PrivateRedis, _ command: String, _ list: String, _ jobs: ClosedRange<Int>, age: Int, younger: Int = 0
    ) async throws {
        try await redis.run(
            "EVAL",
            """
            local now = redis.call('TIME')[1] * 1000
            for i = tonumber(ARGV[2]), tonumber(ARGV[3]) do
              local age = tonumber(ARGV[4]) * 1000 - (i - tonumber(ARGV[2])) * tonumber(ARGV[5])
              redis.call(ARGV[1], KEYS[1], i)
              redis.call('HSET', KEYS[2] .. i, 'timestamp', string.format('%.0f', now - age), 'delay', '0')
            end
            """, "2", "\(Self.base):\(list)", "\(Self.base):", command, "\(jobs.lowerBound)", "\(jobs.upperBound)",
            "\(age)", "\(younger)")
    }

    private func used() async throws -> PrivateRedis {
        let redis = try await PrivateRedis()
        try await redis.run("SET", "\(Self.base):id", "9000")
        return redis
    }

    private func judged(_ redis: PrivateRedis) async throws -> (QueueReading.Queue, Queues, isBacklog: Bool) {
        let reading = try await redis.observer().read().get()
        let queue = try reading.queue()
        let isBacklog = queue.waiting.contains { QueueBacklog.isOverdue($0, at: reading.serverTime) }
        return (queue, try #require(Queues.judge(reading).value), isBacklog)
    }

    @Test func theJobThatIsNextMayBeARetryOfALatecomer() async throws {
        let redis = try await used()
        try await push(redis, "LPUSH", "wait", 1...3, age: 3600)
        try await push(redis, "RPUSH", "wait", 8...9, age: 5)
        let (queue, judged, isBacklog) = try await judged(redis)
        #expect(isBacklog && queue.waiting.map(\.id) == ["1"])
        #expect(queue.lookedAt == [:] && judged.problem == nil)
    }

    @Test func aLongQueueInTheOrderOfItsJobsIsKnownByItsEnd() async throws {
        let redis = try await used()
        try await push(redis, "LPUSH", "wait", 1...1200, age: 800, younger: 500)
        let (queue, judged, isBacklog) = try await judged(redis)
        #expect(!isBacklog && queue.waiting.map(\.id) == ["1"])
        #expect(queue.lookedAt == [.wait: QueueObserver.waiting] && queue.mayHideOlder == [])
        #expect(judged.problem == nil)
        #expect(judged.detail.contains("1200 waiting (looked at the 1000 of 1200 jobs in 'wait' that come next)"))
    }

    @Test func whatLiesBehindManyThatWereLetInFirstIsNotKnown() async throws {
        let redis = try await used()
        try await push(redis, "LPUSH", "wait", 1...10, age: 3600)
        // The newest is taken first: the ages rise with the depth.
        try await push(redis, "RPUSH", "wait", 11...1310, age: 800, younger: 500)
        let (queue, judged, isBacklog) = try await judged(redis)
        #expect(!isBacklog && queue.lookedAt == [.wait: QueueObserver.waiting])
        #expect(queue.mayHideOlder == [.wait])
        #expect(judged.problem?.contains("may lie behind the 1000 of 1310 jobs in 'wait' that come next") == true)
    }

    @Test func whoeverHasTheLowestPriorityWaitsLongest() async throws {
        let redis = try await used()
        for priority in 1...30 {
            try await redis.run(
                "ZADD", "\(Self.base):prioritized", "\(Int64(priority) * 4_294_967_296 + 3)", "n\(priority)",
                "\(Int64(priority) * 4_294_967_296 + 9)", "l\(priority)")
        }
        let now = try await redis.observer().read().get().serverTime
        let old = (now - .minutes(60)).microseconds / 1000
        try await redis.run("HSET", "\(Self.base):n30", "timestamp", "\(old)", "delay", "0")
        let (queue, judged, isBacklog) = try await judged(redis)
        #expect(isBacklog)
        #expect(Set(queue.waiting.map(\.id)) == Set((1...30).map { "n\($0)" }))
        #expect(queue.lookedAt == [.prioritized: 30] && queue.mayHideOlder == [] && judged.problem == nil)
        #expect(judged.detail.contains("the first job of each of the 30 highest priorities among 60 jobs"))
    }

    @Test func morePrioritiesThanAreLookedAtAreSaid() async throws {
        let redis = try await used()
        let most = QueueObserver.priorities
        for priority in 1...most {
            try await redis.run(
                "ZADD", "\(Self.base):prioritized", "\(Int64(priority) * 4_294_967_296)", "n\(priority)")
        }
        #expect(try await judged(redis).0.mayHideOlder == [])
        try await redis.run("ZADD", "\(Self.base):prioritized", "\(Int64(most + 9) * 4_294_967_296)", "late")
        let (queue, judged, _) = try await judged(redis)
        #expect(queue.mayHideOlder == [.prioritized] && queue.waiting.count == most)
        #expect(judged.problem?.contains("lower priority than the first job of each of the 50 highest") == true)
    }

    /// A worker takes a job to the left end: what stalled long ago is at the right.
    @Test func theJobsThatWereStartedFirstAreLookedAt() async throws {
        let redis = try await used()
        try await push(redis, "LPUSH", "active", 1...1100, age: 60)
        try await redis.run(
            "EVAL", "for i = 2, 1100 do redis.call('SET', KEYS[1] .. i .. ':lock', 't', 'PX', 600000) end", "1",
            "\(Self.base):")
        let (queue, judged, _) = try await judged(redis)
        #expect(queue.running.count == QueueObserver.running)
        #expect(queue.running.filter { $0.lock == nil }.map(\.id) == ["1"])
        #expect(judged.detail.contains("1100 active (looked at the 1000 of 1100 jobs that were started first)"))
        #expect(judged.problem?.contains("a job without a lock may be among those that were started later") == true)
    }

    /// Whether it still is in the list is looked for where it was found.
    @Test func aJobThatStalledBehindThousandsIsSeen() async throws {
        let redis = try await used()
        let last = QueueObserver.longestRange + 100
        try await push(redis, "LPUSH", "active", 1...last, age: 60)
        try await redis.run(
            "EVAL", "for i = 2, \(last) do redis.call('SET', KEYS[1] .. i .. ':lock', 't', 'PX', 600000) end", "1",
            "\(Self.base):")
        let queue = try await judged(redis).0
        #expect(queue.running.count == QueueObserver.running)
        #expect(queue.running.filter { $0.lock == nil }.map(\.id) == ["1"])
    }
}
