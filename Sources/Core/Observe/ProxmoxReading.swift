/// What one Proxmox endpoint answered: inventory, then cluster status, then effective permissions, on one endpoint in that
/// order. Decoded, not yet believed; ``Inventory`` judges it.
package struct ProxmoxReading: Equatable, Sendable {
    /// One row of `GET /cluster/resources`.
    package enum Resource: Equatable, Sendable {
        case guest(GuestRow)
        case node(NodeRow)
        case pool(name: String, runningCPUs: Double)
    }

    package struct GuestRow: Equatable, Sendable {
        package var vmid: VMID
        /// `lxc`, `qemu`, or what a later version calls it.
        package var type: String
        package var node: String
        /// As sent: `running`, `stopped`, `unknown`, or a word not known here.
        package var status: String
        package var name: String?
        package var isTemplate: Bool
        package var lock: String?
        package var haState: String?
        package var pool: String?

        package init(
            vmid: VMID, type: String, node: String, status: String, name: String?, isTemplate: Bool = false,
            lock: String? = nil, haState: String? = nil, pool: String? = nil
        ) {
            self.vmid = vmid
            self.type = type
            self.node = node
            self.status = status
            self.name = name
            self.isTemplate = isTemplate
            self.lock = lock
            self.haState = haState
            self.pool = pool
        }
    }

    package struct NodeRow: Equatable, Sendable {
        package var name: String
        /// `online`, `offline` or `unknown`.
        package var status: String

        package init(name: String, status: String) {
            self.name = name
            self.status = status
        }
    }

    /// `GET /cluster/status`.
    package struct ClusterStatus: Equatable, Sendable {
        /// Nil on a standalone node, which has no cluster row.
        package var name: String?
        /// Nil on a standalone node.
        package var isQuorate: Bool?
        package var nodes: [String]

        package init(name: String?, isQuorate: Bool?, nodes: [String]) {
            self.name = name
            self.isQuorate = isQuorate
            self.nodes = nodes
        }
    }

    /// Scheme, host and port: where it was read, and where a second look has to go.
    package var endpoint: String
    package var resources: [Resource]
    /// Rows that could not be understood.
    package var unreadableRows: Int
    package var status: ClusterStatus
    /// `GET /access/permissions`: path → privilege → propagates.
    package var permissions: [String: [String: Bool]]
    /// For each suspect of a second look, whether the token has VM.Audit on that very guest: a rule on `/vms/N` that takes
    /// everything away shows in no list. Nil where nobody asked.
    package var probes: [VMID: Bool]?
    /// The addresses of each guest that a second look asked about. Who could not be asked is left out; nil where nobody was.
    package var addresses: [VMID: GuestAddresses]?
    /// By node: what it runs now. A node that was not asked, or did not say, is left out.
    package var tasks: [String: [GuestTask]]
    package var startedAt: Timestamp

    package init(
        endpoint: String, resources: [Resource], unreadableRows: Int, status: ClusterStatus,
        permissions: [String: [String: Bool]], probes: [VMID: Bool]? = nil, addresses: [VMID: GuestAddresses]? = nil,
        tasks: [String: [GuestTask]] = [:], startedAt: Timestamp
    ) {
        self.tasks = tasks
        self.endpoint = endpoint
        self.resources = resources
        self.unreadableRows = unreadableRows
        self.status = status
        self.permissions = permissions
        self.probes = probes
        self.addresses = addresses
        self.startedAt = startedAt
    }
}

extension ProxmoxReading {
    /// Marks the guests that have addresses in other networks alone.
    ///
    /// - Parameter isReachable: whether an address lies in `agents.networks`.
    package mutating func markOutside(_ isReachable: (String) -> Bool) {
        addresses = addresses?.mapValues { own in
            var own = own
            own.isOutside = !own.ipv4.isEmpty && !own.ipv4.contains(where: isReachable)
            return own
        }
    }
}

/// The IPv4 addresses on a guest's own interfaces, the one named `lo` aside.
package struct GuestAddresses: Equatable, Sendable {
    package var ipv4: [String]
    /// False with an older Proxmox, which keeps only the last address of an interface: another one may be there too.
    package var isWhole: Bool
    /// Whether some are there and none of them lies in `agents.networks`: a bridge inside the guest may have its address some seconds
    /// before the guest has its own.
    package var isOutside: Bool

    package init(ipv4: [String], isWhole: Bool, isOutside: Bool = false) {
        self.ipv4 = ipv4
        self.isWhole = isWhole
        self.isOutside = isOutside
    }
}
