package import Core

/// A Proxmox cluster as it really is. What an endpoint says about it is ``ClusterView``.
package struct Cluster: Equatable, Sendable {
    package struct Node: Equatable, Sendable {
        package var name: String
        package var address: String
        /// Nil while the node is up.
        package var offlineSince: Timestamp?

        package init(name: String, address: String, offlineSince: Timestamp? = nil) {
            self.name = name
            self.address = address
            self.offlineSince = offlineSince
        }

        package var isOnline: Bool { offlineSince == nil }
    }

    package struct Container: Equatable, Sendable {
        package var vmid: VMID
        /// `lxc` or `qemu`.
        package var type: String
        package var node: String
        package var name: String
        package var isRunning: Bool
        package var isTemplate: Bool
        package var lock: String?
        package var haState: String?
        package var pool: String?
        /// Normalised as Proxmox stores them: lower case, sorted, each once.
        package var tags: [String]
        /// Its IPv4 address while it runs.
        package var address: String?
        package var cpus: Int
        package var memory: Int

        package init(
            vmid: VMID, type: String = "lxc", node: String, name: String, isRunning: Bool = true,
            isTemplate: Bool = false, lock: String? = nil, haState: String? = nil, pool: String? = nil,
            tags: [String] = [], address: String? = nil, cpus: Int = 4, memory: Int = 4 << 30
        ) {
            self.vmid = vmid
            self.type = type
            self.node = node
            self.name = name
            self.isRunning = isRunning
            self.isTemplate = isTemplate
            self.lock = lock
            self.haState = haState
            self.pool = pool
            self.tags = tags
            self.address = address
            self.cpus = cpus
            self.memory = memory
        }
    }

    /// A task that has begun and not ended.
    package struct RunningTask: Equatable, Sendable {
        package var vmid: VMID?
        package var node: String
        /// As `vzdump`.
        package var type: String
        /// `USER@REALM` or `USER@REALM!NAME`.
        package var owner: String

        package init(vmid: VMID?, node: String, type: String, owner: String) {
            self.vmid = vmid
            self.node = node
            self.type = type
            self.owner = owner
        }
    }

    /// Nil is a standalone node.
    package var name: String?
    package var nodes: [Node]
    package var isQuorate: Bool
    package private(set) var guests: [VMID: Container]
    package var token: Token
    /// What somebody else runs on guests.
    package var tasks: [RunningTask] = []
    /// What was removed lately: a node outside the quorum still shows it.
    package private(set) var removed: [Container] = []
    /// What came last: a node outside the quorum does not know it yet.
    package private(set) var newest: VMID?

    package init(name: String?, nodes: [Node], isQuorate: Bool = true, guests: [Container], token: Token) {
        self.name = name
        self.nodes = nodes
        self.isQuorate = isQuorate
        self.guests = Dictionary(guests.map { ($0.vmid, $0) }, uniquingKeysWith: { $1 })
        self.newest = guests.last?.vmid
        self.token = token
    }

    package func node(_ name: String) -> Node? { nodes.first { $0.name == name } }

    package mutating func add(_ guest: Container) {
        guests[guest.vmid] = guest
        newest = guest.vmid
    }

    /// Removes a guest and says whether there was one.
    @discardableResult
    package mutating func remove(_ vmid: VMID) -> Bool {
        guard let guest = guests.removeValue(forKey: vmid) else { return false }
        removed.append(guest)
        if newest == vmid { newest = nil }
        return true
    }

    /// Changes a guest in place and says whether there is one.
    @discardableResult
    package mutating func change(_ vmid: VMID, _ body: (inout Container) -> Void) -> Bool {
        guard var guest = guests[vmid] else { return false }
        body(&guest)
        guests[vmid] = guest
        return true
    }

    /// Whether a guest runs on a node that does.
    package func isUp(_ guest: Container) -> Bool {
        guest.isRunning && nodes.first { $0.name == guest.node }?.isOnline != false
    }

    @discardableResult
    package mutating func setNode(_ name: String, offlineSince: Timestamp?) -> Bool {
        guard let index = nodes.firstIndex(where: { $0.name == name }) else { return false }
        nodes[index].offlineSince = offlineSince
        return true
    }

    /// The copy that a node outside the quorum keeps: the newest guest is missing, removed ones are still there.
    package var staleGuests: [VMID: Container] {
        var copy = guests
        for guest in removed where copy[guest.vmid] == nil { copy[guest.vmid] = guest }
        if let newest { copy[newest] = nil }
        return copy
    }
}
