import Core
import Curl
import Foundation
import Postgres
import Runtime
import Settings
import World

/// A laboratory that a whole daemon works on, with the database and the Redis of the same estate.
struct DaemonHouse {
    let estate: Estate
    let postgres: String
    let redis: String
    let cycle: Int
    private let at: LabAddresses

    init(portFile: String, seed: UInt64, instances: Int, postgres: String, redis: String, cycle: Int) throws {
        at = try LabAddresses(portFile: portFile)
        estate = Estate.random(seed: seed, instances: instances, at: BigFleet.now)
        (self.postgres, self.redis, self.cycle) = (postgres, redis, cycle)
    }

    /// What an operator would write. Only two kinds are carried out, so that a fleet with old deviations comes to rest.
    func configuration() throws -> Configuration {
        let scope = estate.settings.scope
        func part(_ name: String, _ part: Scope.Part?) -> String {
            guard let part else { return "" }
            let names = part.hostnames.map { "\"\($0.text)\"" }.joined(separator: ", ")
            let range = "\(part.vmids.lowerBound)-\(part.vmids.upperBound)"
            return "\n  \(name): { vmids: \"\(range)\", hostnames: [\(names)] }"
        }
        func list(_ items: [String]) -> String { "[" + items.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
        let yaml = """
            id: "\(estate.settings.id)"
            mode: repair
            cycle: \(cycle)s
            repair: { kinds: ["operation.stale", "dns.public.srv_missing"] }
            postgres: { url: "\(postgres)" }
            redis: { url: "\(redis)" }
            scope:\(part("game", scope.game))\(part("dev", scope.dev))
            proxmox:
              urls: \(list(at.proxmox_urls))
              cluster: \(at.cluster.map { "\"\($0)\"" } ?? "null")
              canary: \(estate.settings.proxmox?.canary.map { "\($0)" } ?? "null")
              token: { value: "\(at.proxmox_token)" }
            dns:
              zone: "\(at.zone)"
              public:
                provider: cloudflare
                url: "\(at.cloudflare_url)"
                zone_id: "\(at.zone_id)"
                token: { value: "\(at.cloudflare_token)" }
                edge: "\(at.edge)"
                former_edges: \(list(at.former_edges))
              internal:
                provider: technitium
                url: "\(at.technitium_url)"
                token: { value: "\(at.technitium_token)" }
                edge: "\(at.internal_edge)"
                former_edges: \(list(at.internal_former_edges))
            agents: { port: \(at.agent_port), token: { value: "\(at.agent_token)" }, networks: \(list(at.agent_networks)) }
            velocity: { url: "\(at.velocity_url)", secret: { value: "\(at.velocity_secret)" } }
            queues: {}
            discord: { webhooks: { alerts: { value: "\(at.webhook_url)" } } }
            """
        return try Configuration.read(Array(yaml.utf8), file: "bench.yaml", folder: "/", hasPolicyFolder: false)
    }

    /// Public SRV records of servers that are wanted, of which nothing else is wrong, and on which nobody works.
    func healthyRecords(_ count: Int) -> [(vmid: VMID, name: String)] {
        let odd = Set(estate.story.compactMap(\.vmid)).union(estate.operations.compactMap(\.vmid))
        let known = Set(estate.billing.map(\.customer))
        let records = estate.zone.records.filter { $0.type == "SRV" }
        var found: [(vmid: VMID, name: String)] = []
        for row in estate.instances
        where found.count < count && !odd.contains(row.vmid) && row.status == .active && row.power == .running
            && row.customer.map({ !known.contains($0) }) ?? true
        {
            let end = "." + DNSName.canonical(row.hostname) + "." + DNSName.canonical(estate.zone.name)
            if let record = records.first(where: { DNSName.canonical($0.name).hasSuffix(end) }) {
                found.append((row.vmid, record.name))
            }
        }
        return found
    }

    func delete(_ name: String, _ client: HTTPClient) async throws {
        let body = #"{"op":"delete-record","name":"\#(name)","type":"SRV"}"#
        let answer = try await client.send(
            HTTPRequest(.post, "\(at.control_url)/edit", body: Array(body.utf8), timeout: .seconds(10)))
        guard answer.status == 200 else { throw BenchError("the laboratory has no SRV record at \(name)") }
    }

    /// How often each system was asked since the laboratory began.
    func requests(_ client: HTTPClient) async throws -> [String: Int] {
        let answer = try await client.send(
            HTTPRequest(.get, "\(at.control_url)/requests", timeout: .seconds(30), maxBody: 64 << 20))
        let paths = try JSONDecoder().decode([String: Int].self, from: Data(answer.body))
        return paths.reduce(into: [:]) { sum, path in
            sum[String(path.key.prefix { $0 != " " }), default: 0] += path.value
        }
    }
}
