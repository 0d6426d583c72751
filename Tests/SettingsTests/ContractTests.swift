import Core
import Foundation
import Settings
import Testing

/// The examples of the command-line contract, with its `…` filled in.
@Suite struct ContractTests {
    static let example = """
        id: "detroit-1"               # required, no default: names this installation in ownership marks
        mode: dry-run                 # or: repair
        repair: { kinds: ["*"], vmids: "*" }   # scoped go-live: only these are executed
        cycle: 60s
        policies: policies
        events: { keep: 90d }
        postgres: { url: "postgres://zlh_run@127.0.0.1:5432/zlh", password: { file: pg } }
        redis:    { url: "redis://127.0.0.1:6379/0", password: { file: /run/redis } }
        lock:     { key: "zlh:controller:lock", ttl: 15s, act_deadline: 8s }
        scope:                        # what is ours; everything else is never touched and never reported
          game: { vmids: "5000-5999", hostnames: ["mc-*-{vmid}", "mc-{vmid}", "{game}-{vmid}"] }
          dev:  { vmids: "6000-6999", hostnames: ["dev-{vmid}"] }
        proxmox:
          urls: ["https://pve1.example.net:8006", "https://pve2.example.net:8006"]
          cluster: "prod"             # pinned cluster name; null for a standalone node
          canary: null                # a VMID that must always be listed
          token: { file: "/run/credentials/proxmox-token" }      # USER@REALM!NAME=SECRET
          tls: { verify: true, ca: null, fingerprint: null }
        agents: { scheme: http, port: 18888, token: { env: ZLH_AGENT_TOKEN },
            networks: ["10.70.0.0/16"], timeout: 2s, concurrency: 256 }
        dns:
          zone: "example.net"
          public:   { provider: cloudflare, url: "https://api.cloudflare.com/client/v4", zone_id: "0123abc",
            token: {env: CF}, edge: "203.0.113.10", former_edges: [], ttl: 60 }
          internal: { provider: technitium, url: "http://10.0.0.2:5380/api",
            token: {env: T}, edge: "10.0.0.5", former_edges: [], ttl: 60 }
        velocity: { url: "http://10.0.0.5:8081", secret: {env: V} }
        queues:   { url: null, password: null, prefix: bull, names: [provisioning, repair, billing_enforcement] }
        discord:  { webhooks: { alerts: {file: alerts} } }          # the pasted URL; its host and port are kept
        http:     { bind: "127.0.0.1:9180", token: {env: H} }
        """

    @Test func everyKeyOfTheExampleIsRead() throws {
        let it = try read(ContractTests.example, hasPolicyFolder: true)
        #expect(it.id == "detroit-1")
        #expect(it.mode == .dryRun)
        #expect(it.repair == .everything)
        #expect(it.cycle == .seconds(60))
        #expect(it.policies == .directory("/etc/zlh/policies"))
        #expect(it.events.keep.text == "90d")
        #expect(it.postgres.url == "postgres://zlh_run@127.0.0.1:5432/zlh")
        #expect(it.postgres.password?.description == "file /etc/zlh/pg")
        #expect(it.redis?.url.port == 6379)
        #expect(it.redis?.password?.description == "file /run/redis")
        #expect(it.lock.key == "zlh:controller:lock")
        #expect(it.lock.ttl == .seconds(15))
        #expect(it.lock.actDeadline == .seconds(8))
        #expect(it.scope == Scope.defaults)
        let proxmox = try #require(it.proxmox)
        #expect(proxmox.urls.map(\.text) == ["https://pve1.example.net:8006", "https://pve2.example.net:8006"])
        #expect(proxmox.cluster == "prod")
        #expect(proxmox.canary == nil)
        #expect(proxmox.tls.verify && proxmox.tls.ca == nil && proxmox.tls.fingerprint == nil)
        #expect(proxmox.timeout == .seconds(20))
        let agents = try #require(it.agents)
        #expect(agents.port == 18888)
        #expect(agents.token.description == "env ZLH_AGENT_TOKEN")
        #expect(agents.networks.map(\.description) == ["10.70.0.0/16"])
        #expect(agents.timeout == .seconds(2))
        #expect(agents.concurrency == 256)
        #expect(it.dns?.zone == "example.net")
        #expect(it.dns?.public?.zoneID == "0123abc")
        #expect(it.dns?.public?.url.text == "https://api.cloudflare.com:443/client/v4")
        #expect(it.dns?.public?.timeout == .seconds(10))
        #expect(it.dns?.internal?.url.text == "http://10.0.0.2:5380/api")
        #expect(it.velocity?.url.text == "http://10.0.0.5:8081")
        #expect(it.velocity?.timeout == .seconds(5))
        #expect(it.queues?.url == it.redis?.url)
        #expect(it.queues?.password?.description == "file /run/redis")
        #expect(it.queues?.names == ["provisioning", "repair", "billing_enforcement"])
        #expect(it.queues?.timeout == .seconds(5))
        #expect(it.discord?.webhooks["alerts"]?.description == "file /etc/zlh/alerts")
        #expect(it.http?.port == 9180)

        let pipeline = it.pipelineSettings()
        #expect(Plane.allCases.allSatisfy { pipeline.isConfigured($0) })
        #expect(pipeline.publicDNS == .init(edge: "203.0.113.10", formerEdges: [], ttl: 60))
        #expect(pipeline.proxmox == .init(cluster: "prod", canary: nil))
    }

