/// What the pipeline has to know of the configuration: no address, no secret, nothing of how things are reached.
package struct PipelineSettings: Equatable, Sendable {
    package struct Proxmox: Equatable, Sendable {
        /// The pinned cluster name; nil is a standalone node.
        package var cluster: String?
        /// A VMID that must always be listed.
        package var canary: VMID?

        package init(cluster: String?, canary: VMID?) {
            self.cluster = cluster
            self.canary = canary
        }
    }

    package struct DNS: Equatable, Sendable {
        package var edge: String
        package var formerEdges: [String]
        package var ttl: Int

        package init(edge: String, formerEdges: [String], ttl: Int) {
            self.edge = edge
            self.formerEdges = formerEdges
            self.ttl = ttl
        }
    }

    /// Names this installation in ownership marks.
    package var id: String
    package var scope: Scope
    package var proxmox: Proxmox?
    /// Canonical; nil when no DNS is configured.
    package var zone: String?
    package var publicDNS: DNS?
    package var internalDNS: DNS?
    package var agents: Bool
    package var velocity: Bool
    package var queues: Bool

    package init(
        id: String, scope: Scope, proxmox: Proxmox?, zone: String?, publicDNS: DNS?, internalDNS: DNS?, agents: Bool,
        velocity: Bool, queues: Bool
    ) {
        self.id = id
        self.scope = scope
        self.proxmox = proxmox
        self.zone = zone.map(DNSName.canonical)
        self.publicDNS = publicDNS
        self.internalDNS = internalDNS
        self.agents = agents
        self.velocity = velocity
        self.queues = queues
    }

    package func isConfigured(_ plane: Plane) -> Bool {
        switch plane {
        case .database: true
        case .proxmox: proxmox != nil
        case .agents: agents
        case .publicDNS: zone != nil && publicDNS != nil
        case .internalDNS: zone != nil && internalDNS != nil
        case .velocity: velocity
        case .queues: queues
        }
    }
}
