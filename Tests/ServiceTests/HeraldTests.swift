import Core
import Curl
import Platform
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Runtime

/// What the herald knows of its webhooks beside the database.
@Suite("A herald")
struct HeraldTests {
    /// No lease: nothing is asked of the outbox, and no webhook is heard.
    private struct Nobody: Stewardship {
        func tenures() async -> AsyncStream<Tenure> { AsyncStream { $0.finish() } }
        func lease() async -> Lease? { nil }
        func beginAct() async -> ActLeave? { nil }
        func refused(_ lease: Lease) async {}
    }

    private static func herald() throws -> Herald {
        let webhook = try DiscordWebhook(Secret("http://127.0.0.1:9/api/webhooks/12/nobody-is-there"))
        let target = try PostgresTarget(url: "postgresql://nobody@127.0.0.1:9/none")
        return Herald(
            sinks: [.init(name: "alerts", client: DiscordClient(webhook, client: HTTPClient()))],
            store: OutboxStore(try PostgresConnection(target)), stewardship: Nobody(),
            teller: .init(id: "t", isDryRun: false), host: "h", notifications: [], timeout: .seconds(1),
            clock: WallClock(), told: { _ in })
    }

    /// Under another epoch somebody else may have told a webhook meanwhile, be it this very process that leads again.
    @Test func anotherEpochForgetsHowTheWebhooksWereAndTheSameDoesNot() async throws {
        let herald = try Self.herald()
        let running = Task { await herald.run() }
        func believe() {
            herald.shared.withLock { ($0.troubles, $0.unheard, $0.outage) = (["alerts": "503"], [], nil) }
        }
        func knows() -> Bool { herald.shared.withLock { $0.troubles == ["alerts": "503"] && $0.unheard.isEmpty } }
        func knowsNothing() -> Bool { herald.shared.withLock { $0.troubles.isEmpty && $0.unheard == ["alerts"] } }

        believe()
        herald.note(.tenure(.acting(epoch: 1)))
        try await eventually("it has forgotten") { knowsNothing() }

        believe()
        herald.note(.tenure(.none(why: "the lease ran out")))
        herald.note(.tenure(.waiting(epoch: 1)))
        herald.note(.tenure(.acting(epoch: 1)))
        // That the database is gone is heard after all that.
        let report = Outcome.report(try #require(Fleet(3).audit()))
        let gone = Outcome.desiredUnreadable(ReadFailure(.refused, "nobody answers", at: Fleet.now))
        for outcome in [report, gone, gone] { herald.note(.roundEnded(outcome, took: .seconds(1))) }
        try await eventually("it has heard") { herald.shared.withLock { $0.outage != nil } }
        #expect(knows())

        herald.note(.tenure(.none(why: "the lease ran out")))
        herald.note(.tenure(.waiting(epoch: 2)))
        try await eventually("it has forgotten again") { knowsNothing() }
        running.cancel()
        await running.value
    }
}
