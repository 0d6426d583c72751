/// `container.node_offline`: a node of the cluster is down, and servers of ours are on it. Of those nothing is known while it is, so this
/// is all that is told of them, once, and it explains what their proxy lacks meanwhile.
package enum ContainerNodeOffline: FleetCheck {
    package static let kinds: [DriftKind] = [.containerNodeOffline]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        guard let inventory = fleet.inventory else { return }
        let down = inventory.nodes.filter { $0.value != .online }
        if down.isEmpty { return }
        // An inventory that may lack guests says nothing of where those are that it lacks.
        let isPartial =
            inventory.doubt != nil || findings.hasBulkAbsence
            || fleet.expectation.desired.instances.contains { inventory.hidden.contains($0.vmid) }
        let servers = fleet.servers(on: Set(down.keys), listedOnly: isPartial)
        for node in down.keys.sorted() {
            let subject = Subject(node: node)
            guard let count = servers[node], let evidence = fleet.facts.offline(node) else {
                // Neither that it is down nor that it is back, or nobody knows whose servers are on it: what was told of it stands.
                let isInDoubt =
                    isPartial || findings.hasBulkOrphans
                    || fleet.expectation.desired.unreadable.contains { $0.table == .instance }
                if servers[node] != nil || isInDoubt {
                    findings.note(
                        .unknown, of: LastingCondition(.containerNodeOffline, name: node), subject, inventory.evidence)
                }
                continue
            }
            findings.noteAbsence(evidence)
            findings.add(
                Drift(
                    kind: .containerNodeOffline, subject: subject, desired: "a node that is online",
                    observed: "offline, with \(Words.count(count, "server")) of ours on it", evidence: evidence,
                    instance: nil))
        }
    }
}

extension FleetContext {
    /// How many live servers lie on each of some nodes: where Proxmox lists their guests, or where they were placed last.
    fileprivate func servers(on nodes: Set<String>, listedOnly: Bool) -> [String: Int] {
        var servers: [String: Int] = [:]
        for index in expectation.standings.indices where expectation.standings[index].expectsContainer {
            if listedOnly, !isListed(index) { continue }
            if let node = node(of: index), nodes.contains(node) { servers[node, default: 0] += 1 }
        }
        return servers
    }
}
