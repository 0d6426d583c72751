import Core
import Lab
import Runtime
import Settings
import Synchronization
import TestSupport
import Testing
import World

/// What people get to see of a real daemon, with a real database, in the laboratory's Discord.
@Suite("Messages, end to end", .serialized)
struct MessageTests {
    private final class Running: Sendable {
        private let heard = Mutex<[Herald.News]>([])
        private let rounds = Mutex(0)
        private let task: Task<Void, Never>

        init(_ scene: Scene, mode: String = "repair", _ notify: [Notification]) async throws {
            let url = await scene.house.webhookURL() ?? ""
            let configuration = try await scene.configuration { yaml in
                yaml.replacing("zlh_audit@", with: "zlh_run@") + """

                    mode: \(mode)
                    cycle: 2s
                    redis: { url: "redis://127.0.0.1:\(scene.redis.port)/0" }
                    lock: { ttl: 2s, act_deadline: 1s }
                    discord: { webhooks: { alerts: { value: "\(url)" } } }
                    """
            }
            var policies = try configuration.loadPolicies()
            policies.notifications = notify
            let (news, sender) = AsyncStream<Herald.News>.makeStream()
            let (ended, ender) = AsyncStream<Void>.makeStream()
            let parts = try DaemonParts(
                configuration, policies: policies, standing: { _ in },
                news: { if case .roundEnded = $0 { ender.yield() } }, told: { sender.yield($0) })
            let settled = policies
            task = Task { await parts.run(policies: settled) }
            Task { [weak self] in for await item in news { self?.heard.withLock { $0.append(item) } } }
            Task { [weak self] in for await _ in ended { self?.rounds.withLock { $0 += 1 } } }
        }

        deinit { task.cancel() }

        func stop() async {
            task.cancel()
            await task.value
        }

        var news: [Herald.News] { heard.withLock { $0 } }
        var roundsEnded: Int { rounds.withLock { $0 } }

        func rest() async throws {
            let count = roundsEnded
            try await eventually("two rounds") { roundsEnded >= count + 2 }
        }
    }

    private static let operations = [
        Notification(kinds: [KindPattern("operation.stale")], minLevel: .automatic, webhook: "alerts")
    ]
    private static let everything = [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")]

    private func titles(_ scene: Scene) async -> [String] {
        await scene.house.discord.shown.compactMap { $0.post.embeds.first?.title }
    }

    private func sql(_ scene: Scene, _ text: String) throws -> String {
        try PrivatePostgres.shared.get().run(text, database: scene.database)
    }

    @Test func aDriftThatOpensAndIsRepairedIsOneMessage() async throws {
        let scene = try await Scene()
        let daemon = try await Running(scene, Self.operations)
        try await eventually("told") { await titles(scene).count == 1 }
        try await eventually("repaired") { await titles(scene).first?.hasPrefix("Repaired: mc-") == true }
        try await daemon.rest()
        let discord = await scene.house.discord
        let shown = try #require(discord.shown.first)
        #expect(discord.shown.count == 1 && shown.edits >= 1)
        #expect(shown.text.contains("marked the dead operation stale") && shown.text.contains("1 attempt"))
        #expect(discord.pings == [] && shown.post.parse == [])
        #expect(shown.post.username == "zlh-controller")
        // Over a restart nothing is told again.
        await daemon.stop()
        let requests = await scene.house.discord.requests
        let again = try await Running(scene, Self.operations)
        try await again.rest()
        await again.stop()
        #expect(await scene.house.discord.requests == requests)
        #expect(try sql(scene, "select count(*) from controller.outbox where told_version = 0") == "0")
        await scene.end()
    }

    @Test func aNightsWorthOfDriftIsADigestAndADryRunSaysThatItIsOne() async throws {
        let scene = try await Scene()
        let daemon = try await Running(scene, mode: "dry-run", Self.everything)
        try await eventually("told") {
            let told = await titles(scene)
            return told.contains { $0.contains("incidents at once") } && told.contains { $0.contains("Leader") }
        }
        try await daemon.rest()
        let discord = await scene.house.discord
        let all = await titles(scene)
        #expect(discord.shown.count <= 3, "\(all)")
        #expect(all.allSatisfy { $0.hasPrefix("[DRY-RUN] ") })
        #expect(discord.pings == [])
        #expect(try sql(scene, "select count(*) > 5 from controller.incident") == "t")
        await daemon.stop()
        await scene.end()
    }

    @Test func anAnswerThatWasLostMakesARepeatThatSaysSo() async throws {
        let scene = try await Scene()
        await scene.house.inject(.resetInBody, on: .discord, times: 1)
        let daemon = try await Running(scene, mode: "dry-run", Self.operations)
        try await eventually("told twice") { await titles(scene).count == 2 }
        try await daemon.rest()
        let shown = await scene.house.discord.shown
        #expect(shown.count == 2)
        #expect(!shown[0].text.contains(Words.repeated) && shown[1].text.contains(Words.repeated))
        #expect(
            daemon.news.contains { if case .ended(_, .failed, .some) = $0 { true } else { false } })
        await daemon.stop()
        await scene.end()
    }

    @Test func whatCannotBeToldWaitsInTheDatabase() async throws {
        let scene = try await Scene()
        await scene.house.inject(.status(503), on: .discord)
        let daemon = try await Running(scene, Self.operations)
        try await eventually("failed") {
            daemon.news.contains {
                if case .standing("alerts", .some, let pending) = $0 { pending == 1 } else { false }
            }
        }
        await daemon.stop()
        #expect(await scene.house.discord.shown.isEmpty)
        await scene.house.clearFaults()
        let again = try await Running(scene, Self.operations)
        try await eventually("told") { await titles(scene).first?.hasPrefix("Repaired: ") == true }
        // Nobody knows whether the failed ones were shown.
        #expect(await scene.house.discord.shown.first?.text.contains(Words.repeated) == true)
        await again.stop()
        #expect(await scene.house.discord.shown.count == 1)
        await scene.end()
    }

    @Test func aWebhookThatIsGoneIsNotAskedAgain() async throws {
        let scene = try await Scene()
        await scene.house.editDiscord { $0.webhooks[0].isGone = true }
        let daemon = try await Running(scene, Self.operations)
        try await eventually("dead") {
            daemon.news.contains {
                if case .standing("alerts", let why?, _) = $0 { why.contains("10015") } else { false }
            }
        }
        try await daemon.rest()
        #expect(await scene.house.discord.requests == 1)
        // The repair did not wait for it.
        try await eventually("healed") {
            try sql(
                scene,
                "select count(*) from controller.repair_event where outcome = 'verified' and drift_kind = 'operation.stale'"
            ) == "1"
        }
        await daemon.stop()
        await scene.end()
    }
}
