import Core
import Lab
import Runtime
import TestSupport
import Testing
import World

/// What people get to see of a real daemon, with a real database, in the laboratory's Discord.
@Suite("Messages, end to end", .serialized)
struct MessageTests {
    private static let operations = [
        Notification(kinds: [KindPattern("operation.stale")], minLevel: .automatic, webhook: "alerts")
    ]
    private static let everything = [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")]

    private func titles(_ scene: Scene) async -> [String] {
        await scene.house.discord.shown.compactMap { $0.post.embeds.first?.title }
    }

    @Test func aDriftThatOpensAndIsRepairedIsOneMessage() async throws {
        let scene = try await Scene()
        let daemon = try await RunningDaemon(scene, notify: Self.operations)
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
        let again = try await RunningDaemon(scene, notify: Self.operations)
        try await again.rest()
        await again.stop()
        #expect(await scene.house.discord.requests == requests)
        #expect(try scene.sql("select count(*) from controller.outbox where told_version = 0") == "0")
        await scene.end()
    }

    @Test func aNightsWorthOfDriftIsADigestAndADryRunSaysThatItIsOne() async throws {
        let scene = try await Scene()
        let daemon = try await RunningDaemon(scene, mode: "dry-run", notify: Self.everything)
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
        #expect(try scene.sql("select count(*) > 5 from controller.incident") == "t")
        await daemon.stop()
        await scene.end()
    }

    @Test func anAnswerThatWasLostMakesARepeatThatSaysSo() async throws {
        let scene = try await Scene()
        await scene.house.inject(.resetInBody, on: .discord, times: 1)
        let daemon = try await RunningDaemon(scene, mode: "dry-run", notify: Self.operations)
        try await eventually("told twice") { await titles(scene).count == 2 }
        try await daemon.rest()
        let shown = await scene.house.discord.shown
        #expect(shown.count == 2)
        #expect(!shown[0].text.contains(Words.repeated) && shown[1].text.contains(Words.repeated))
        #expect(
            daemon.messages.contains { if case .ended(_, .failed, .some) = $0 { true } else { false } })
        await daemon.stop()
        await scene.end()
    }

    /// Each time that a webhook's line is looked at is a question to the database.
    @Test func whoHasNothingToSayAsksSeldom() async throws {
        let scene = try await Scene()
        let daemon = try await RunningDaemon(scene, notify: Self.operations)
        try await eventually("told") { await titles(scene).first?.hasPrefix("Repaired: ") == true }
        try await daemon.rest()
        func looks() -> Int { daemon.messages.count { if case .standing = $0 { true } else { false } } }
        let (before, rounds) = (looks(), daemon.reports.count)
        try await daemon.rest()
        // Once for each round and each thing that was written down in it.
        #expect(looks() - before <= 4 * (daemon.reports.count - rounds + 1))
        await daemon.stop()
        await scene.end()
    }

    @Test func whatCannotBeToldWaitsInTheDatabase() async throws {
        let scene = try await Scene()
        await scene.house.inject(.status(503), on: .discord)
        let daemon = try await RunningDaemon(scene, notify: Self.operations)
        try await eventually("failed") {
            daemon.messages.contains {
                if case .standing("alerts", .some, let pending) = $0 { pending == 1 } else { false }
            }
        }
        await daemon.stop()
        #expect(await scene.house.discord.shown.isEmpty)
        await scene.house.clearFaults()
        let again = try await RunningDaemon(scene, notify: Self.operations)
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
        let daemon = try await RunningDaemon(scene, notify: Self.operations)
        try await eventually("dead") {
            daemon.messages.contains {
                if case .standing("alerts", let why?, _) = $0 { why.contains("10015") } else { false }
            }
        }
        try await daemon.rest()
        #expect(await scene.house.discord.requests == 1)
        // The repair did not wait for it.
        try await eventually("healed") {
            try scene.sql(
                "select count(*) from controller.repair_event where outcome = 'verified' and drift_kind = 'operation.stale'"
            ) == "1"
        }
        await daemon.stop()
        // A restart does not forget it; another webhook under the same name is asked.
        let again = try await RunningDaemon(scene, notify: Self.operations)
        try await eventually("still dead") {
            again.messages.contains {
                if case .standing("alerts", let why?, _) = $0 { why.contains("before the last start") } else { false }
            }
        }
        try await again.rest()
        #expect(await scene.house.discord.requests == 1)
        await again.stop()
        _ = try scene.sql("update controller.webhook_gone set fingerprint = 'of another one'")
        let renamed = try await RunningDaemon(scene, notify: Self.operations)
        try await eventually("asked") { await scene.house.discord.requests == 2 }
        await renamed.stop()
        await scene.end()
    }

    /// Nobody knows how its attempt ended until the next process looks: by then the record is there again, and that was a repair.
    @Test func aRepairThatWasInterruptedIsToldAsOne() async throws {
        let scene = try await Scene(.oneServer())
        let service = "_minecraft._tcp.mc-paper-5001.example.net"
        await scene.house.edit { estate in
            for record in estate.zone.records(at: service) { estate.zone.remove(id: record.id) }
        }
        // The record is made, nobody hears of it, and nobody can look.
        await scene.house.inject(.answerHangs, on: .cloudflare, times: 1)
        let notify = [Notification(kinds: [KindPattern("dns.*")], minLevel: .automatic, webhook: "alerts")]
        let daemon = try await RunningDaemon(scene, ttl: "30s", actDeadline: "6s", notify: notify)
        func written() async -> Int { await scene.house.writes.count { $0.plane == .cloudflare } }
        try await eventually("written") { await written() == 1 }
        await scene.house.inject(HTTPFault.status(503), on: .cloudflare)
        let answered = "select count(*) from controller.repair_step where answered_at is not null"
        try await eventually("not answered") { try scene.sql(answered) == "1" }
        await daemon.stop()
        #expect(try scene.sql("select string_agg(state, ' ') from controller.repair_intent") == "open")
        #expect(await titles(scene).contains { $0.hasPrefix("Drift: mc-paper-5001: ") })
        await scene.house.clearFaults()
        let next = try await RunningDaemon(scene, notify: notify)
        try await eventually("repaired") { await titles(scene).contains { $0.hasPrefix("Repaired: mc-paper-5001: ") } }
        try await next.rest()
        await next.stop()
        let shown = await scene.house.discord.shown
        let repaired = shown.filter { $0.post.embeds.first?.title.hasPrefix("Repaired: ") == true }
        #expect(repaired.count == 1 && repaired.first?.text.contains("1 attempt") == true)
        #expect(await titles(scene).allSatisfy { !$0.hasPrefix("Over: mc-") && !$0.hasPrefix("Drift: ") })
        #expect(await written() == 1)
        await scene.end()
    }
}
