import Core
import World

/// Power actions. The API of Proxmox answers 501 to a path and method that it does not have, and so does the laboratory to every
/// other write: nobody who is tried against it may send one.
struct ProxmoxWrites {
    let view: ClusterView
    let reads: ProxmoxReads
    let dialect: LabOptions.Dialect
    let now: Timestamp

    private static let parameters: [String: Set<String>] = [
        "start": ["skiplock", "debug"], "stop": ["skiplock", "overrule-shutdown"],
        "shutdown": ["timeout", "forceStop"], "reboot": ["timeout"],
    ]

    func answer(_ path: [String], _ request: LabRequest, _ board: inout Board) -> LabAnswer? {
        guard request.method == "POST", path.count == 6, path[0] == "nodes", path[2] == "lxc", path[4] == "status",
            let allowed = ProxmoxWrites.parameters[path[5]]
        else { return nil }
        let node = path[1]
        let action = path[5]
        if let failure = reads.unreachable(node) { return failure }
        guard let given = request.bodyParameters else { return .failure(500, "malformed JSON string", dialect) }
        if let stranger = (given + request.query).first(where: { !allowed.contains($0.name) && $0.name != "_dc" }) {
            return .parameterError(
                stranger.name, "property is not defined in schema and the schema does not allow additional properties",
                dialect)
        }
        var done: LabTask?
        var change: ((inout Cluster.Container) -> Void)?
        let answer = reads.withGuest(path[3], on: node, privilege: "VM.PowerMgmt") { guest in
            if !view.isQuorate { return .failure(500, "cluster not ready - no quorum?", dialect) }
            if action == "start" && guest.isRunning {
                return .failure(500, "CT \(guest.vmid) already running", dialect)
            }
            if action != "start" && !guest.isRunning {
                return .failure(500, "\(action == "reboot" ? "VM" : "CT") \(guest.vmid) not running", dialect)
            }
            let isManaged = guest.haState != nil && action != "reboot" && action != "shutdown"
            // The lock is looked at by the worker, after the answer: 200 and a task that fails.
            let exit =
                if let lock = guest.lock, lock != "mounted" {
                    "CT is locked (\(lock))"
                } else if action == "start" && guest.isTemplate {
                    "you can't start a CT if it's a template"
                } else {
                    "OK"
                }
            let task = task(on: node, type: (isManaged ? "ha" : "vz") + action, guest.vmid, exit: exit)
            done = task
            if exit == "OK" {
                change = { changed in
                    changed.isRunning = action != "stop" && action != "shutdown"
                    if isManaged { changed.haState = changed.isRunning ? "started" : "stopped" }
                }
            }
            return .data(.string(task.upid))
        }
        if let done {
            board.tasks.append(done)
            if let change { board.estate.cluster.change(done.vmid, change) }
        }
        return answer
    }

    private func task(on node: String, type: String, _ vmid: VMID, exit: String) -> LabTask {
        func hex(_ value: Int64) -> String {
            let text = String(value & 0xffff_ffff, radix: 16).uppercased()
            return String(repeating: "0", count: 8 - text.utf8.count) + text
        }
        let upid =
            "UPID:\(node):\(hex(now.microseconds / 97)):\(hex(now.microseconds / 10_000)):"
            + "\(hex(now.microseconds / 1_000_000)):\(type):\(vmid):\(view.token.id):"
        return LabTask(upid: upid, node: node, type: type, vmid: vmid, startedAt: now, exitStatus: exit)
    }
}
