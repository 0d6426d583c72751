import Core

/// An estate in the making: starts right in every detail, then deviations are planted into it.
struct EstateDraft {
    var seed: Seed
    var estate: Estate
    private var nextAddress = 10

    static let edge = "203.0.113.10"
    static let formerEdge = "198.51.100.7"
    static let zoneName = "example.net"
    static let identifier = "demo-1"

    init(seed number: UInt64, nodes: [String], scope: Scope, at now: Timestamp) {
        var seed = Seed(number)
        let grants = [Grant(path: "/", privileges: Grant.auditor)]
        let token = Token(id: "zlh@pve!controller", secret: EstateDraft.uuid(&seed).description, userGrants: grants)
        let cluster = Cluster(
            name: "prod",
            nodes: nodes.enumerated().map { Cluster.Node(name: $1, address: "10.0.0.\(11 + $0)") }, guests: [],
            token: token)
        let dns = PipelineSettings.DNS(
            edge: EstateDraft.edge, formerEdges: [EstateDraft.formerEdge], ttl: 60)
        let settings = PipelineSettings(
            id: EstateDraft.identifier, scope: scope, proxmox: .init(cluster: "prod", canary: VMID(9001)),
            zone: EstateDraft.zoneName, publicDNS: dns, internalDNS: EstateDraft.internalDNS, agents: true,
            velocity: true, queues: false)
        let zone = PublicZone(id: seed.hex(32), name: EstateDraft.zoneName, records: [])
        estate = Estate(
            instances: [], operations: [], billing: [], retired: [], payloads: [:], cluster: cluster, zone: zone,
            internalZone: InternalZone(name: EstateDraft.zoneName, records: []), settings: settings, story: [],
            drawnAt: now)
        self.seed = seed
    }

    static func uuid(_ seed: inout Seed) -> ExternalID {
        // Version 4, variant 10, as RFC 9562 lays them out.
        ExternalID(
            high: seed.next() & ~0xf000 | 0x4000, low: seed.next() & ~(0b11 << 62) | 0b10 << 62)
    }

    /// An instance with its guest and its records, all as they should be.
    mutating func addServer(
        _ number: Int, hostname: String, customer: String, game: String? = "minecraft", variant: String? = nil,
        port: Int? = nil, power: DesiredInstance.Power = .running, status: DesiredInstance.Status = .active,
        hasGuest: Bool = true, isMarked: Bool = true
    ) {
        guard let vmid = VMID(number) else { return }
        let names = estate.cluster.nodes.map(\.name)
        let node = names.isEmpty ? "pve1" : names[number % names.count]
        // Of 127.0.0.0/8, so that a laboratory can let each agent listen at its own.
        let address = "127.70.\(nextAddress / 250).\(nextAddress % 250 + 1)"
        nextAddress += 1
        let isGame = game != nil
        let row = DesiredInstance(
            key: InstanceKey(vmid: vmid, externalID: EstateDraft.uuid(&seed)), customer: customer,
            ctype: isGame ? .game : .dev, hostname: hostname, node: node, address: address, game: game,
            variant: variant, port: port, power: power, status: status)
        estate.instances.append(row)
        estate.payloads[vmid] =
            #"{"plan":"s","env":{"RCON_PASSWORD":"rcon-\#(seed.hex(12))","API_KEY":"sk_live_\#(seed.hex(24))"}}"#
        if hasGuest {
            estate.cluster.add(
                Cluster.Container(
                    vmid: vmid, node: node, name: hostname, isRunning: power == .running,
                    pool: isGame ? "games" : "dev", tags: [isGame ? "game" : "dev", "zlh"], address: address))
            // A dev container has no game process: its agent is ready when its host is.
            estate.agents[vmid] = Agent()
            if isGame, Games.usesSRV(game), status == .active, power == .running {
                estate.proxy.register(hostname, address)
            }
        }
        let isPublished = isGame && (status == .active)
        if isPublished {
            let comment = isMarked ? "zlh-controller/\(EstateDraft.identifier) \(number)" : nil
            publish(row, comment: comment)
            publishInternally(row, comment: comment)
        }
    }

