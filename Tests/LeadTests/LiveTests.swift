import Core
import Runtime
import Settings
import TestSupport
import Testing

/// From a configuration to a leader, as the daemon begins.
@Suite struct LiveTests {
    private func configuration(_ house: House, redis: String) throws -> Configuration {
        let yaml = """
            id: "detroit-1"
            postgres: { url: "\(house.postgres.url(user: "zlh_run", database: house.database))" }
            lock: { ttl: 1s, act_deadline: 300ms }
            \(redis)
            """
        return try Configuration.read(
            Array(yaml.utf8), file: "live.yaml", folder: "/nonexistent", hasPolicyFolder: false)
    }

    @Test func itLeadsAndTellsEachStandingOnce() async throws {
        let house = try await House()
        let address = "redis: { url: \"redis://127.0.0.1:\(house.redis.port)/0\" }"
        let live = try LiveLeadership(configuration(house, redis: address))
        let loop = live.loop
        let telling = Task {
            var heard: [LeadStanding] = []
            for await standing in loop.standings { heard.append(standing) }
            return heard
        }
        let running = Task { await loop.run() }
        try await eventually { await loop.standing().mayAct }
        #expect(try await house.redis.run("GET", House.key) == live.token.text)
        await loop.stop()
        await running.value
        let heard = await telling.value
        #expect(heard.last == .stopped)
        #expect(heard.contains { $0.mayAct })
        #expect(zip(heard, heard.dropFirst()).allSatisfy { $0 != $1 })
        #expect(await loop.beginAct() == nil)
        await live.close()
    }

    @Test func withoutRedisItCannotBegin() async throws {
        let house = try await House()
        let configuration = try configuration(house, redis: "")
        #expect(throws: Installation.SetupError.self) { try LiveLeadership(configuration) }
    }

    /// In a file or the environment nobody can see it before: it is told before anything is asked.
    @Test func aTokenOfAnotherFormIsAnErrorOfTheConfiguration() async throws {
        let house = try await House()
        let configuration = try configuration(
            house, redis: "proxmox: { urls: [\"https://127.0.0.1:1\"], token: { env: PATH } }")
        let error = #expect(throws: Installation.SetupError.self) {
            try Installation(configuration, now: WallClock.now)
        }
        #expect(error?.description == "proxmox.token (env PATH) has not the form USER@REALM!NAME=SECRET")
    }

    @Test func aStopBeforeTheStartIsAStop() async throws {
        let loop = LeadershipLoop(token: token(), times: House.times) { _ in
            Issue.record("it asked for something")
            return nil
        }
        await loop.stop()
        await loop.run()
        #expect(await loop.standing() == .stopped)
    }
}
