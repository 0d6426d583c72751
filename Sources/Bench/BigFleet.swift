import Core

/// A fleet of any size on every plane, as decoded answers in the shapes that the edges deliver, with one drift in a thousand
/// instances.
///
/// Three in four are Minecraft servers; a third of the customers has a billing row, one in five hundred instances an operation
/// that somebody works on.
struct BigFleet {
    static let now = Timestamp(seconds: 1_767_225_600)
    static let zone = "example.net"
    static let edge = "203.0.113.10"
    static let internalEdge = "10.255.0.10"
    private static let first = 1_000_000

    let settings = BigFleet.settings
    let policies = BigFleet.policies
    private(set) var desired: DesiredState
    private(set) var inventory: ProxmoxReading
    private(set) var publicZone: ZoneReading
    private(set) var internalZone: TechnitiumReading
    private(set) var agents: AgentReading
    private(set) var proxy: VelocityReading
    private(set) var queues: QueueReading

    init(_ count: Int) {
        var draft = Draft()
        for index in 0..<count { draft.add(index, VMID(BigFleet.first + index)) }
        desired = DesiredState(
            instances: draft.rows, operations: draft.operations,
            billing: (0..<count / 9).map {
                BillingRow(customer: "c\(3 * $0)", status: .active, serverState: .allowed)
            },
            retired: [], unreadable: [], pauses: [], accepted: [], readAt: BigFleet.now)
        inventory = ProxmoxReading(
            endpoint: "bench", resources: draft.guests, unreadableRows: 0,
            status: .init(name: "prod", isQuorate: true, nodes: draft.nodes), permissions: ["/": ["VM.Audit": true]],
            startedAt: BigFleet.now)
        publicZone = ZoneReading(
            endpoint: "bench",
            pages: [
                .init(
                    number: 1, totalPages: 1, totalCount: draft.publicRecords.count, count: draft.publicRecords.count,
                    records: draft.publicRecords)
            ], startedAt: BigFleet.now)
        internalZone = TechnitiumReading(
            endpoint: "bench", zone: .init(name: BigFleet.zone, type: "Primary", isDisabled: false, serial: 7),
            records: draft.internalRecords, listedSerial: 7, startedAt: BigFleet.now)
        agents = AgentReading(polls: draft.polls, startedAt: BigFleet.now)
        proxy = VelocityReading(endpoint: "bench", servers: draft.backends, startedAt: BigFleet.now)
        let jobs = Dictionary(
            draft.operations.map { ($0.id, QueueReading.Presence.listed([.active])) }, uniquingKeysWith: { $1 })
        queues = QueueReading(
            endpoint: "bench", runID: "1", role: "master", serverTime: BigFleet.now,
            answers: [
                .init(name: "provisioning", queue: .success(.init(name: "provisioning", exists: true, jobs: jobs)))
            ], startedAt: BigFleet.now)
    }

    /// What a round knows once every answer is judged.
    func facts() -> Facts {
        var facts = Facts(
            desired: desired,
            inventory: Looks(Inventory.judge(inventory, expecting: .init(cluster: "prod", canary: nil))),
            publicZone: Looks(Zone.judge(publicZone, zone: BigFleet.zone, plane: .publicDNS)),
            internalZone: Looks(Zone.judge(internalZone, zone: BigFleet.zone)))
        facts.agents = Looks(Agents.judge(agents))
        facts.proxy = Looks(ProxyList.judge(proxy))
        facts.queues = Looks(Queues.judge(queues))
        return facts
    }

    static var settings: PipelineSettings {
        let patterns = ["mc-*-{vmid}", "mc-{vmid}", "{game}-{vmid}"].compactMap(HostnamePattern.init)
        return PipelineSettings(
            id: "bench", scope: Scope(game: .init(vmids: first...9_999_999, hostnames: patterns), dev: nil),
            proxmox: .init(cluster: "prod", canary: nil), zone: zone,
            publicDNS: .init(edge: edge, formerEdges: [], ttl: 60),
            internalDNS: .init(edge: internalEdge, formerEdges: [], ttl: 60), agents: true, velocity: true,
            queues: true)
    }

    static var policies: PolicySet {
        let kinds = DNSKinds.public.records + DNSKinds.internal.records + [.velocityMissing, .velocityWrongAddress]
        return PolicySet(
            policies: [
                Policy(
                    name: "edge-republish", kinds: kinds.map { KindPattern($0.rawValue) }, level: .automatic,
                    action: .edgeRepublish, after: Policy.defaultAfter, retry: Policy.defaultRetry, except: [])
            ], brakes: .defaults, windows: [], notifications: [])
    }
}

