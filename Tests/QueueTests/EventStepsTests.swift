import Core
import Platform
import Redis
import TestSupport
import Testing

/// The events of a queue say when an old job came back, and may hold whatever a job returned.
@Suite("Events are read in steps")
struct EventStepsTests {
    /// A job that was made long ago and came back just now, before so many other events of so many bytes.
    private static func prepare(_ redis: PrivateRedis, _ queue: String, others: Int, bytes: Int) async throws {
        let base = "bull:\(queue)"
        try await redis.run("SET", "\(base):id", "1")
        try await redis.run("RPUSH", "\(base):wait", "1")
        let time = try await redis.observer().read().get().serverTime
        let created = (time - .minutes(90)).microseconds / 1000
        try await redis.run("HSET", "\(base):1", "timestamp", "\(created)", "delay", "0", "data", "{}")
        try await redis.run(
            "EVAL",
            """
            redis.call('XADD', KEYS[1], '*', 'event', 'waiting', 'jobId', '1')
            local fat = string.rep('x', tonumber(ARGV[2]))
            for i = 1, tonumber(ARGV[1]) do
              redis.call('XADD', KEYS[1], '*', 'event', 'completed', 'jobId', 'o' .. i, 'returnvalue', fat)
            end
            """, "1", "\(base):events", "\(others)", "\(bytes)")
    }

    private static func waiting(
        _ redis: PrivateRedis, _ names: [String] = [queueName]
    ) async throws -> [QueueReading.Waiting] {
        try await redis.observer(names: names).read().get().answers.flatMap { try $0.queue.get().waiting }
    }

    /// More steps than one, and at the end the last of the events that are looked through at all.
    @Test(arguments: [(1, false), (49, false), (50, false), (120, false), (999, false), (1000, true)])
    func howeverFarBackTheyAre(others: Int, isTooFar: Bool) async throws {
        let redis = try await PrivateRedis()
        try await Self.prepare(redis, queueName, others: others, bytes: 1)
        let job = try #require(try await Self.waiting(redis).first)
        #expect((job.queuedAt == nil) == isTooFar && job.mayBeNewer == isTooFar)
    }

    /// What one queue's jobs return takes nothing from what may be read of another.
    @Test func oneQueueBlindsNoOther() async throws {
        let redis = try await PrivateRedis()
        let names = [queueName, "other"]
        for name in names { try await Self.prepare(redis, name, others: 100, bytes: 100_000) }
        #expect(try await Self.waiting(redis, names).allSatisfy { $0.queuedAt != nil })
        #expect(try await Self.waiting(redis, names).count == 2)
    }
}
