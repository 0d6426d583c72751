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

    /// A daemon that is asked to stop takes up no tenure any more, and a repair may still run: how leadership stands is said to the end.
    @Test func whereItStandsIsSaidUntilLeadershipHasEnded() async throws {
        let (said, tell) = AsyncStream<LeadStanding>.makeStream()
        let token = LeadTests.token()
        // Redis does not answer, ever.
        let loop = LeadershipLoop(token: token, times: House.times, perform: { _ in nil })
        let led = LedByLoop(loop, holder: token.holder, times: House.times, told: { tell.yield($0) })
        let leading = Task { await loop.run() }
        let hearing = Task { await led.hear() }
        let daemon = Task { for await _ in await led.tenures() {} }
        var standings = said.makeAsyncIterator()
        let first = await standings.next()
        #expect(first != .stopped)
        daemon.cancel()
        await daemon.value
        leading.cancel()
        await leading.value
        await hearing.value
        tell.finish()
        var last: LeadStanding?
        while let standing = await standings.next() { last = standing }
        #expect(last == .stopped)
    }

    @Test func whoHearsOfALoopThatNeverRanIsNotLeftWaiting() async throws {
        let token = LeadTests.token()
        let loop = LeadershipLoop(token: token, times: House.times, perform: { _ in nil })
        let led = LedByLoop(loop, holder: token.holder, times: House.times)
        await loop.stop()
        await led.hear()
    }
}