/// What is collected while a ``BigFleet`` is drawn.
private struct Draft {
    let nodes = (1...9).map { "n\($0)" }
    var rows: [DesiredInstance] = []
    var operations: [DesiredOperation] = []
    var guests: [ProxmoxReading.Resource]
    var publicRecords = [DNSRecord(id: "ns", name: BigFleet.zone, data: .other(type: "NS"), ttl: 3600, comment: nil)]
    var internalRecords = ["SOA", "NS"].map { type in
        DNSRecord(id: type, name: BigFleet.zone, data: .other(type: type), ttl: 3600, comment: nil)
    }
    var polls: [AgentReading.Poll] = []
    var backends: [VelocityReading.Backend] = []

    init() { guests = nodes.map { .node(.init(name: $0, status: "online")) } }

    /// One in a thousand deviates, each time in another way.
    private enum Deviation: Int {
        case stopped, moved, wrongEdge, noService, noInternal, crashed, noBackend, wrongBackend
    }

    mutating func add(_ index: Int, _ vmid: VMID?) {
        guard let vmid else { return }
        let deviation = index % 1000 == 500 ? Deviation(rawValue: index / 1000 % 8) : nil
        // 500 % 4 is 0: who deviates is a Minecraft server, to which all planes apply.
        let isMinecraft = index % 4 != 3
        let host = isMinecraft ? "mc-paper-\(vmid)" : "valheim-\(vmid)"
        let address = "10.\(index >> 16 & 255).\(index >> 8 & 255).\(index & 255)"
        let key = InstanceKey(vmid: vmid, externalID: ExternalID(high: 1, low: UInt64(index)))
        let node = nodes[index % nodes.count]
        rows.append(
            DesiredInstance(
                key: key, customer: "c\(index / 3)", ctype: .game, hostname: host, node: node, address: address,
                game: isMinecraft ? "minecraft" : "valheim", variant: isMinecraft ? "paper" : nil, port: nil,
                power: .running, status: .active))
        if index % 500 == 250 { operations.append(operation(index, vmid)) }
        guests.append(
            .guest(
                .init(
                    vmid: vmid, type: "lxc", node: deviation == .moved ? nodes[(index + 1) % nodes.count] : node,
                    status: deviation == .stopped ? "stopped" : "running", name: host)))
        addRecords(host, isMinecraft, deviation)
        polls.append(
            .init(
                target: AgentTarget(key: key, address: address),
                answer: .status(
                    AgentStatus(
                        state: deviation == .crashed ? .crashed : .running, processRunning: true, ready: true))))
        guard isMinecraft, deviation != .noBackend else { return }
        backends.append(
            .init(name: host, address: deviation == .wrongBackend ? "10.254.0.1" : address, port: 25565))
    }

    private mutating func addRecords(_ host: String, _ isMinecraft: Bool, _ deviation: Deviation?) {
        let name = "\(host).\(BigFleet.zone)"
        let service = "_minecraft._tcp.\(name)"
        let target = DNSRecord.Data.srv(SRV(priority: 0, weight: 0, port: 25565, target: name))
        let edge = DNSRecord.Data.a(deviation == .wrongEdge ? "203.0.113.99" : BigFleet.edge)
        let inner = DNSRecord.Data.a(BigFleet.internalEdge)
        publicRecords.append(DNSRecord(id: id(), name: name, data: edge, ttl: 60, comment: nil))
        if deviation != .noInternal {
            internalRecords.append(
                DNSRecord(id: TechnitiumReading.id(of: name, inner), name: name, data: inner, ttl: 60, comment: nil))
        }
        guard isMinecraft else { return }
        if deviation != .noService {
            publicRecords.append(DNSRecord(id: id(), name: service, data: target, ttl: 60, comment: nil))
        }
        internalRecords.append(
            DNSRecord(
                id: TechnitiumReading.id(of: service, target), name: service, data: target, ttl: 60, comment: nil))
    }

    /// 32 hexadecimal digits in no order, as Cloudflare's are.
    private func id() -> String {
        let mixed = UInt64(publicRecords.count) &* 0x9e37_79b9_7f4a_7c15
        let digits = String(mixed | 1 << 63, radix: 16)
        return digits + digits
    }

    private func operation(_ index: Int, _ vmid: VMID) -> DesiredOperation {
        DesiredOperation(
            id: "op-\(index)", idempotencyKey: nil, customer: "c\(index / 3)", vmid: vmid, kind: .backup,
            queue: "provisioning", jobID: nil, status: .running, phase: "work", attempts: 1,
            enqueuedAt: BigFleet.now - .minutes(20), startedAt: BigFleet.now - .minutes(20),
            heartbeatAt: BigFleet.now - .minutes(12), leaseExpiresAt: BigFleet.now - .minutes(11), finishedAt: nil)
    }
}