    private mutating func publish(_ row: DesiredInstance, comment: String?) {
        let name = "\(row.hostname).\(EstateDraft.zoneName)"
        addRecord(name: name, type: "A", content: EstateDraft.edge, comment: comment)
        if Games.usesSRV(row.game), let port = Games.port(of: row) {
            addRecord(
                name: "_minecraft._tcp.\(name)", type: "SRV",
                srv: SRV(priority: 0, weight: 0, port: port, target: name), comment: comment)
        }
    }

    mutating func addRecord(
        name: String, type: String, content: String = "", srv: SRV? = nil, priority: Int? = nil, ttl: Int = 60,
        comment: String? = nil, isProxied: Bool = false
    ) {
        // Older ones first, a minute and a bit apart, so that "the newest" is well defined; with zero to six digits of
        // a second, as the real service writes them.
        let grain = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000][seed.below(7)]
        let age = Span(microseconds: Int64(100_000 - estate.zone.records.count) * 60_034_567)
        let moment = (estate.drawnAt - age).microseconds / Int64(grain) * Int64(grain)
        estate.zone.add(
            ZoneRecord(
                id: seed.hex(32), name: name, type: type, content: content, srv: srv, priority: priority, ttl: ttl,
                comment: comment, isProxied: isProxied, createdAt: Timestamp(microseconds: moment)))
    }

    mutating func changeRecord(_ name: String, _ type: String, _ body: (inout ZoneRecord) -> Void) {
        guard var record = estate.records(at: name).first(where: { $0.type == type }) else { return }
        body(&record)
        estate.zone.replace(record)
    }

    mutating func removeRecord(_ name: String, _ type: String) {
        for record in estate.records(at: name) where record.type == type { estate.zone.remove(id: record.id) }
    }

    /// Guests and records of the house itself: none of them is a customer's.
    mutating func addHouse() {
        func add(_ number: Int, _ name: String, type: String = "lxc", isTemplate: Bool = false) {
            guard let vmid = VMID(number), let node = estate.cluster.nodes.first else { return }
            estate.cluster.add(
                Cluster.Container(
                    vmid: vmid, type: type, node: node.name, name: name, isRunning: !isTemplate,
                    isTemplate: isTemplate, tags: ["infra"]))
        }
        add(820, "game-template", isTemplate: true)
        add(9001, "edge-proxy")
        add(9002, "platform-db", type: "qemu")
        estate.proxy.register("lobby", "10.0.0.20", port: 25570)
        let zone = EstateDraft.zoneName
        addRecord(name: zone, type: "A", content: "203.0.113.80", ttl: 1, isProxied: true)
        addRecord(name: "www.\(zone)", type: "CNAME", content: zone, ttl: 1, isProxied: true)
        addRecord(name: "panel.\(zone)", type: "A", content: "203.0.113.81", ttl: 300, comment: "customer panel")
        addRecord(name: "*.\(zone)", type: "A", content: EstateDraft.edge, comment: "developer servers")
        addRecord(name: zone, type: "MX", content: "mail.example.org", priority: 10, ttl: 3600)
        addRecord(name: zone, type: "TXT", content: #""v=spf1 include:mail.example.org -all""#, ttl: 3600)
        addRecord(
            name: "_verify.\(zone)", type: "TXT", content: #""site-verification=\#(seed.hex(40))""#, ttl: 3600)
        addRecord(name: "lab.\(zone)", type: "NS", content: "ns1.example.org", ttl: 3600)
        addInternalHouse()
    }

    mutating func plant(
        _ number: Int, _ kind: DriftKind, record: String? = nil, heldBy: Reason? = nil, _ sentence: String
    ) {
        guard let vmid = VMID(number) else { return }
        estate.story.append(Planted(vmid: vmid, kind: kind, record: record, heldBy: heldBy, sentence: sentence))
    }
}
