package import Core

extension Estate {
    /// What a controller reads of the cluster at one endpoint: inventory, status, permissions, in that order.
    ///
    /// - Parameters:
    ///   - endpoint: scheme, host and port, as it will stand in the reading.
    ///   - node: the node that listens there; nil is the first.
    package func proxmoxReading(
        endpoint: String, node: String? = nil, faults: Set<ProxmoxFault> = [], at now: Timestamp
    ) -> Result<ProxmoxReading, ReadFailure> {
        func failure(_ code: Unknown, _ detail: String) -> Result<ProxmoxReading, ReadFailure> {
            .failure(ReadFailure(code, "\(endpoint): \(detail)", at: now))
        }
        if faults.contains(.refused) { return failure(.refused, "connection refused") }
        if faults.contains(.timeout) { return failure(.timeout, "no answer in time") }
        if faults.contains(.serverError) { return failure(.serverError, "GET /cluster/resources answered 500") }
        if faults.contains(.unauthorized) { return failure(.unauthorized, "GET /cluster/resources answered 401") }
        if faults.contains(.malformed) { return failure(.malformed, "GET /cluster/resources is not JSON") }

        let view = ClusterView(cluster, node: node, faults: faults, at: now)
        guard view.mayReadStatus else { return failure(.forbidden, "GET /cluster/status answered 403") }
        var resources: [ProxmoxReading.Resource] = view.rows.map { row in
            .guest(
                .init(
                    vmid: row.guest.vmid, type: row.guest.type, node: row.guest.node, status: row.status,
                    name: row.isKnown ? row.guest.name : nil, isTemplate: row.isKnown && row.guest.isTemplate,
                    lock: row.guest.lock, haState: row.guest.haState, pool: row.showsPool ? row.guest.pool : nil))
        }
        resources += view.listedNodes.map { .node(.init(name: $0.name, status: $0.status)) }
        resources += view.pools.map { .pool(name: $0.name, runningCPUs: Double($0.runningCPUs)) }
        return .success(
            ProxmoxReading(
                endpoint: endpoint, resources: resources, unreadableRows: 0,
                status: .init(
                    name: view.name, isQuorate: view.name == nil ? nil : view.isQuorate, nodes: view.nodes.map(\.name)),
                permissions: view.effectivePermissions, tasks: view.guestTasks, startedAt: now))
    }
}

extension ClusterView {
    /// By node, as a reading has it.
    fileprivate var guestTasks: [String: [GuestTask]] {
        var all: [String: [GuestTask]] = [:]
        for node in nodes {
            all[node.name] = tasks(on: node.name)?.map {
                GuestTask(vmid: $0.vmid, type: $0.type, isOurs: $0.owner == token.id)
            }
        }
        return all
    }
}
