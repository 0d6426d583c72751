import Core
import Runtime
import TestSupport
import Testing

/// What the stores do to one leader: it stops acting in time, says why, and recovers by itself.
@Suite struct OutageTests {
    /// Acts for as long as the stores are well; gives the only controller.
    private func leading(_ house: House) async throws -> Controller {
        let controller = try house.start()
        _ = try await leader(of: [controller])
        return controller
    }

    /// Waits until it may not act; that has to be within the TTL from when `trouble` began.
    private func stopsActing(_ controller: Controller, since trouble: Moment) async throws -> LeadStanding {
        var standing = await controller.standing()
        try await eventually {
            if let permit = await controller.loop.beginAct() {
                await controller.loop.end(permit)
                // Whatever is permitted ends within the lease that was renewed before the trouble.
                #expect(permit.until <= trouble + House.times.ttl)
            }
            standing = await controller.standing()
            if case .lost = standing { return true }
            if case .foreign = standing { return true }
            return false
        }
        return standing
    }

    @Test func postgresRestarted() async throws {
        let house = try await House(mayStop: true)
        let controller = try await leading(house)
        try house.postgres.stop()
        try await eventually { (try? house.written()) == nil }
        let standing = try await stopsActing(controller, since: BootClock.now())
        guard case .lost(.database(let why)) = standing else {
            Issue.record("it says: \(standing)")
            return
        }
        #expect(!why.isEmpty)
        #expect(await controller.loop.beginAct() == nil)
        try house.postgres.start()
        let took = try await eventually { await controller.mayAct() }
        print("PostgreSQL restarted: acts \(took) after the order to start")
        #expect(try house.written() == "2|\(controller.token.holder)|f")
        await controller.loop.stop()
    }

    @Test func redisRestarted() async throws {
        let house = try await House()
        let controller = try await leading(house)
        try house.redis.stop()
        try await eventually { (try? await house.redis.run("PING")) == nil }
        let standing = try await stopsActing(controller, since: BootClock.now())
        guard case .lost(.redis(let why)) = standing else {
            Issue.record("it says: \(standing)")
            return
        }
        #expect(why.contains("no connection to Redis"))
        try house.redis.start()
        let took = try await eventually { await controller.mayAct() }
        print("Redis restarted: acts \(took) after the order to start")
        #expect(try house.written() == "2|\(controller.token.holder)|f")
        await controller.loop.stop()
    }

    @Test func redisFlushed() async throws {
        let house = try await House()
        let controllers = [try house.start(), try house.start()]
        let first = try await leader(of: controllers)
        try await house.redis.run("FLUSHALL")
        try await eventually { try !house.written().hasPrefix("1|") }
        let second = try await leader(of: controllers)
        // Nobody acts with the old epoch any more, whoever of the two it is now.
        let permit = try #require(await controllers[second].loop.beginAct())
        #expect(permit.epoch >= 2)
        let old = await controllers[first].loop.beginAct()
        #expect(old == nil || second == first)
        for controller in controllers { await controller.kill() }
    }

    /// The old controller's lock: a value of its own, which is neither renewed nor deleted by us.
    @Test func aForeignHolder() async throws {
        let house = try await House()
        try await house.redis.run("SET", House.key, "repair-worker-1", "PX", "100000000")
        let controller = try house.start()
        try await eventually { if case .foreign = await controller.standing() { true } else { false } }
        let standing = await controller.standing()
        guard case .foreign(let holder) = standing else { return }
        #expect(holder.who == .foreign(bytes: 15))
        #expect(holder.expires.map { $0 > .seconds(1000) } == true)
        let words = Words.standing(standing, at: BootClock.now())
        #expect(words.contains("perhaps the old one") && !words.contains("repair-worker-1"))
        #expect(try await house.redis.run("GET", House.key) == "repair-worker-1")
        #expect(try house.written().hasPrefix("0|"))
        try await house.redis.run("DEL", House.key)
        try await eventually { await controller.mayAct() }

        try await house.redis.run("SET", House.key, "repair-worker-1")
        let taken = try await stopsActing(controller, since: BootClock.now())
        #expect(
            taken == .lost(.lock(LockHolder(.foreign(bytes: 15)))) || taken == .foreign(LockHolder(.foreign(bytes: 15)))
        )
        try await eventually { await controller.standing() == .foreign(LockHolder(.foreign(bytes: 15))) }
        await controller.loop.stop()
        #expect(try await house.redis.run("GET", House.key) == "repair-worker-1")
    }

    /// A stop comes to its end though nothing answers.
    @Test func aStopWithoutStores() async throws {
        let house = try await House(mayStop: true)
        let controller = try await leading(house)
        try await house.redis.kill()
        try house.postgres.kill()
        await controller.loop.stop()
        #expect(await controller.standing() == .stopped)
    }
}
