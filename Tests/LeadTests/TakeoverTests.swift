import Core
import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

/// Two controllers on a real PostgreSQL and a real Redis. Lower limits are exact: what must not happen too early is what counts.
/// Upper ones are what is promised, a second after the TTL and after a clean stop, and what a loaded machine may need beside it.
@Suite struct TakeoverTests {
    private static let load = Span.seconds(4)

    /// - Parameter promised: how long it may take on a machine that has nothing else to do.
    private func isSoonEnough(_ took: Duration, _ promised: Span...) -> Bool {
        took < .microseconds(promised.reduce(Self.load.microseconds) { $0 + $1.microseconds })
    }

    /// Runs a claim as the ledger will, in a transaction of its own.
    private func claim(_ permit: ActPermit, in house: House) async throws -> Bool {
        try await house.connection().run(timeout: .seconds(30)) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                try LeadershipRow.claim(permit, in: session)
            }
        }
    }

    @Test func theSuccessorOfAKilledLeaderWaitsForItsLastRequest() async throws {
        let house = try await House()
        let controllers = [try house.start(), try house.start()]
        let first = try await leader(of: controllers)
        let (old, new) = (controllers[first], controllers[1 - first])
        #expect(try house.written() == "1|\(old.token.holder)|f")
        let permit = try #require(await old.loop.beginAct())
        #expect(try await claim(permit, in: house))
        try await eventually { if case .standby = await new.standing() { true } else { false } }
        await old.kill()
        #expect(await old.loop.beginAct() == nil)

        var taken: Moment?
        let took = try await eventually {
            if case .waiting(2, let until) = await new.standing() { taken = until }
            return taken != nil
        }
        let acted = try await eventually { await new.mayAct() }
        print("killed: taken over after \(took), acts \(acted) later")
        #expect(isSoonEnough(took, House.times.ttl, .seconds(1)))
        #expect(isSoonEnough(acted, House.times.actDeadline))
        #expect(try BootClock.now() >= #require(taken))
        #expect(try house.written() == "2|\(new.token.holder)|f")
        #expect(try await !claim(permit, in: house))
        let next = try #require(await new.loop.beginAct())
        #expect(try await claim(next, in: house))
        await new.loop.end(next)
        await new.loop.stop()
    }

    @Test func theSuccessorOfACleanStopActsAtOnce() async throws {
        let house = try await House()
        let controllers = [try house.start(), try house.start()]
        let first = try await leader(of: controllers)
        let (old, new) = (controllers[first], controllers[1 - first])
        let permit = try #require(await old.loop.beginAct())
        let stopping = Task { await old.loop.stop() }
        try await eventually { await old.standing() == .stopping }
        #expect(await old.loop.beginAct() == nil)
        #expect(try house.written() == "1|\(old.token.holder)|f")
        await old.loop.end(permit)
        await stopping.value
        #expect(await old.standing() == .stopped)
        let stopped = try house.written()
        #expect(stopped == "1|\(old.token.holder)|t" || stopped.hasPrefix("2|"))
        var waited = false
        let took = try await eventually {
            if case .waiting = await new.standing() { waited = true }
            return await new.mayAct()
        }
        print("clean stop: acts after \(took)")
        #expect(!waited)
        #expect(isSoonEnough(took, .seconds(1)))
        await new.loop.stop()
        #expect(try house.written() == "2|\(new.token.holder)|t")
        #expect(try await house.redis.run("EXISTS", House.key) == "0")
    }

    /// It stands still for longer than its lease, and goes on as if nothing had been.
    @Test func aLeaderThatStoodStillActsNoMore() async throws {
        let house = try await House()
        let controllers = [try house.start(), try house.start()]
        let first = try await leader(of: controllers)
        let (old, new) = (controllers[first], controllers[1 - first])
        let permit = try #require(await old.loop.beginAct())
        await old.freeze()
        let took = try await eventually { await new.mayAct() }
        print("stood still: the successor acts after \(took)")
        #expect(isSoonEnough(took, House.times.ttl, .seconds(1), House.times.actDeadline))
        #expect(!old.loop.isValid(permit))
        #expect(await old.loop.beginAct() == nil)
        #expect(try await !claim(permit, in: house))
        let epoch = try house.written()
        await old.thaw()
        try await eventually { if case .standby = await old.standing() { true } else { false } }
        #expect(await new.mayAct())
        #expect(try house.written() == epoch)
        for controller in controllers { await controller.loop.stop() }
    }

    /// A claim holds the row for the length of its transaction, and no longer than the server allows it to idle.
    @Test func aTakeoverWaitsForAClaimButNotForAFrozenOne() async throws {
        let house = try await House()
        let times = LeadTimes(ttl: .seconds(60), actDeadline: .seconds(8))
        let (one, other) = (token(), token())
        let first = try house.row(one.holder, times: times)
        #expect(await first.take(after: 0) == .taken(epoch: 1, predecessorClosed: true))
        let permit = Permits.make(epoch: 1, holder: one.holder)
        let claiming = try house.connection()
        let (holds, hold) = AsyncStream<Void>.makeStream()
        let frozen = Task {
            try await claiming.run(timeout: .seconds(30)) { session throws(PostgresError) in
                try session.transaction { session throws(PostgresError) in
                    let isOurs = try LeadershipRow.claim(
                        permit, limits: HoldLimits(idle: .milliseconds(300), lock: .seconds(1), statement: .seconds(1)),
                        in: session)
                    hold.yield()
                    // Longer than the server lets it: as a stopped process would.
                    usleep(900_000)
                    return isOurs
                }
            }
        }
        for await _ in holds { break }
        let start = ContinuousClock.now
        let second = try house.row(other.holder, times: times)
        #expect(await second.take(after: 1) == .taken(epoch: 2, predecessorClosed: false))
        let waited = ContinuousClock.now - start
        print("a frozen claim held up the takeover for \(waited)")
        #expect(waited > .milliseconds(100))
        await #expect(throws: PostgresError.self) { try await frozen.value }
    }
}
