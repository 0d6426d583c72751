import Core
import Foundation
import Lab
import Postgres
import Settings
import TestSupport
import Testing
import World

@testable import Runtime

/// Each finding of `doctor` on a real database, a real Redis and the laboratory: when all is well, and when it is not.
@Suite("The doctor", .serialized)
struct DoctorTests: DoctorSuite {
    // MARK: All is well

    @Test func aHealthyEstateHasNothingToComplainOf() async throws {
        try await with(.random(seed: 3, instances: 12)) { scene in
            let report = try await doctor(scene)
            let odd = report.findings.filter { $0.status == .fail }
            #expect(odd == [])
            #expect(report.exitStatus == 0 && report.notConfigured == [])
            let said = report.findings.filter { $0.status == .ok }.map { "\($0.part): \($0.what)" }
            for words in [
                "database: PostgreSQL 15", "database: its schema is that of this version", "instances are readable",
                "proxmox: ", "the tasks of others can be seen on", "is Proxmox VE 9.1.3",
                "dns.public: ", "dns.internal: Technitium 15.2, the token is of user", "agents answered",
                "agents: versions of agents: 1.9.2 (", "velocity: ", "queues: Redis 7",
                "queues: no worker consumes a queue of repairs", "queues: queue 'bull:provisioning' is readable",
                "proxmox: its clock agrees with this machine's", "dns.public: its clock agrees",
                "dns.internal: its clock agrees", "velocity: its clock agrees", "clocks agree with this machine's",
            ] { #expect(said.contains { $0.contains(words) }, "\(words)") }
            #expect(!report.findings.contains { $0.what.contains("differ") })
        }
    }

    // MARK: PostgreSQL

    @Test func aDatabaseThatDoesNotAnswerOrLacksItsSchema() async throws {
        try await with { scene in
            let port = try PrivatePostgres.freePort()
            let gone = try await doctor(scene) {
                $0.replacing(scene.url, with: "postgres://zlh_audit@127.0.0.1:\(port)/zlh")
            }
            #expect(gone.first(.database, .fail)?.remedy?.contains("postgres.url") == true)
            #expect(gone.first(.agents, .warn)?.what.contains("whom to ask is not known") == true)
            #expect(gone.exitStatus == 1)

            let empty = try PrivatePostgres.shared.get().createDatabase()
            let bare = try await doctor(scene) { yaml in
                yaml.replacing(
                    scene.url, with: (try? PrivatePostgres.shared.get().url(database: empty)) ?? "")
            }
            #expect(bare.says(.database, .fail, "no schema controller", do: "migrate"))

            let stranger = "stranger_\(empty)"
            _ = try scene.sql("create role \"\(stranger)\" login")
            let lost = try await doctor(scene) { $0.replacing("zlh_audit@", with: "\(stranger)@") }
            #expect(lost.says(.database, .warn, "may not read controller.schema_version", do: "migrate"))
            #expect(lost.first(.database, .fail)?.remedy?.contains("grant") == true)

            _ = try scene.sql("delete from controller.schema_version where number = 8")
            #expect(try await doctor(scene).says(.database, .fail, "1 migrations are missing", do: "migrate"))
        }
    }

    @Test func rowsThatMakeNoSenseAreOutOfScopeOrAreNotThere() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            #expect(!(try await doctor(scene).says(.database, .warn, "")))
            _ = try scene.sql(
                "insert into platform.container_instance (vmid, ctype, hostname) values (9005, 'game', 'web-9005')")
            #expect(try await doctor(scene).says(.database, .warn, "1 of them out of scope", do: "scope"))
            _ = try scene.sql("update platform.container_instance set hostname = '' where vmid = 9005")
            #expect(try await doctor(scene).says(.database, .warn, "cannot be understood", do: "correct them"))
            _ = try scene.sql("delete from platform.container_instance")
            let none = try await doctor(scene)
            #expect(none.says(.database, .warn, "not one instance is desired", do: "views"))
            #expect(none.says(.agents, .warn, "no running instance has an address", do: "column ip"))
        }
    }

    // MARK: Proxmox

    @Test func proxmoxByItsVersion() async throws {
        for (version, status) in [("8.4.5", Finding.Status.ok), ("9.0", .ok), ("7.4-17", .warn), ("10.1", .warn)] {
            var options = LabOptions()
            options.proxmoxVersion = version
            try await with(.random(seed: 3, instances: 3), options) { scene in
                let report = try await doctor(scene)
                #expect(report.says(.proxmox, status, "VE \(version)"))
                await scene.house.inject(.status(500), on: .proxmox, path: "/api2/json/version")
                #expect(try await doctor(scene).says(.proxmox, .warn, "its version is not known"))
            }
        }
    }

    @Test func proxmoxByWhatTheTokenMaySee() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            await scene.house.edit { estate in
                estate.cluster.token.userGrants = [
                    Grant(path: "/", privileges: Grant.auditor),
                    Grant(path: "/nodes/\(estate.cluster.nodes[1].name)", privileges: ["Datastore.Audit"]),
                ]
            }
            let node = await scene.house.estate.cluster.nodes[1].name
            let hidden = try await doctor(scene)
            #expect(hidden.says(.proxmox, .warn, "lacks Sys.Audit on \(node)", do: "PVEAuditor"))
            #expect(hidden.exitStatus == 0)
            await scene.house.inject(ProxmoxFault.vmAuditLost, times: nil)
            #expect(try await doctor(scene).says(.proxmox, .fail, "VM.Audit", do: "PVEAuditor"))
        }
    }

    @Test(
        arguments: [
            (ProxmoxFault.unauthorized, "check proxmox.token"), (.noQuorum, "pvecm status"),
            (.wrongCluster, "proxmox.cluster"), (.permissionLost, "PVEAuditor"), (.serverError, "pveproxy"),
            (.malformed, "pveproxy"),
        ])
    func proxmoxSaysWhatToDo(fault: ProxmoxFault, remedy: String) async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            await scene.house.inject(fault, times: nil)
            let report = try await doctor(scene)
            #expect(report.first(.proxmox, .fail)?.remedy?.contains(remedy) == true)
            #expect(report.exitStatus == 1)
        }
    }

    @Test func eachEndpointIsAskedByItself() async throws {
        let scene = try await Scene(.random(seed: 3, instances: 3), endpoints: 2)
        #expect(try await doctor(scene).all(.proxmox, .ok).count { $0.what.contains("Proxmox VE") } == 2)
        await scene.house.stopListening(proxmoxEndpoint: 1)
        let report = try await doctor(scene)
        #expect(report.all(.proxmox, .fail).count == 1)
        #expect(report.all(.proxmox, .ok).count { $0.what.contains("Proxmox VE") } == 1)
        await scene.end()
    }

    @Test func aCanaryAndACertificateAreAskedFor() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let well = try await doctor(scene)
            #expect(!well.says(.proxmox, .warn, ""))
            let bare = try await doctor(scene) { yaml in
                yaml.replacing(#/canary: \d+/#, with: "canary: null\n  tls: { verify: false }")
            }
            #expect(bare.says(.proxmox, .warn, "no canary is set", do: "proxmox.canary"))
            #expect(bare.says(.proxmox, .warn, "certificate is not verified", do: "proxmox.tls.ca"))
            let wrong = try await doctor(scene) { $0.replacing(#/canary: \d+/#, with: "canary: 9777") }
            #expect(wrong.says(.proxmox, .fail, "9777", do: "choose another canary"))
        }
    }

    // MARK: The zones and the proxy

    @Test(
        arguments: [
            (CloudflareFault.unauthorized, "DNS Read"), (.wrongZone, "dns.public.zone_id"), (.empty, "one record"),
            (.rateLimited, "quota"), (.serverError, "try again"),
        ])
    func thePublicZoneSaysWhatToDo(fault: CloudflareFault, remedy: String) async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            await scene.house.inject(fault, times: nil)
            let report = try await doctor(scene)
            #expect(report.first(.publicDNS, .fail)?.remedy?.contains(remedy) == true)
        }
    }

    @Test func aZoneThatIsNearlyFullIsTold() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let well = try await doctor(scene)
            #expect(!well.says(.publicDNS, .warn, ""))
            await scene.house.edit { estate in
                for number in estate.zone.records.count..<195 {
                    estate.zone.add(
                        ZoneRecord(
                            id: String(repeating: "f", count: 28) + String(1000 + number),
                            name: "filler-\(number).example.net", type: "A", content: "192.0.2.1",
                            createdAt: estate.drawnAt))
                }
            }
            let full = try await doctor(scene)
            #expect(full.says(.publicDNS, .warn, "200 are the most of some plans", do: "look which plan"))
        }
    }

    @Test func theProxySaysWhatToDo() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            for (fault, status, remedy) in [
                (VelocityFault.unauthorized, Finding.Status.fail, "velocity.secret"),
                (.noServers, .fail, "plugin"), (.brokenEntry, .warn, "log"), (.serverError, .fail, "running"),
            ] {
                await scene.house.clearFaults()
                await scene.house.inject(fault, times: nil)
                let report = try await doctor(scene)
                #expect(report.first(.velocity, status)?.remedy?.contains(remedy) == true, "\(fault)")
            }
        }
    }

    @Test func inModeRepairItSaysWhatItCannotKnowOfWriting() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let lock = lock(scene)
            let report = try await doctor(scene) { "mode: repair\n" + lock($0) }
            #expect(report.says(.publicDNS, .warn, "may write is not known", do: "DNS Edit"))
            #expect(report.says(.internalDNS, .warn, "may write is not known", do: "Modify"))
            #expect(!(try await doctor(scene, lock).says(.publicDNS, .warn, "may write")))
        }
    }

    // MARK: The agents

    @Test func agentsThatRefuseTheTokenOrLieOutside() async throws {
        try await with(.random(seed: 3, instances: 12)) { scene in
            let token = await scene.house.agentToken
            let refused = try await doctor(scene) { $0.replacing(token, with: "another-token-0123456789") }
            #expect(refused.first(.agents, .fail) != nil)
            #expect(refused.says(.agents, .warn, "credentials refused", do: "ZLH_AGENT_TOKEN"))
            let outside = try await doctor(scene) { $0.replacing("127.70.0.0/16", with: "10.99.0.0/16") }
            #expect(outside.says(.agents, .warn, "outside agents.networks", do: "agents.networks"))
            #expect(
                await scene.house.requests["agents GET /version"] == nil,
                "who does not answer is asked for nothing more")
            await scene.house.inject(AgentFault(.timeout), times: nil)
            let cut = try await doctor(scene)
            #expect(cut.first(.agents, .fail)?.remedy?.contains("agents.networks") == true)
        }
    }

    @Test func agentsByTheirVersion() async throws {
        var options = LabOptions()
        options.agentVersion = "1.4.0"
        options.agentsAreOld = true
        try await with(.random(seed: 3, instances: 12), options) { scene in
            let old = try await doctor(scene)
            #expect(old.says(.agents, .ok, "versions of agents: 1.4.0 ("))
            #expect(old.says(.agents, .warn, "whether they work on an operation", do: "update the agent"))
            #expect(!old.says(.agents, .warn, "whether the workload is ready"))
            await scene.house.inject(.status(404), on: .agents, path: "/version")
            let mute = try await doctor(scene)
            #expect(mute.says(.agents, .warn, "do not tell their version", do: "/version"))
            #expect(!mute.says(.agents, .ok, "versions of agents"))
        }
    }

    // MARK: The queues

    @Test func theRedisOfTheQueuesSaysWhatToDo() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            #expect(!(try await doctor(scene).says(.queues, .warn, "")))
            let refused = try await doctor(scene) { $0.replacing(Scene.redisPassword, with: "wrong") }
            #expect(refused.first(.queues, .fail)?.remedy?.contains("queues.password") == true)
            let other = try await doctor(scene) { $0 + "  names: [provisioning, nowhere]\n" }
            #expect(other.first(.queues, .fail) != nil, "a queue that the user may not read, or that is not there")
            _ = try await scene.redis.run("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            #expect(try await doctor(scene).says(.queues, .fail, "maxmemory-policy is allkeys-lru", do: "noeviction"))
            _ = try await scene.redis.run("CONFIG", "SET", "maxmemory-policy", "noeviction")
            _ = try await scene.redis.run("ACL", "SETUSER", "zlh", "-client|list")
            #expect(try await doctor(scene).says(.queues, .warn, "CLIENT LIST is not allowed", do: "client|list"))
            _ = try await scene.redis.run("ACL", "SETUSER", "zlh", "+client|list", "-lpos")
            #expect(try await doctor(scene).says(.queues, .fail, "lpos", do: "+@read"))
            _ = try await scene.redis.run("ACL", "SETUSER", "zlh", "+lpos", "-zscore")
            #expect(try await doctor(scene).says(.queues, .fail, "zscore", do: "+@read"))
            _ = try await scene.redis.run("ACL", "SETUSER", "zlh", "+zscore")
            let port = try PrivatePostgres.freePort()
            _ = try await scene.redis.run("REPLICAOF", "127.0.0.1", "\(port)")
            #expect(try await doctor(scene).first(.queues, .fail)?.remedy?.contains("master") == true)
        }
    }

    @Test(
        "An old repair worker is seen whatever its queue is called",
        arguments: [
            "bull:repair", "bull:\(Data("zpack-repair".utf8).base64EncodedString())", "bull:edge-reconcile:w:w1",
            "{zpack}:\(Data("repair".utf8).base64EncodedString()):w:w1",
        ])
    func anOldRepairWorker(client: String) async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let lock = lock(scene)
            let worker = try NamedClient(port: scene.redis.port, name: client)
            #expect(try await doctor(scene).says(.queues, .warn, "old repair worker", do: "stop it"))
            let armed = try await doctor(scene) { "mode: repair\n" + lock($0) }
            #expect(armed.says(.queues, .fail, "old repair worker", do: "repair.kinds"))
            #expect(armed.says(.queues, .fail, "under the prefix '{zpack}'") == client.hasPrefix("{"))
            try worker.rename("bull:\(Data("provisioning".utf8).base64EncodedString())")
            #expect(try await doctor(scene).says(.queues, .ok, "no worker consumes a queue of repairs"))
            try worker.rename("bull:\(Data("repair".utf8).base64EncodedString()):qe")
            #expect(
                try await doctor(scene).says(.queues, .ok, "no worker consumes a queue of repairs"), "it listens only")
            let other = try NamedClient(port: scene.redis.port, name: client, database: 3)
            #expect(try await doctor(scene).says(.queues, .warn, "in database 3 (1 connection)"))
            withExtendedLifetime(other) {}
        }
    }

    // MARK: Clocks and webhooks

    @Test func everyClockIsHeldAgainstThisOne() async throws {
        try await with(.random(seed: 3, instances: 6)) { scene in
            let planes: [Plane] = [.database, .proxmox, .agents, .publicDNS, .internalDNS, .velocity, .queues]
            let well = try await doctor(scene)
            for plane in planes { #expect(!well.says(plane, .warn, "differ"), "\(plane)") }
            for hours in [Int64(1), -1] {
                let wrong = try await doctor(scene, now: { WallClock.now() + .minutes(60 * hours) })
                for plane in planes { #expect(wrong.says(plane, .warn, "differ", do: "time service"), "\(plane)") }
                let skew = hours > 0 ? "-1 h" : "1 h"
                #expect(wrong.says(.proxmox, .warn, ": \(skew)") || wrong.says(.proxmox, .warn, "59 min"), "\(skew)")
            }
        }
    }

    @Test func aWebhookIsAskedWithoutAMessage() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let url = await scene.house.webhookURL() ?? ""
            func told(_ url: String) -> (String) -> String {
                { $0 + "discord: { webhooks: { alerts: { value: \"\(url)\" } } }\n" }
            }
            let well = try await doctor(scene, told(url))
            #expect(
                well.findings.contains { $0.part == "discord" && $0.status == .ok && $0.what.hasPrefix("alerts: ") })
            await scene.house.editDiscord { $0.webhooks = [] }
            let gone = try await doctor(scene, told(url)).findings.first { $0.part == "discord" }
            #expect(gone?.status == .fail && gone?.remedy?.contains("was deleted") == true)
            let odd = try await doctor(scene, told("https://example.org/x")).findings.first { $0.part == "discord" }
            #expect(odd?.status == .fail && odd?.remedy?.contains("paste") == true)
            #expect(await scene.house.discord.shown.isEmpty)
        }
    }

    // MARK: As a process

    @Test func theCommandWritesEachFormat() async throws {
        try await with(.random(seed: 3, instances: 3)) { scene in
            let folder = try CommandLineTests.Folder()
            let yaml = await scene.yaml()
            #expect(FileManager.default.createFile(atPath: folder.file("c.yaml"), contents: Data(yaml.utf8)))
            let arguments = ["doctor", "--config", folder.file("c.yaml")]
            let text = try await CommandRun(arguments)
            #expect(text.status == 0 && text.errors == "" && text.output.hasPrefix("ok       config "))
            #expect(
                text.output.contains("\nok       database      PostgreSQL 15") && text.output.contains("0 failures, "))
            let json = try await CommandRun(arguments + ["--format", "json"])
            let tree = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
            let findings = try #require(tree?["findings"] as? [[String: Any]])
            #expect(json.status == 0 && (tree?["summary"] as? [String: Any])?["fail"] as? Int == 0)
            #expect(findings.contains { $0["plane"] as? String == "proxmox" && $0["status"] as? String == "ok" })
            let markdown = try await CommandRun(arguments + ["--format", "markdown"])
            #expect(markdown.output.hasPrefix("# `0 failures, ") && markdown.output.contains("## OK ("))
            let html = try await CommandRun(arguments + ["--format", "html", "--output", folder.file("page")])
            #expect(html.status == 0 && html.output == "" && folder.text("page").hasPrefix("<!DOCTYPE html>"))

            await scene.house.inject(ProxmoxFault.unauthorized, times: nil)
            let bad = try await CommandRun(arguments)
            #expect(bad.status == 1 && bad.errors == "")
            #expect(bad.output.contains("\nfail     proxmox ") && bad.output.contains(" why: "))
            #expect(bad.output.contains(" do:  check proxmox.token"))
            for run in [text, json, markdown, bad] {
                for secret in [await scene.house.proxmoxToken, await scene.house.agentToken, Scene.redisPassword] {
                    #expect(!run.output.contains(secret))
                }
            }
        }
    }
}
