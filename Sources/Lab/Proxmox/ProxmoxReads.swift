import Core
import World

/// The GET half of the Proxmox API.
struct ProxmoxReads {
    let view: ClusterView
    let dialect: LabOptions.Dialect
    let now: Timestamp

    /// Nil when there is no such path.
    func answer(_ path: [String], _ request: LabRequest, _ board: Board) -> LabAnswer? {
        switch path.count {
        case 1 where path[0] == "version":
            let version = board.options.proxmoxVersion ?? (dialect == .v9_1 ? "9.1.3" : "8.3.5")
            return .data(
                .object([
                    ("release", .string(dialect == .v9_1 ? "9.1" : "8.3")), ("repoid", .string("0f1e2d3c4b5a6978")),
                    ("version", .string(version)),
                ]))
        case 1 where path[0] == "nodes": return .data(.array(nodeRows(inResources: false)))
        case 1 where path[0] == "pools":
            return .data(.array(view.pools.map { .object([("poolid", .string($0.name))]) }))
        case 2: return answer(path[0], path[1], request)
        default: break
        }
        if path.count >= 3, path[0] == "nodes" {
            return answer(node: path[1], Array(path.dropFirst(2)), request, board)
        }
        return nil
    }

    private func answer(_ first: String, _ second: String, _ request: LabRequest) -> LabAnswer? {
        switch (first, second) {
        case ("cluster", "resources"): resources(request.parameter("type"))
        case ("cluster", "status"): view.mayReadStatus ? .data(.array(statusRows)) : denied("/", "Sys.Audit")
        case ("cluster", "nextid"): nextID(request.parameter("vmid"))
        case ("access", "permissions"): permissions(request.parameter("path"))
        case ("pools", let pool): poolMembers(pool)
        default: nil
        }
    }

    func denied(_ path: String, _ privilege: String) -> LabAnswer {
        .failure(403, "Permission check failed (\(path), \(privilege))", dialect)
    }

    // MARK: Cluster

    private func resources(_ type: String?) -> LabAnswer {
        var rows: [JSON] = []
        switch type {
        case nil, "vm", "node", "storage", "sdn": break
        case let other?:
            return .parameterError(
                "type", "value '\(other)' does not have a value in the enumeration 'vm, storage, node, sdn'", dialect)
        }
        if type == nil || type == "vm" { rows += view.rows.map { GuestJSON.resource($0, dialect) } }
        if type == nil || type == "node" { rows += nodeRows(inResources: true) }
        if type == nil {
            rows += view.pools.map { pool in
                .object([
                    ("id", .string("/pool/\(pool.name)")), ("type", .string("pool")), ("pool", .string(pool.name)),
                    ("maxcpu", .int(pool.runningCPUs)), ("cpu", .double(Double(pool.runningCPUs) * 0.01)),
                    ("maxmem", .int(pool.runningCPUs << 30)), ("mem", .int(pool.runningCPUs << 28)),
                ])
            }
        }
        return .data(.array(rows))
    }

    private func nodeRows(inResources: Bool) -> [JSON] {
        let seesNumbers = view.token.privileges(at: "/nodes")["Sys.Audit"] != nil
        return (inResources ? view.listedNodes : view.nodes).map { node in
            var members: [(String, JSON)] = [
                ("id", .string("node/\(node.name)")), ("type", .string("node")), ("node", .string(node.name)),
                ("status", .string(node.status)),
            ]
            if node.status == "online" && seesNumbers {
                members += [
                    ("level", .string("")), ("uptime", .int(86_400)), ("cpu", .double(0.0125)), ("maxcpu", .int(32)),
                    ("mem", .int(6_550_315_008)), ("maxmem", .int(137_438_953_472)), ("disk", .int(14_254_190_592)),
                    ("maxdisk", .int(528_420_519_526)),
                ]
                if inResources { members.append(("cgroup-mode", .int(2))) }
            }
            if !inResources {
                let byte = String(
                    UInt8(truncatingIfNeeded: node.name.utf8.reduce(17) { $0 &* 31 &+ Int($1) }), radix: 16)
                let pair = (byte.utf8.count < 2 ? "0" + byte : byte).uppercased()
                members.append(
                    ("ssl_fingerprint", .string(Array(repeating: pair, count: 32).joined(separator: ":"))))
            }
            return .object(members)
        }
    }

    private var statusRows: [JSON] {
        var rows: [JSON] = []
        if let name = view.name {
            rows.append(
                .object([
                    ("type", .string("cluster")), ("id", .string("cluster")), ("name", .string(name)),
                    ("nodes", .int(view.nodes.count)), ("version", .int(view.nodes.count + 4)),
                    ("quorate", .flag(view.isQuorate)),
                ]))
        }
        for (index, node) in view.nodes.enumerated() {
            rows.append(
                .object([
                    ("type", .string("node")), ("id", .string("node/\(node.name)")), ("name", .string(node.name)),
                    ("nodeid", .int(view.name == nil ? 0 : index + 1)), ("ip", .string(node.address)),
                    ("local", .flag(node.isLocal)), ("online", .flag(node.status == "online")),
                    ("level", .string("")),
                ]))
        }
        return rows
    }

    private func nextID(_ wanted: String?) -> LabAnswer {
        if let wanted {
            guard let vmid = VMID(wanted) else {
                return .parameterError("vmid", "invalid format - value does not look like a valid VM ID", dialect)
            }
            if view.guests[vmid] != nil { return .parameterError("vmid", "VM \(wanted) already exists", dialect) }
            return .data(.string(wanted))
        }
        var number = 100
        while let vmid = VMID(number), view.guests[vmid] != nil { number += 1 }
        // A string, as ever.
        return .data(.string(String(number)))
    }

    private func permissions(_ path: String?) -> LabAnswer {
        var all = view.effectivePermissions
        if let path {
            let pool = path.hasPrefix("/vms/") ? VMID(path.dropFirst(5)).flatMap { view.guests[$0]?.pool } : nil
            all = [path: view.token.privileges(at: path, pool: pool)]
        }
        return .data(
            .object(
                all.sorted { $0.key < $1.key }.map { path, privileges in
                    (path, .object(privileges.sorted { $0.key < $1.key }.map { ($0.key, .flag($0.value)) }))
                }))
    }

    private func poolMembers(_ pool: String) -> LabAnswer {
        guard view.pools.contains(where: { $0.name == pool }) else { return denied("/pool/\(pool)", "Pool.Audit") }
        let members = view.rows.filter { $0.guest.pool == pool }.map { GuestJSON.resource($0, dialect) }
        return .data(.object([("members", .array(members))]))
    }
}
