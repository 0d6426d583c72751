import Core

/// The part of the configuration that decides: what is ours, and what is expected where.
struct SettingsForm: Codable {
    var id: String
    var scope: [String: PartForm]
    var proxmox: ProxmoxPart?
    var zone: String?
    var dnsPublic: DNSPart?
    var dnsInternal: DNSPart?
    var agents: Bool?
    var velocity: Bool?
    var queues: Bool?

    struct PartForm: Codable {
        var vmids: String
        var hostnames: [String]
    }
    struct ProxmoxPart: Codable {
        var cluster: String?
        var canary: Int?
    }
    struct DNSPart: Codable {
        var edge: String
        var formerEdges: [String]
        var ttl: Int
    }

    init(_ settings: PipelineSettings) {
        id = settings.id
        scope = [:]
        scope["game"] = settings.scope.game.map(PartForm.init)
        scope["dev"] = settings.scope.dev.map(PartForm.init)
        proxmox = settings.proxmox.map {
            ProxmoxPart(cluster: $0.cluster, canary: $0.canary.map { Int($0.number) })
        }
        zone = settings.zone
        dnsPublic = settings.publicDNS.map(DNSPart.init)
        dnsInternal = settings.internalDNS.map(DNSPart.init)
        agents = settings.agents
        velocity = settings.velocity
        queues = settings.queues
    }

    func settings() throws -> PipelineSettings {
        if let stranger = scope.keys.sorted().first(where: { $0 != "game" && $0 != "dev" }) {
            throw FormError(message: "settings.scope has '\(stranger)', it knows 'game' and 'dev'")
        }
        return PipelineSettings(
            id: id, scope: Scope(game: try scope["game"]?.part(), dev: try scope["dev"]?.part()),
            proxmox: try proxmox.map {
                PipelineSettings.Proxmox(cluster: $0.cluster, canary: try $0.canary.map(VMID.init(form:)))
            },
            zone: zone, publicDNS: dnsPublic?.dns, internalDNS: dnsInternal?.dns, agents: agents ?? false,
            velocity: velocity ?? false, queues: queues ?? false)
    }
}

extension SettingsForm.PartForm {
    init(_ part: Scope.Part) {
        vmids = "\(part.vmids.lowerBound)-\(part.vmids.upperBound)"
        hostnames = part.hostnames.map(\.text)
    }

    func part() throws -> Scope.Part {
        let bounds = vmids.split(separator: "-", maxSplits: 1).compactMap { Int($0) }
        guard bounds.count == 2, bounds[0] <= bounds[1] else {
            throw FormError(message: "'\(vmids)' is no range of VMIDs such as 5000-5999")
        }
        return Scope.Part(
            vmids: bounds[0]...bounds[1],
            hostnames: try hostnames.map {
                guard let pattern = HostnamePattern($0) else {
                    throw FormError(message: "'\($0)' is no host name pattern")
                }
                return pattern
            })
    }
}

extension SettingsForm.DNSPart {
    init(_ dns: PipelineSettings.DNS) {
        edge = dns.edge
        formerEdges = dns.formerEdges
        ttl = dns.ttl
    }

    var dns: PipelineSettings.DNS { PipelineSettings.DNS(edge: edge, formerEdges: formerEdges, ttl: ttl) }
}
