import Core
import World

/// What is asked of one node: its guests and its tasks.
extension ProxmoxReads {
    func answer(node: String, _ path: [String], _ request: LabRequest, _ board: Board) -> LabAnswer? {
        if let failure = unreachable(node) { return failure }
        switch (path[0], path.count) {
        case ("lxc", 1):
            return .data(
                .array(view.rows.filter { isContainer($0.guest, on: node) }.map { GuestJSON.status($0.guest, dialect) })
            )
        case ("qemu", 1): return .data(.array([]))
        case ("lxc", 2...):
            return withGuest(path[1], on: node) { guest in
                switch Array(path.dropFirst(2)) {
                case ["status", "current"]: .data(GuestJSON.status(guest, dialect))
                case ["config"]: .data(GuestJSON.config(guest))
                case ["interfaces"]: .data(GuestJSON.interfaces(guest))
                case ["snapshot"]: .data(GuestJSON.snapshots(guest))
                default: nil
                }
            }
        case ("tasks", 1):
            if request.parameter("source") == "active" { return .data(.array(running(on: node, request))) }
            let rows = board.tasks.filter { task in
                task.node == node
                    && (request.parameter("vmid").map { $0 == task.vmid.description } ?? true)
            }
            return .data(.array(rows.reversed().map { taskRow($0, withEnd: true) }))
        case ("tasks", 3):
            guard let task = board.tasks.first(where: { $0.upid == path[1] }) else {
                let isUPID = path[1].hasPrefix("UPID:") && path[1].hasSuffix(":")
                return isUPID
                    ? .parameterError("upid", "no such task", dialect)
                    : .failure(500, "unable to parse worker upid '\(path[1])'", dialect)
            }
            switch path[2] {
            case "status": return .data(taskRow(task, withEnd: false))
            case "log":
                let line = task.exitStatus == "OK" ? "TASK OK" : "TASK ERROR: \(task.exitStatus)"
                return LabAnswer.json(
                    .object([
                        ("data", .array([.object([("n", .int(1)), ("t", .string(line))])])), ("total", .int(1)),
                    ]))
            default: return nil
            }
        default: return nil
        }
    }

    /// Why this node cannot be asked; nil when it can.
    func unreachable(_ node: String) -> LabAnswer? {
        guard let row = view.nodes.first(where: { $0.name == node }) else {
            return .failure(
                500,
                "hostname lookup '\(node)' failed - failed to get address info for: \(node): "
                    + "Name or service not known", dialect)
        }
        // The proxy of the answering node: no JSON, no body.
        return row.status == "online" || row.isLocal ? nil : LabAnswer(status: 595, reason: "No route to host")
    }

    /// Finds a container on a node, with the refusals of the real one.
    func withGuest(
        _ text: String, on node: String, privilege: String = "VM.Audit",
        _ body: (Cluster.Container) -> LabAnswer?
    ) -> LabAnswer? {
        guard let vmid = VMID(text) else {
            return .parameterError(
                "vmid", "invalid format - value does not look like a valid VM ID", dialect)
        }
        let guest = view.guests[vmid]
        guard view.token.privileges(at: "/vms/\(vmid)", pool: guest?.pool)[privilege] != nil else {
            return denied("/vms/\(vmid)", privilege)
        }
        guard let guest, isContainer(guest, on: node) else {
            return .failure(
                500, "Configuration file 'nodes/\(node)/lxc/\(vmid).conf' does not exist", dialect)
        }
        return body(guest)
    }

    private func isContainer(_ guest: Cluster.Container, on node: String) -> Bool {
        guest.type == "lxc" && guest.node == node
    }

    /// Tasks that have not ended: neither end time nor status.
    private func running(on node: String, _ request: LabRequest) -> [JSON] {
        let wanted = request.parameter("vmid")
        let tasks = (view.tasks(on: node) ?? []).filter { wanted == nil || wanted == $0.vmid?.description }
        return tasks.enumerated().map { index, task in
            let owner = task.owner.split(separator: "!", maxSplits: 1).map(String.init)
            let id = task.vmid?.description ?? ""
            let begun = Int(now.microseconds / 1_000_000)
            let upid =
                "UPID:\(node):0000\(1000 + index):00000001:\(String(begun, radix: 16).uppercased()):"
                + "\(task.type):\(id):\(task.owner):"
            var members: [(String, JSON)] = [
                ("upid", .string(upid)), ("node", .string(node)), ("pid", .int(4096 + index)), ("pstart", .int(1)),
                ("starttime", .int(begun)), ("type", .string(task.type)), ("id", .string(id)),
                ("user", .string(owner.first ?? "")),
            ]
            if owner.count > 1 { members.append(("tokenid", .string(owner[1]))) }
            return .object(members)
        }
    }

    private func taskRow(_ task: LabTask, withEnd: Bool) -> JSON {
        let fields = task.upid.split(separator: ":", omittingEmptySubsequences: false)
        func number(_ index: Int) -> JSON { .int(fields.count > index ? Int(fields[index], radix: 16) ?? 0 : 0) }
        let parts = view.token.id.split(separator: "!")
        var members: [(String, JSON)] = [
            ("upid", .string(task.upid)), ("node", .string(task.node)), ("pid", number(2)), ("pstart", number(3)),
            ("starttime", number(4)), ("type", .string(task.type)), ("id", .string(task.vmid.description)),
            ("user", .string(parts.first.map(String.init) ?? "")),
            ("tokenid", .string(parts.count > 1 ? String(parts[1]) : "")),
        ]
        // The list has an end time and the exit text as status; the single task has neither end time nor that.
        if withEnd {
            members += [("endtime", number(4)), ("status", .string(task.exitStatus))]
        } else {
            members += [("status", .string("stopped")), ("exitstatus", .string(task.exitStatus))]
        }
        return .object(members)
    }
}
