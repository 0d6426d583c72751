import Core

/// A fleet of any size with one drift in a hundred, in the shapes that the edges deliver.
struct BigFleet {
    static let now = Timestamp(seconds: 1_767_225_600)
    private static let zone = "example.net"
    private static let first = 1_000_000

    let settings: PipelineSettings
    let policies: PolicySet
    private let desired: DesiredState
    private let guests: [ProxmoxReading.Resource]
    private let records: [DNSRecord]

    init(_ count: Int) {
        let patterns = ["mc-*-{vmid}", "mc-{vmid}", "{game}-{vmid}"].compactMap(HostnamePattern.init)
        settings = PipelineSettings(
            id: "bench", scope: Scope(game: .init(vmids: BigFleet.first...9_999_999, hostnames: patterns), dev: nil),
            proxmox: .init(cluster: "prod", canary: nil), zone: BigFleet.zone,
            publicDNS: .init(edge: "203.0.113.10", formerEdges: [], ttl: 60), internalDNS: nil, agents: false,
            velocity: false, queues: false)
        policies = PolicySet(
            policies: [
                Policy(
                    name: "edge-republish", kinds: DNSKinds.public.records.map { KindPattern($0.rawValue) },
                    level: .automatic, action: .edgeRepublish, after: Policy.defaultAfter, retry: Policy.defaultRetry,
                    except: [])
            ], brakes: .defaults, windows: [], notifications: [])
        var rows: [DesiredInstance] = []
        var guests: [ProxmoxReading.Resource] = [.node(.init(name: "n1", status: "online"))]
        var records = [DNSRecord(id: "ns", name: BigFleet.zone, data: .other(type: "NS"), ttl: 3600, comment: nil)]
        for index in 0..<count {
            guard let vmid = VMID(BigFleet.first + index) else { continue }
            let name = "mc-paper-\(vmid)"
            let host = "\(name).\(BigFleet.zone)"
            rows.append(
                DesiredInstance(
                    key: InstanceKey(vmid: vmid, externalID: ExternalID(high: 1, low: UInt64(index))),
                    customer: "c\(index / 3)", ctype: .game, hostname: name, node: "n1",
                    address: "10.\(index >> 16 & 255).\(index >> 8 & 255).\(index & 255)", game: "minecraft",
                    variant: "paper", port: nil, power: .running, status: .active))
            let isStopped = index % 200 == 7
            guests.append(
                .guest(
                    .init(vmid: vmid, type: "lxc", node: "n1", status: isStopped ? "stopped" : "running", name: name)))
            records.append(DNSRecord(id: "a\(index)", name: host, data: .a("203.0.113.10"), ttl: 60, comment: nil))
            if index % 200 == 99 { continue }
            records.append(
                DNSRecord(
                    id: "s\(index)", name: "_minecraft._tcp.\(host)",
                    data: .srv(SRV(priority: 0, weight: 0, port: 25565, target: host)), ttl: 60, comment: nil))
        }
        let billing = (0..<(count / 3 + 1)).map {
            BillingRow(customer: "c\($0)", status: .active, serverState: .allowed)
        }
        desired = DesiredState(
            instances: rows, operations: [], billing: billing, retired: [], unreadable: [], pauses: [], accepted: [],
            readAt: BigFleet.now)
        self.guests = guests
        self.records = records
    }

    /// What a round knows once both listings are judged.
    func facts() -> Facts {
        let reading = ProxmoxReading(
            endpoint: "bench", resources: guests, unreadableRows: 0,
            status: .init(name: "prod", isQuorate: true, nodes: ["n1"]), permissions: ["/": ["VM.Audit": true]],
            startedAt: BigFleet.now)
        let zone = ZoneReading(
            endpoint: "bench",
            pages: [.init(number: 1, totalPages: 1, totalCount: records.count, count: records.count, records: records)],
            startedAt: BigFleet.now)
        return Facts(
            desired: desired,
            inventory: Looks(Inventory.judge(reading, expecting: .init(cluster: "prod", canary: nil))),
            publicZone: Looks(Zone.judge(zone, zone: BigFleet.zone, plane: .publicDNS)))
    }

    /// The floor: each row, guest and record is read once and nothing is done with it.
    func touchEverything(_ facts: Facts) {
        var sum: UInt64 = 0
        for row in facts.desired.instances { sum &+= row.key.externalID.low &+ UInt64(row.hostname.utf8.count) }
        for guest in facts.inventory.latest.value?.guests ?? [] { sum &+= UInt64(guest.vmid.number) }
        for record in facts.publicZone.latest.value?.records ?? [] { sum &+= UInt64(record.name.utf8.count) }
        precondition(sum != 1, "the sum is used, so that it is computed")
    }
}
