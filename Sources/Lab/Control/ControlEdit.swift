import Core
import World

/// One change of the estate, asked for through the control port: what a careless person would do by hand.
struct ControlEdit {
    let body: JSON
    let now: Timestamp

    /// Nil when it was done, else what is wrong with it.
    func apply(_ board: inout Board) -> String? {
        let operation = body["op"]?.string ?? ""
        switch operation {
        case "delete-record": return deleteRecord(&board)
        case "add-record": return addRecord(&board)
        case "node-online", "node-offline":
            let name = body["node"]?.string ?? ""
            let isKnown = board.estate.cluster.setNode(name, offlineSince: operation == "node-online" ? nil : now)
            return isKnown ? nil : "no node '\(name)'"
        case "grant": return grant(&board)
        case _ where InternalEdit.operations.contains(operation):
            return InternalEdit(body: body, now: now).apply(operation, &board.estate.internalZone)
        case "restart-proxy":
            board.estate.proxy.restart()
            return nil
        case "unregister":
            let name = body["name"]?.string ?? ""
            return board.estate.proxy.unregister(name) ? nil : "the proxy has no backend '\(name)'"
        case "set-agent":
            guard let vmid = body["vmid"]?.int.flatMap({ VMID($0) }), board.estate.agents[vmid] != nil else {
                return "vmid is that of a container with an agent"
            }
            board.estate.agents[vmid]?.state = body["state"]?.string ?? "running"
            board.estate.agents[vmid]?.isReady = body["ready"]?.bool ?? false
            return nil
        case "begin-task", "end-tasks":
            guard let vmid = body["vmid"]?.int.flatMap({ VMID($0) }), let guest = board.estate.guest(vmid) else {
                return "vmid is that of a guest"
            }
            board.estate.cluster.tasks.removeAll { $0.vmid == vmid }
            if operation == "begin-task" {
                board.estate.cluster.tasks.append(
                    Cluster.RunningTask(
                        vmid: vmid, node: guest.node, type: body["type"]?.string ?? "vzdump",
                        owner: body["owner"]?.string ?? "root@pam"))
            }
            return nil
        case "start-guest", "stop-guest", "remove-guest", "rename-guest": return guest(operation, &board)
        default:
            return
                "op is one of add-record, begin-task, delete-record, end-tasks, add-internal-record, delete-internal-record, grant, "
                + "node-offline, node-online, remove-guest, rename-guest, restart-proxy, set-agent, start-guest, "
                + "stop-guest, unregister"
        }
    }

    // The nearest entry decides alone: who grants VM.PowerMgmt on /vms has to grant VM.Audit there as well.
    private func grant(_ board: inout Board) -> String? {
        guard let path = body["path"]?.string, let privileges = body["privileges"]?.array else {
            return "path and privileges are missing"
        }
        board.estate.cluster.token.userGrants.append(
            Grant(path: path, privileges: Set(privileges.compactMap(\.string))))
        return nil
    }

    private func deleteRecord(_ board: inout Board) -> String? {
        let name = DNSName.canonical(body["name"]?.string ?? "")
        let type = body["type"]?.string ?? ""
        let found = board.estate.records(at: name).filter { $0.type == type }
        for record in found { board.estate.zone.remove(id: record.id) }
        return found.isEmpty ? "no \(type) record at '\(name)'" : nil
    }

    private func addRecord(_ board: inout Board) -> String? {
        let blank = ZoneRecord(
            id: board.seed.hex(32), name: "", type: "", content: "", ttl: 1, createdAt: now)
        do {
            board.estate.zone.add(try RecordForm(body: body, zone: board.estate.zone.name).fill(blank, isWhole: true))
            return nil
        } catch {
            return error.chain.first?.message ?? error.message
        }
    }

    private func guest(_ operation: String, _ board: inout Board) -> String? {
        guard let vmid = body["vmid"]?.int.flatMap({ VMID($0) }) else { return "vmid is a number" }
        let name = body["name"]?.string
        if operation == "rename-guest" && name == nil { return "name is missing" }
        let isKnown =
            operation == "remove-guest"
            ? board.estate.cluster.remove(vmid)
            : board.estate.cluster.change(vmid) { guest in
                switch operation {
                case "start-guest": guest.isRunning = true
                case "stop-guest": guest.isRunning = false
                default: guest.name = name ?? guest.name
                }
            }
        return isKnown ? nil : "no guest \(vmid)"
    }
}
