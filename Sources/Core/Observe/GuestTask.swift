/// A task that a node of Proxmox runs now.
package struct GuestTask: Hashable, Sendable {
    /// Nil for a task that is about no single guest.
    package var vmid: VMID?
    /// As `vzdump`, `vzmigrate`.
    package var type: String
    /// Whether this controller's token asked for it.
    package var isOurs: Bool

    package init(vmid: VMID?, type: String, isOurs: Bool = false) {
        self.vmid = vmid
        self.type = type
        self.isOurs = isOurs
    }

    /// These start, stop or move every guest of their node.
    private static let ofWholeNodes: Set<String> = ["startall", "stopall", "migrateall", "suspendall"]
    /// Somebody looks at a console. That changes nothing, and may stay open for days.
    private static let harmless: Set<String> = ["vncproxy", "termproxy", "spiceproxy", "vncshell", "spiceshell"]

    /// Whether somebody else acts on a guest by it.
    package func concerns(_ vmid: VMID) -> Bool {
        if isOurs || GuestTask.harmless.contains(type) { return false }
        return self.vmid == vmid || (self.vmid == nil && GuestTask.ofWholeNodes.contains(type))
    }
}

extension Inventory {
    /// What somebody else runs on a guest; nil where that is not known.
    package func foreignTasks(on guest: Guest) -> [GuestTask]? {
        tasks[guest.node].map { running in running.filter { $0.concerns(guest.vmid) } }
    }

    /// Nodes whose tasks the token may see: without Sys.Audit there, Proxmox lists its own alone.
    static func readable(
        _ tasks: [String: [GuestTask]], _ permissions: [String: [String: Bool]]
    ) -> [String: [GuestTask]] {
        tasks.filter { node, _ in
            // The nearest path with rights of its own decides alone.
            for (path, isHere) in [("/nodes/\(node)", true), ("/nodes", false), ("/", false)] {
                guard let privileges = permissions[path] else { continue }
                return isHere ? privileges["Sys.Audit"] != nil : privileges["Sys.Audit"] == true
            }
            return false
        }
    }
}

extension ProxmoxReading {
    /// Nodes of which the token sees no tasks but its own.
    package var nodesWithHiddenTasks: [String] {
        status.nodes.filter { Inventory.readable([$0: []], permissions).isEmpty }.sorted()
    }
}

/// Which guests Proxmox is asked about before anything is done to them, or a person is sent there.
enum TaskQuestions {
    /// Asks for the tasks of every guest that a drift is to be acted on for, where they are not known.
    static func ask(_ findings: inout Findings, _ fleet: FleetContext) {
        guard let inventory = fleet.inventory, !fleet.facts.isConfirming else { return }
        var wanted: Set<VMID> = []
        for drift in findings.drifts where drift.instance != nil && drift.causedBy == nil && drift.isAboutGuest {
            guard let vmid = drift.subject.vmid,
                case .present(let guest, _) = inventory.container(vmid, recordedNode: nil),
                inventory.foreignTasks(on: guest) == nil, !drift.wasAsked(in: fleet.facts)
            else { continue }
            wanted.insert(vmid)
        }
        if wanted.isEmpty { return }
        findings.tasksWanted = wanted.sorted()
        findings.suspicious.insert(.proxmox)
    }
}

extension Drift {
    /// Whether its guest's node was asked in the first look already, on the word of the round before. What a person does waits for no
    /// better answer; a repair has the second look for it.
    fileprivate func wasAsked(in facts: Facts) -> Bool {
        guard kind.action == nil, let vmid = subject.vmid else { return false }
        return facts.confirmed?.tasksOf.contains(vmid) == true
    }

    /// Whether whoever mends it touches, or brings players to, the guest itself.
    var isAboutGuest: Bool {
        switch GuardTable.deed(for: kind) {
        case .edgeRepublish, .power: true
        case .byPerson: kind.plane == .proxmox
        case .databaseRepair, .nothing: false
        }
    }
}
