package import Core

/// A small estate that is right in every point, for tests to break.
package struct Fleet: Sendable {
    package static let now = Timestamp(rfc3339: "2026-03-01T12:00:00Z")!
    package static let zone = "example.net"
    package static let edge = "203.0.113.10"
    package static let formerEdge = "203.0.113.9"

    package var settings = PipelineSettings(
        id: "test-1", scope: .defaults, proxmox: PipelineSettings.Proxmox(cluster: "prod", canary: nil), zone: zone,
        publicDNS: PipelineSettings.DNS(edge: edge, formerEdges: [formerEdge], ttl: 60), internalDNS: nil,
        agents: false,
        velocity: false, queues: false)
    package var instances: [DesiredInstance] = []
    package var operations: [DesiredOperation] = []
    package var billing: [BillingRow] = []
    package var retired: [RetiredInstance] = []
    package var unreadable: [UnreadableRow] = []
    package var pauses: [Pause] = []
    package var accepted: [Acceptance] = []
    package var past = DriftPast()
    package var guests: [ProxmoxReading.GuestRow] = []
    package var nodes: [ProxmoxReading.NodeRow] = [
        ProxmoxReading.NodeRow(name: "n1", status: "online"), ProxmoxReading.NodeRow(name: "n2", status: "online"),
    ]
    package var clusterNodes: [String]?
    package var clusterName: String? = "prod"
    package var isQuorate: Bool? = true
    package var permissions: [String: [String: Bool]] = ["/": ["VM.Audit": true, "Sys.Audit": true]]
    package var pools: [(name: String, cpus: Double)] = []
    package var unreadableRows = 0
    package var probes: [VMID: Bool]?
    package var endpoint = "https://pve1.example.net:8006"
    package var desiredFailure: ReadFailure?
    /// By node; nil where every node runs nothing.
    package var tasks: [String: [GuestTask]]?
    package var records: [DNSRecord] = []
    package var internalZone: Result<TechnitiumReading, ReadFailure> = .failure(
        ReadFailure(.notRead, "this fleet has no internal zone", at: now))
    /// What the agents answer; see ``addHosts()``.
    package var agents: [Int: AgentReading.Answer] = [:]
    package var agentsFailure: ReadFailure?
    package var proxy = VelocityReading(endpoint: "http://proxy.example.net:8081", servers: [], startedAt: now)
    package var proxyFailure: ReadFailure?
    package var addresses: [VMID: GuestAddresses] = [:]
    package var policies = PolicySet(
        policies: [
            Policy(
                name: "edge-republish",
                kinds: ["dns.public.a_", "dns.public.srv_", "dns.internal.a_", "dns.internal.srv_"].map {
                    KindPattern($0 + "*")
                } + ["velocity.missing", "velocity.wrong_address"].map { KindPattern($0) },
                level: .automatic, action: .edgeRepublish, after: Policy.defaultAfter, retry: Policy.defaultRetry,
                except: [])
        ], brakes: .defaults, windows: [], notifications: [])
    package var queues = FleetQueues()
    package var calendar = RepairCalendar.always

    /// `count` Minecraft servers from 5001 on, each exactly as it should be.
    package init(_ count: Int = 3) {
        records.append(DNSRecord(id: "ns", name: Fleet.zone, data: .other(type: "NS"), ttl: 86400, comment: nil))
        for index in 0..<count { addServer(5001 + index) }
    }

    package mutating func addServer(
        _ vmid: Int, hostname: String? = nil, customer: String? = nil, game: String = "minecraft",
        power: DesiredInstance.Power = .running, status: DesiredInstance.Status = .active
    ) {
        let name = hostname ?? "mc-paper-\(vmid)"
        instances.append(
            DesiredInstance(
                key: InstanceKey(vmid: VMID(vmid)!, externalID: ExternalID(high: 0x1234, low: UInt64(vmid))),
                customer: customer ?? "c\(vmid)", ctype: .game, hostname: name, node: "n1",
                address: "10.70.\(vmid / 250).\(vmid % 250)",
                game: game, variant: "paper", port: nil, power: power, status: status))
        guests.append(
            ProxmoxReading.GuestRow(
                vmid: VMID(vmid)!, type: "lxc", node: "n1", status: power.rawValue, name: name))
        let host = "\(name).\(Fleet.zone)"
        records.append(DNSRecord(id: "a\(vmid)", name: host, data: .a(Fleet.edge), ttl: 60, comment: nil))
        guard Games.usesSRV(game) else { return }
        records.append(
            DNSRecord(
                id: "s\(vmid)", name: "_minecraft._tcp.\(host)",
                data: .srv(SRV(priority: 0, weight: 0, port: 25565, target: host)), ttl: 60, comment: nil))
    }

    package func id(_ vmid: Int) -> ExternalID { ExternalID(high: 0x1234, low: UInt64(vmid)) }

    package mutating func changeRow(_ vmid: Int, _ change: (inout DesiredInstance) -> Void) {
        for index in instances.indices where instances[index].vmid == VMID(vmid) { change(&instances[index]) }
    }

    package mutating func changeGuest(_ vmid: Int, _ change: (inout ProxmoxReading.GuestRow) -> Void) {
        for index in guests.indices where guests[index].vmid == VMID(vmid) { change(&guests[index]) }
    }

    package mutating func changeRecord(_ id: String, _ change: (inout DNSRecord) -> Void) {
        for index in records.indices where records[index].id == id { change(&records[index]) }
    }

    package mutating func removeGuest(_ vmid: Int) { guests.removeAll { $0.vmid == VMID(vmid) } }
    package mutating func removeRow(_ vmid: Int) { instances.removeAll { $0.vmid == VMID(vmid) } }
    package mutating func removeRecord(_ id: String) { records.removeAll { $0.id == id } }

    package mutating func addOperation(
        _ id: String, _ kind: DesiredOperation.Kind, vmid: Int?, status: DesiredOperation.Status, key: String? = nil
    ) {
        operations.append(
            DesiredOperation(
                id: id, idempotencyKey: key, customer: nil, vmid: vmid.flatMap { VMID($0) }, kind: kind,
                queue: "provisioning", jobID: nil, status: status, phase: nil, attempts: 0,
                enqueuedAt: Fleet.now - .minutes(5), startedAt: nil, heartbeatAt: nil, leaseExpiresAt: nil,
                finishedAt: nil))
    }

    // MARK: What the edges would deliver

    package var desired: DesiredState { desired(at: Fleet.now) }

    package func desired(at now: Timestamp) -> DesiredState {
        DesiredState(
            instances: instances, operations: operations, billing: billing, retired: retired, unreadable: unreadable,
            pauses: pauses, accepted: accepted, readAt: now, past: past)
    }

    package var proxmoxReading: ProxmoxReading {
        ProxmoxReading(
            endpoint: endpoint,
            resources: guests.map { .guest($0) } + nodes.map { .node($0) }
                + pools.map { .pool(name: $0.name, runningCPUs: $0.cpus) },
            unreadableRows: unreadableRows,
            status: ProxmoxReading.ClusterStatus(
                name: clusterName, isQuorate: isQuorate, nodes: clusterNodes ?? nodes.map(\.name)),
            permissions: permissions, probes: probes,
            tasks: tasks ?? Dictionary(nodes.map { ($0.name, []) }) { first, _ in first }, startedAt: Fleet.now)
    }

    package var zoneReading: ZoneReading {
        ZoneReading(
            endpoint: "https://api.example.com",
            pages: [
                ZoneReading.Page(
                    number: 1, totalPages: 1, totalCount: records.count, count: records.count, records: records)
            ], startedAt: Fleet.now)
    }

    /// Runs one audit of this estate through the controller; `second` is the estate at the second look.
    package func audit(second: Fleet? = nil) -> Report? { audit(.audit, second: second) }

    package func audit(_ request: Request, second: Fleet? = nil) -> Report? {
        let second = second ?? self
        var controller = Controller(settings: settings, policies: policies, calendar: calendar)
        var queue = controller.handle(.operatorAsked(request), at: Fleet.now)
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .tell(.report(let report)): return report
            case .tell(.desiredUnreadable): return nil
            case .wake(.roundDeadline, _), .giveWay, .recall, .journal, .repair, .redeem: break
            case .wake(let wake, let moment): queue += controller.handle(.woke(wake), at: moment)
            case .observe(let look):
                let estate = look.number == 1 ? self : second
                queue += controller.handle(.observed(estate.observation(look, at: Fleet.now)), at: Fleet.now)
            }
        }
        return nil
    }

    /// What a look shows, read at `now`.
    package func observation(_ look: Look, at now: Timestamp) -> Observation {
        func timed<Value>(
            _ result: Result<Value, ReadFailure>, _ time: WritableKeyPath<Value, Timestamp>
        ) -> Result<Value, ReadFailure> {
            result.map { value in
                var value = value
                value[keyPath: time] = now
                return value
            }
        }
        let content: Observation.Content =
            switch look.plane {
            case .proxmox:
                .proxmox(timed(.success(proxmoxReading(look)), \.startedAt))
            case .agents: .agents(timed(agentReading(look.agents), \.startedAt))
            case .velocity: .velocity(timed(proxyFailure.map { .failure($0) } ?? .success(proxy), \.startedAt))
            case .publicDNS: .publicZone(timed(.success(zoneReading), \.startedAt))
            case .internalDNS: .internalZone(timed(internalZone, \.startedAt))
            case .queues: .queues(timed(queues.reading(look.jobs), \.startedAt))
            case .database: .desired(desiredFailure.map { .failure($0) } ?? .success(desired(at: now)))
            }
        return Observation(look: look.number, content: content)
    }
}

extension Report {
    /// `kind vmid` of each drift, for comparing at a glance.
    package var kinds: [String] {
        decisions.map { "\($0.drift.kind.rawValue) \($0.drift.subject.vmid.map(\.description) ?? "-")" }
    }

    package func decision(_ kind: DriftKind) -> Decision? { decisions.first { $0.drift.kind == kind } }

    package func status(_ plane: Plane) -> Coverage.Status? { coverage.first { $0.plane == plane }?.status }
}
