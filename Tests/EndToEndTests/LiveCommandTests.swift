import Core
import Foundation
import Lab
import TestSupport
import Testing
import World

/// The commands as processes, on one real estate: a database, a Redis and the laboratory.
@Suite("The command line on a live estate", .serialized)
struct LiveCommandTests {
    private typealias Folder = CommandLineTests.Folder

    /// One scene with its configuration in a file, for the role that a command needs.
    private func withScene(_ body: (Scene, Folder, _ config: [String]) async throws -> Void) async throws {
        let scene = try await Scene()
        let folder = try Folder()
        let yaml = await scene.yaml().replacing("zlh_audit@", with: "zlh_run@")
        let webhook = await scene.house.webhookURL() ?? ""
        let discord = "discord: { webhooks: { alerts: { value: \"\(webhook)\" } } }\n"
        #expect(FileManager.default.createFile(atPath: folder.file("run.yaml"), contents: Data((yaml + discord).utf8)))
        try await body(scene, folder, ["--config", folder.file("run.yaml")])
        await scene.end()
    }

    private func drifts(_ json: String) throws -> [[String: Any]] {
        let report = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        return try #require(report?["drifts"] as? [[String: Any]])
    }

    @Test func whatIsAcceptedCountsNoMoreAndWhatIsTakenBackCountsAgain() async throws {
        try await withScene { scene, _, config in
            let narrow = ["audit", "--vmid", "5003", "--kind", "dns.public.*"] + config
            let before = try await CommandRun(narrow + ["--format", "json"])
            #expect(before.status == 2)
            let drift = try #require(try drifts(before.output).first)
            let id = try #require(drift["id"] as? String)

            let accepted = try await CommandRun(["accept", id, "--reason", "moves next week", "--for", "10d"] + config)
            #expect(
                accepted.status == 0 && accepted.output == "" && accepted.errors.contains("drift \(id) is accepted"))
            let after = try await CommandRun(narrow + ["--format", "json"])
            #expect(after.status != 2)
            let shown = try #require(try drifts(after.output).first { $0["id"] as? String == id })
            #expect((shown["accepted"] as? [String: Any])?["reason"] as? String == "moves next week")

            let back = try await CommandRun(["unaccept", id] + config)
            #expect(back.status == 0)
            #expect(try await CommandRun(["unaccept", id] + config).status == 1, "nothing is left to take back")
            #expect(try await CommandRun(narrow).status == 2)
            #expect(await scene.house.writes.isEmpty)
        }
    }

    @Test func aCaptureIsJudgedAsTheEstateWas() async throws {
        try await withScene { scene, folder, config in
            let live = try await CommandRun(["audit", "--format", "json"] + config)
            #expect(live.status == 2)
            let run = try await CommandRun(["capture", "--output", folder.file("fleet.json")] + config)
            #expect(run.status == 0 && run.output == "" && run.errors.hasPrefix("captured 24 instances"))
            #expect(try folder.mode("fleet.json") == 0o600)
            let again = try await CommandRun(
                ["audit", "--fixture", folder.file("fleet.json"), "--format", "json"] + config)
            func ids(_ text: String) throws -> [String] { try drifts(text).compactMap { $0["id"] as? String } }
            #expect(again.status == 2)
            #expect(try ids(again.output) == ids(live.output))

            let other = try await CommandRun(
                ["capture", "--output", folder.file("other.json"), "--anonymize"] + config)
            #expect(other.status == 0)
            let secrets = [
                await scene.house.proxmoxToken, await scene.house.cloudflareToken, await scene.house.technitiumToken,
                await scene.house.agentToken, await scene.house.velocitySecret, Scene.redisPassword,
            ]
            for name in ["fleet.json", "other.json"] {
                for secret in secrets { #expect(!folder.text(name).contains(secret)) }
            }
            #expect(folder.text("fleet.json").contains("mc-paper-5001"))
            #expect(
                !folder.text("other.json").contains("mc-paper-5001") && !folder.text("other.json").contains("c-aster"))
            let told = try await CommandRun(
                ["audit", "--fixture", folder.file("other.json"), "--format", "json"] + config)
            func kinds(_ text: String) throws -> [String] {
                try drifts(text).compactMap { $0["kind"] as? String }.sorted()
            }
            #expect(told.status == 2)
            #expect(try kinds(told.output) == kinds(live.output))
        }
    }

    @Test func oneServerIsExplainedWithItsLedger() async throws {
        try await withScene { scene, folder, config in
            let run = try await CommandRun(["explain", "5003"] + config)
            #expect(run.status == 0 && run.errors == "", "\(run.errors)")
            #expect(run.output.hasPrefix("VMID 5003 is game server") && run.output.contains("LEDGER"))
            #expect(run.output.contains("no controller leads") && run.output.contains(Words.unjudged))
            #expect(await scene.house.agentsAsked.count == 1)

            let yaml = await scene.yaml()
            #expect(FileManager.default.createFile(atPath: folder.file("audit.yaml"), contents: Data(yaml.utf8)))
            let asAudit = try await CommandRun(["explain", "5003", "--config", folder.file("audit.yaml")])
            #expect(asAudit.status == 0 && asAudit.output.contains("may read views only"))
            #expect(asAudit.output.contains("dns.public.srv_missing"))
            let refused = try await CommandRun(
                ["accept", "0123456789abcdef", "--reason", "r", "--for", "1d", "--config", folder.file("audit.yaml")])
            #expect(refused.status == 1 && refused.errors.contains("the acceptance could not be written"))
        }
    }

    @Test func aTestMessageReachesTheWebhookOrSaysWhyNot() async throws {
        try await withScene { scene, folder, config in
            let good = try await CommandRun(["notify", "test"] + config)
            #expect(good.status == 0 && good.output == "" && good.errors.hasPrefix("alerts: "))
            #expect(await scene.house.discord.shown.count == 1)
            let webhook = await scene.house.webhookURL() ?? ""
            #expect(!good.errors.contains(webhook.split(separator: "/").last ?? "?"), "a webhook's URL is its secret")

            let text = folder.text("run.yaml")
            let wrong = text.replacing(webhook, with: webhook + "x")
            #expect(FileManager.default.createFile(atPath: folder.file("wrong.yaml"), contents: Data(wrong.utf8)))
            let bad = try await CommandRun(["notify", "test", "--config", folder.file("wrong.yaml")])
            #expect(bad.status == 1 && bad.errors.hasPrefix("alerts: "))
            let silent = text.split(separator: "\n").filter { !$0.hasPrefix("discord") }.joined(separator: "\n")
            #expect(FileManager.default.createFile(atPath: folder.file("silent.yaml"), contents: Data(silent.utf8)))
            let none = try await CommandRun(["notify", "test", "--config", folder.file("silent.yaml")])
            #expect(none.status == 1 && none.errors.contains("no webhook is configured"))
            #expect(await scene.house.discord.shown.count == 1)
        }
    }

    @Test func pausesEventsAndOverridesWorkAsProcesses() async throws {
        try await withScene { scene, folder, config in
            let paused = try await CommandRun(["pause", "--reason", "move", "--for", "2h", "--vmid", "5003"] + config)
            #expect(paused.status == 0 && paused.output == "" && paused.errors.hasPrefix("VMID 5003 is paused until"))
            let held = try await CommandRun(["explain", "5003"] + config)
            #expect(held.output.contains("paused: ") && held.output.contains("this VMID until"))
            #expect(try await CommandRun(["resume", "--vmid", "5003"] + config).status == 0)
            #expect(try await CommandRun(["resume", "--vmid", "5003"] + config).status == 1)

            let quiet = try await CommandRun(["events"] + config)
            #expect(quiet.status == 0 && quiet.output == "nothing has changed in that time\n")
            let json = try await CommandRun(["events", "--format", "json", "--output", folder.file("events")] + config)
            #expect(json.status == 0 && json.output == "" && folder.text("events") == "[]\n")

            try PrivatePostgres.shared.get().run(
                """
                insert into controller.repair_event (vmid, external_id, hostname, drift_kind, intent_id, step, attempt, outcome)
                values (5003, '00000000-0000-4000-8000-000000005003', 'mc-forge-5003', 'dns.public.srv_missing', 'i-7',
                        'public SRV', 1, 'verified')
                """, database: scene.database)
            for (format, shown) in [
                ("markdown", "verified  5003 mc-forge-5003: dns.public.srv_missing, public SRV, attempt 1"),
                ("html", "<!DOCTYPE html>"), ("json", "\"intent_id\": \"i-7\""),
            ] {
                let told = try await CommandRun(["events", "--format", format] + config)
                #expect(told.status == 0 && told.output.contains(shown), "\(told.output)")
            }

            try PrivatePostgres.shared.get().run(
                "insert into controller.repair_event (cycle) select g from generate_series(1, 10001) g",
                database: scene.database)
            let cut = try await CommandRun(["events"] + config)
            #expect(cut.output.split(separator: "\n").count == 10_000)
            #expect(cut.errors.hasPrefix("only the newest 10000 events are shown, from 20"))

            // An override from the environment holds, and one that makes no sense is an error.
            let port = try PrivatePostgres.freePort()
            let gone = try await CommandRun(
                ["audit"] + config, environment: ["ZLH__POSTGRES__URL": "postgres://zlh_audit@127.0.0.1:\(port)/zlh"])
            #expect(gone.status == 1 && gone.output == "" && gone.errors.contains("connection_refused"))
            let wrong = try await CommandRun(["audit"] + config, environment: ["ZLH__MODE": "rapair"])
            #expect(wrong.status == 1 && wrong.errors.contains("repair"))
            #expect(try await CommandRun(["migrate"] + config).status == 1, "zlh_run may not")
            #expect(await scene.house.writes.isEmpty)
        }
    }
}
