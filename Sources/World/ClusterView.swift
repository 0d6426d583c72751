package import Core

/// What one endpoint shows of a cluster to one token, its faults included.
///
/// The simulation turns it into a ``ProxmoxReading``, the laboratory into JSON: so the two cannot disagree.
package struct ClusterView: Sendable {
    package struct Row: Equatable, Sendable {
        package var guest: Cluster.Container
        /// `running`, `stopped` or `unknown`; with `unknown` the row has neither name nor numbers.
        package var status: String
        package var showsPool: Bool
        package var isKnown: Bool { status != "unknown" }
    }

    package struct NodeRow: Equatable, Sendable {
        package var name: String
        package var address: String
        /// `online` or `offline`.
        package var status: String
        /// The node that answers.
        package var isLocal: Bool
    }

    package struct PoolRow: Equatable, Sendable {
        package var name: String
        /// Over all running members, seen or not.
        package var runningCPUs: Int
    }

    package let name: String?
    package let isQuorate: Bool
    /// The node that answers.
    package let localNode: String
    package let token: Token
    /// Guest rows of the resource list, sorted by VMID as text as Proxmox does.
    package let rows: [Row]
    /// Nodes of the resource list.
    package let listedNodes: [NodeRow]
    /// Nodes of the cluster status.
    package let nodes: [NodeRow]
    package let pools: [PoolRow]
    /// All that this endpoint could show if asked for by number, without regard to rights.
    package let guests: [VMID: Cluster.Container]
    private let tasks: [Cluster.RunningTask]

    /// How long the last word of a dead node is repeated.
    package static let memoryOfDeadNodes = Span.minutes(5)

    package init(_ cluster: Cluster, node: String?, faults: Set<ProxmoxFault>, at now: Timestamp) {
        var cluster = cluster
        let local = node ?? cluster.nodes.first?.name ?? ""
        var isStale = !cluster.isQuorate
        for fault in faults {
            switch fault {
            case .noQuorum: isStale = true
            case .permissionLost: (cluster.token.userGrants, cluster.token.ownGrants) = ([], [])
            case .privilegeSeparated: (cluster.token.isSeparated, cluster.token.ownGrants) = (true, [])
            case .vmAuditLost: cluster.token.dropVMAudit()
            case .guestHidden(let vmid):
                // Out of its pool first: what a pool grants would be added, and the guest seen again.
                cluster.change(vmid) { $0.pool = nil }
                cluster.token.restrict(vmid, to: ["VM.Console"])
            case .guestDenied(let vmid): cluster.token.restrict(vmid, to: [])
            case .wrongCluster: cluster = cluster.stranger
            case .nodeOffline(let name, let since): cluster.setNode(name, offlineSince: since)
            case .migrating(let vmid): cluster.remove(vmid)
            default: break
            }
        }
        if isStale {
            for index in cluster.nodes.indices where cluster.nodes[index].name != local {
                cluster.nodes[index].offlineSince = cluster.nodes[index].offlineSince ?? now
            }
        }
        let guests = isStale && !faults.contains(.wrongCluster) ? cluster.staleGuests : cluster.guests
        let token = cluster.token
        let downSince = Dictionary(
            cluster.nodes.compactMap { node in node.offlineSince.map { (node.name, $0) } }, uniquingKeysWith: { $1 })
        let isHiccup = faults.contains(.fileSystemHiccup)
        let statusesUnknown = faults.contains(.statusesUnknown)
        self.name = cluster.name
        self.isQuorate = !isStale
        self.localNode = local
        self.token = token
        self.guests = guests
        self.tasks = cluster.tasks
        self.nodes = cluster.nodes.map {
            NodeRow(
                name: $0.name, address: $0.address, status: $0.isOnline ? "online" : "offline",
                isLocal: $0.name == local)
        }
        self.listedNodes = isHiccup ? nodes.filter(\.isLocal) : nodes
        let seesPool = { (pool: String) in token.privileges(at: "/pool/\(pool)")["Pool.Audit"] != nil }
        self.rows =
            isHiccup
            ? []
            : guests.values.filter { token.privileges(at: "/vms/\($0.vmid)", pool: $0.pool)["VM.Audit"] != nil }
                .map { guest in
                    let isForgotten = downSince[guest.node].map { now - $0 > ClusterView.memoryOfDeadNodes } ?? false
                    let status = guest.isRunning ? "running" : "stopped"
                    return Row(
                        guest: guest, status: isForgotten || statusesUnknown ? "unknown" : status,
                        showsPool: guest.pool.map(seesPool) ?? false)
                }
                .sorted { $0.guest.vmid.description < $1.guest.vmid.description }
        self.pools =
            isHiccup
            ? []
            : Set(guests.values.compactMap(\.pool)).filter(seesPool).sorted().map { pool in
                PoolRow(
                    name: pool,
                    runningCPUs: guests.values.filter { $0.pool == pool && $0.isRunning }.reduce(0) { $0 + $1.cpus })
            }
    }

    /// `GET /cluster/status` asks for this; without it the answer is 403.
    package var mayReadStatus: Bool { token.privileges(at: "/")["Sys.Audit"] != nil }

    /// What runs on a node; without Sys.Audit there, what this token runs itself. Nil while the node cannot be asked.
    package func tasks(on node: String) -> [Cluster.RunningTask]? {
        guard nodes.contains(where: { $0.name == node && ($0.status == "online" || $0.isLocal) }) else { return nil }
        let seesAll = token.privileges(at: "/nodes/\(node)")["Sys.Audit"] != nil
        return tasks.filter { $0.node == node && (seesAll || $0.owner == token.id) }
    }

    package var effectivePermissions: [String: [String: Bool]] {
        token.effectivePermissions(pools: guests.compactMapValues(\.pool))
    }
}

extension Cluster {
    /// Another cluster that happens to listen at the same address, and lets the same token in.
    fileprivate var stranger: Cluster {
        var other = Cluster(
            name: "nested-test", nodes: nodes.prefix(1).map { Node(name: $0.name, address: $0.address) }, guests: [],
            token: token)
        if let vmid = VMID(100) { other.add(Container(vmid: vmid, node: nodes.first?.name ?? "", name: "scratch")) }
        return other
    }
}

extension Token {
    fileprivate mutating func dropVMAudit() {
        for index in userGrants.indices { userGrants[index].privileges.remove("VM.Audit") }
        for index in ownGrants.indices { ownGrants[index].privileges.remove("VM.Audit") }
    }

    fileprivate mutating func restrict(_ vmid: VMID, to privileges: Set<String>) {
        userGrants.append(Grant(path: "/vms/\(vmid)", privileges: privileges))
        if isSeparated { ownGrants.append(Grant(path: "/vms/\(vmid)", privileges: privileges)) }
    }
}
