/// A believed inventory of one Proxmox cluster.
///
/// A guest that is missing from a 200 answer is no proof that it is gone: the rules of when it is are all here.
package struct Inventory: Equatable, Sendable {
    package let endpoint: String
    package let observedAt: Timestamp
    /// Sorted by VMID, one each.
    package let guests: [Guest]
    /// The key of each guest's canonical name; nil without one.
    let names: [HostKey?]
    /// Of each guest what every plan asks, in numbers, and the nodes that they lie on.
    let briefs: [Guest.Brief]
    let nodeNames: NodeNames
    /// By name.
    package let nodes: [String: NodeState]
    /// Why no absence in this listing is believed; nil when absence can be earned.
    package let doubt: Doubt?
    /// Guests that the token may not see even though it sees the rest.
    package let hidden: Set<VMID>
    /// Whether the token could see each suspect; nil where nobody asked.
    package let probes: [VMID: Bool]?
    /// A guest's own IPv4 addresses; nil where nobody asked.
    package let addresses: [VMID: GuestAddresses]?
    /// By node: what it runs now. A node whose tasks are not known is left out.
    package let tasks: [String: [GuestTask]]
    package let detail: String

    package struct Doubt: Equatable, Sendable {
        package let reason: Unknown
        /// For a person, with what to do.
        package let detail: String
    }

    package var evidence: Evidence {
        Evidence(plane: .proxmox, observedAt: observedAt, isWhole: doubt == nil)
    }

    /// What is known about one VMID.
    ///
    /// - Parameter recordedNode: where the guest was placed last, if known: absence is not believed while that node is down.
    package func container(_ vmid: VMID, recordedNode: String?) -> Observed<Guest> {
        if let index = index(of: vmid) { return .present(guests[index], evidence) }
        if let doubt { return .unknown(doubt.reason) }
        if hidden.contains(vmid) { return .unknown(.permissionMissing) }
        // The listing shows guests of dead nodes too, as long as the cluster file system is whole. Still: nothing is called
        // gone while the place where it should be cannot be asked.
        if let recordedNode, let state = nodes[recordedNode] {
            return state == .online ? .absent(evidence) : .unknown(.nodeOffline)
        }
        return nodes.values.allSatisfy { $0 == .online } ? .absent(evidence) : .unknown(.nodeOffline)
    }

    /// Whether a row's guest runs, or rests with nobody who is seen to act on it: a stopped moment is part of much.
    func shows(_ power: Guest.Power, of row: DesiredInstance) -> Bool {
        guard case .present(let guest, _) = container(row.vmid, recordedNode: row.node), guest.power.value == power
        else { return false }
        return power == .running || (guest.lock == nil && foreignTasks(on: guest)?.isEmpty != false)
    }

    private func index(of vmid: VMID) -> Int? {
        var low = 0
        var high = guests.count
        while low < high {
            let middle = (low + high) / 2
            if guests[middle].vmid < vmid { low = middle + 1 } else { high = middle }
        }
        return low < guests.count && guests[low].vmid == vmid ? low : nil
    }
}