    @Test func whatIsLeftOutHasTheDefaultsOfTheExample() throws {
        let it = try read(smallest)
        let example = try read(ContractTests.example)
        #expect(it.mode == example.mode)
        #expect(it.repair == example.repair)
        #expect(it.cycle == example.cycle)
        #expect(it.events == example.events)
        #expect(it.lock == example.lock)
        #expect(it.scope == example.scope)
        #expect(it.policies == .builtIn)
        #expect(Plane.allCases.filter { it.pipelineSettings().isConfigured($0) } == [.database])
    }

    @Test func aScopeOfGamesAloneHasNoDev() throws {
        let it = try read(smallest + "scope: { game: { vmids: 700, hostnames: [\"mc-{vmid}\"] } }\n")
        #expect(it.scope.dev == nil)
        #expect(it.scope.game?.vmids == 700...700)
    }

    static let policies = """
        policies:
          - name: edge-republish
            kinds: ["dns.public.*", "dns.internal.*", "velocity.missing", "velocity.wrong_address"]
            level: 1                       # see "Levels"
            action: edge_republish
            after: { looks: 2, for: 0s }   # must have been seen so often, so long
            retry: { attempts: 5, backoff: 30s, max: 30m }      # then quarantine
            except: []                     # VMIDs
        brakes:
          mass_change: { floor: 5, percent: 20 }
          budget: { per_minute: 30 }
          evidence: { max_age: 90s }
          contested: { reverts: 3, within: 1h }
        windows: []                        # { days, from, to, timezone, repairs: allow|deny }
        notify: [{ kinds: ["*"], min_level: 0, webhook: alerts }]
        """

    @Test func theExamplePolicyNeverReachesAnOrphan() throws {
        let lint = lint(ContractTests.policies, webhooks: ["alerts"])
        #expect(lint.problems == [])
        let set = try #require(lint.policies)
        #expect(set.brakes == .defaults)
        #expect(set.notifications == [.init(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")])
        let policy = try #require(set.policies.first)
        #expect(policy.after == Policy.defaultAfter)
        #expect(policy.retry == Policy.defaultRetry)
        let decided = DriftKind.allCases.filter { policy.matches($0, vmid: nil) }
        #expect(decided == DriftKind.allCases.filter { $0.action == .edgeRepublish })
        #expect(lint.loaded.first?.passesOver == [.publicOrphan, .internalOrphan])
        #expect(policy.kinds.allSatisfy { !$0.text.contains("*") })
    }

    @Test func theShippedFilesAreTheBuiltInOnes() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appendingPathComponent("policies").path
        let shipped = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(shipped == PolicyFiles.builtInFiles.map(\.name))
        for file in PolicyFiles.builtInFiles {
            #expect(try String(contentsOfFile: folder + "/" + file.name, encoding: .utf8) == file.text)
        }
        let set = try PolicyFiles.load(directory: folder)
        #expect(set == (try PolicyFiles.builtIn()))
        #expect(set.brakes == .defaults)
        #expect(set.windows.isEmpty && set.notifications.map(\.webhook) == ["alerts"])
        for kind in DriftKind.allCases {
            #expect(set.policy(for: kind, vmid: nil)?.action == kind.action)
        }
        let lint = PolicyFiles.lint(directory: folder)
        #expect(lint.description.contains("leaves out dns.public.orphan (level 3), dns.internal.orphan (level 3)"))
        #expect(lint.description.contains("no policy, reported only"))
    }
}
