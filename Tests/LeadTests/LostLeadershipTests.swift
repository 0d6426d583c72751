import Core
import Postgres
import TestSupport
import Testing

@testable import Runtime

/// What a process says and does when leadership is lost while it works.
@Suite struct LostLeadershipTests {
    /// The rest of a batch: nothing was begun, so it is neither unknown nor does it wait for a service's allowance.
    @Test func whatIsLeftOfABatchIsRefused() async throws {
        let platform = try await Platform(House())
        let reach = Reach(waiting: { Issue.record("it waited for the service") })
        let outcome = await platform.repair(
            try platform.publishing().intent, reach, under: Fading(platform.lease, after: 0))
        #expect(outcome == .refused("this process does not lead any more"))
    }

    @Test func aClaimThatIsNotSentIsRefused() async throws {
        let platform = try await Platform(House())
        let outcome = await platform.repair(
            try platform.publishing().intent, under: Fading(platform.lease, after: 1))
        #expect(outcome == .refused("this process does not lead any more"))
        #expect(try platform.attempts().isEmpty)
    }

    /// A round that hangs, and news of leadership meanwhile.
    @Test func whereItStandsIsSaidWhenItIsHeard() async throws {
        let platform = try await Platform(House())
        let (news, tell) = AsyncStream<DaemonRun.News>.makeStream()
        let (tenures, lose) = AsyncStream<Tenure>.makeStream()
        let daemon = DaemonRun(
            observers: Hanging(), clock: WallClock(),
            stores: DaemonRun.Stores(
                platform.connection, settings: Fleet(0).settings, timeout: .seconds(10), keep: .minutes(1440),
                now: WallClock.now),
            stewardship: Told(stream: tenures), reach: Reach(), changes: nil, actDeadline: .seconds(8),
            news: { tell.yield($0) })
        let controller = Core.Controller(
            settings: Fleet(0).settings, policies: Platform.policies,
            duty: Duty(mode: .repair, kinds: [KindPattern("*")], vmids: nil, cycle: .seconds(60)))
        let running = Task { await daemon.run(controller, policies: Platform.policies) }
        var said: [Tenure] = []
        for await item in news {
            if case .roundBegan = item { lose.yield(.none(why: "deposed")) }
            if case .roundEnded = item { Issue.record("the round did not hang") }
            if case .heard(let tenure) = item {
                said.append(tenure)
                break
            }
        }
        #expect(said == [.none(why: "deposed")])
        running.cancel()
        await running.value
    }

    private struct Told: Stewardship {
        let stream: AsyncStream<Tenure>

        func tenures() async -> AsyncStream<Tenure> { stream }
        func lease() async -> Lease? { nil }
        func beginAct() async -> ActLeave? { nil }
        func refused(_ lease: Lease) async {}
    }

    private struct Hanging: Observers {
        func observe(_ look: Look) async -> Observation {
            try? await Task.sleep(for: .seconds(600))
            return Observation(look: look.number, content: .desired(.failure(ReadFailure(.timeout, "", at: Fleet.now))))
        }
    }
}