extension Inventory {
    /// Judges what an endpoint answered. `.failed` when even what is listed cannot be believed to be ours.
    package static func judge(_ reading: ProxmoxReading, expecting: PipelineSettings.Proxmox) -> PlaneFact<Inventory> {
        let at = reading.startedAt
        func failed(_ reason: Unknown, _ detail: String) -> PlaneFact<Inventory> {
            .failed(reason, detail: "\(reading.endpoint): \(detail)", at: at)
        }
        if reading.status.name != expecting.cluster {
            let answered = reading.status.name.map { "cluster '\($0)'" } ?? "a standalone node"
            let pinned = expecting.cluster.map { "cluster '\($0)'" } ?? "a standalone node (proxmox.cluster is null)"
            return failed(.wrongCluster, "this is \(answered), the configuration pins \(pinned)")
        }
        if reading.status.isQuorate == false {
            return failed(.noQuorum, "this node is outside the quorum and answers from a stale copy")
        }
        if reading.status.nodes.isEmpty { return failed(.malformed, "cluster status names no node") }

        var nodes: [String: NodeState] = [:]
        var rows: [ProxmoxReading.GuestRow] = []
        var busyPools: Set<String> = []
        for resource in reading.resources {
            switch resource {
            case .node(let node):
                // Of two rows one may say online and the other not.
                guard nodes.updateValue(NodeState(node.status), forKey: node.name) == nil else {
                    return failed(.partialListing, "node '\(node.name)' is listed twice")
                }
            case .guest(let row): rows.append(row)
            case .pool(let name, let cpus): if cpus > 0 { busyPools.insert(name) }
            }
        }
        // The cluster file system sometimes fails for one request: 200, no guests, and only the answering node.
        guard Set(nodes.keys) == Set(reading.status.nodes) else {
            return failed(
                .partialListing,
                "the inventory names \(nodes.count) of the cluster's \(reading.status.nodes.count) nodes")
        }

        var guests = rows.map { Guest(row: $0, nodeIsOnline: nodes[$0.node] == .online, at: at) }
        guests.sort { $0.vmid < $1.vmid }
        if let twice = zip(guests, guests.dropFirst()).first(where: { $0.vmid == $1.vmid }) {
            return failed(.partialListing, "guest \(twice.0.vmid) is listed twice")
        }

        let doubt = doubt(
            reading, expecting: expecting, listed: Set(guests.map(\.vmid)),
            emptyPools: busyPools.subtracting(rows.compactMap(\.pool)))
        let online = nodes.values.count { $0 == .online }
        var detail = "\(guests.count) guests on \(nodes.count) nodes, read from \(reading.endpoint)"
        if online < nodes.count {
            let down = nodes.filter { $0.value != .online }.keys.sorted().joined(separator: ", ")
            detail += "; not online: \(down)"
        }
        var nodeNames = NodeNames()
        let briefs = guests.map { Guest.Brief($0, &nodeNames) }
        return .read(
            Inventory(
                endpoint: reading.endpoint, observedAt: at, guests: guests,
                names: guests.map { $0.name.map { HostKey(DNSName.canonical($0)) } }, briefs: briefs,
                nodeNames: nodeNames, nodes: nodes, doubt: doubt,
                hidden: hiddenGuests(reading.permissions), probes: reading.probes,
                addresses: reading.addresses, tasks: readable(reading.tasks, reading.permissions), detail: detail))
    }

    private static func doubt(
        _ reading: ProxmoxReading, expecting: PipelineSettings.Proxmox, listed: Set<VMID>, emptyPools: Set<String>
    ) -> Doubt? {
        // The nearest path with rights of its own decides alone.
        let all = reading.permissions["/vms"] ?? reading.permissions["/"]
        if all?["VM.Audit"] != true {
            return Doubt(
                reason: .permissionMissing,
                detail: "the token lacks VM.Audit with propagation on /vms, so Proxmox hides guests without a word; "
                    + "grant the role PVEAuditor on / to the token (and to its user)")
        }
        if reading.unreadableRows > 0 {
            return Doubt(
                reason: .malformed, detail: "\(reading.unreadableRows) guest rows of the inventory could not be read")
        }
        if listed.isEmpty {
            return Doubt(reason: .emptyListing, detail: "the inventory holds no guest at all, which is not believed")
        }
        if let pool = emptyPools.min() {
            return Doubt(
                reason: .permissionMissing,
                detail: "pool '\(pool)' has running guests, but none of them is listed: the token may not see them")
        }
        if let canary = expecting.canary, !listed.contains(canary) {
            return Doubt(
                reason: .canaryMissing, detail: "guest \(canary) (proxmox.canary) must always be listed and is not")
        }
        return nil
    }

    /// A rule on `/vms/N` itself overrides what `/vms` grants; such a path without VM.Audit hides that guest.
    private static func hiddenGuests(_ permissions: [String: [String: Bool]]) -> Set<VMID> {
        var hidden: Set<VMID> = []
        for (path, privileges) in permissions where path.hasPrefix("/vms/") && privileges["VM.Audit"] == nil {
            if let vmid = VMID(path.dropFirst(5)) { hidden.insert(vmid) }
        }
        return hidden
    }
}

extension Guest {
    fileprivate init(row: ProxmoxReading.GuestRow, nodeIsOnline: Bool, at: Timestamp) {
        let power: Observed<Power>
        if !nodeIsOnline {
            // Proxmox repeats the last word of a dead node for five minutes.
            power = .unknown(.nodeOffline)
        } else if let known = Power(rawValue: row.status) {
            power = .present(known, Evidence(plane: .proxmox, observedAt: at))
        } else {
            power = .unknown(.statusUnknown)
        }
        self.init(
            vmid: row.vmid, kind: Kind(rawValue: row.type) ?? .other, node: row.node, name: row.name, power: power,
            isTemplate: row.isTemplate, lock: row.lock, haState: row.haState, pool: row.pool)
    }
}
