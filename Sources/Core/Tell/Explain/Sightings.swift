/// What each plane showed of one VMID, beside what is wanted there, in the order of the planes.
struct Sightings {
    let vmid: VMID
    let decide: Decide
    let unknown: [UnknownFact]
    let retired: [RetiredInstance]
    let coverage: [Coverage]

    typealias Sight = Explanation.Sight

    var all: [Sight] {
        coverage.flatMap { entry in
            if entry.status == .notConfigured {
                return [Sight(entry.plane, .notConfigured, "", found: Words.name(entry.status))]
            }
            switch entry.plane {
            case .database: return [database]
            case .proxmox: return guest
            case .publicDNS, .internalDNS: return names(entry)
            case .agents: return agents
            case .velocity: return backends
            case .queues: return jobs
            }
        }
    }

    /// The rows with this VMID, each with what is expected of it.
    var rows: [(row: DesiredInstance, standing: Standing)] {
        let expectation = decide.expectation
        return expectation.desired.rows(under: vmid).map {
            (expectation.desired.instances[$0], expectation.standings[$0])
        }
    }

    // MARK: The database

    private var database: Sight {
        let desired = decide.expectation.desired
        let evidence = Evidence(plane: .database, observedAt: desired.readAt)
        if !rows.isEmpty {
            return Sight(.database, .present, "row", found: Words.count(rows.count, "row"), evidence: evidence)
        }
        if desired.unreadable.contains(where: { $0.table == .instance && ($0.vmid == nil || $0.vmid == vmid) }) {
            return Sight(.database, "row", unknown: .unreadableRow)
        }
        return Sight(.database, .absent, "row", found: "no row has this VMID", evidence: evidence)
    }

    // MARK: Proxmox

    private var guest: [Sight] {
        let (row, standing) = rows.first.map { ($0.row, $0.standing) } ?? (nil, .excluded)
        let seen = decide.facts.container(vmid, recordedNode: row?.node, isExpected: true)
        var wanted: String?
        if let row, standing.expectsContainer {
            wanted = "a container named '\(row.hostname)'; \(Words.expected(standing))"
        }
        // What the diff doubted (too many absent at once) is doubted here, too.
        let doubt = unknown.first { $0.plane == .proxmox }?.reason
        switch seen {
        case .present(let guest, let evidence):
            var sight = Sight(.proxmox, .present, "guest", wanted, found: text(guest), evidence: evidence)
            sight.reason = guest.power.unknown
            return [sight, addresses(of: guest, row), tasks(on: guest)]
        case .absent(let evidence) where doubt == nil:
            return [
                Sight(
                    .proxmox, .absent, "guest", wanted, found: "no guest under this VMID on any node",
                    evidence: evidence)
            ]
        case .absent, .unknown, nil:
            return [Sight(.proxmox, "guest", wanted, unknown: doubt ?? seen?.unknown ?? .notRead)]
        }
    }

    private func addresses(of guest: Guest, _ row: DesiredInstance?) -> Sight {
        let what = "addresses on its own interfaces"
        // Of another address than an IPv4 one they show nothing.
        let wanted = row?.ipv4
        guard guest.kind == .lxc, guest.power.value == .running else {
            return Sight(.proxmox, .notAsked, what, wanted, found: "only a container that runs tells them")
        }
        guard let inventory = decide.facts.inventory.latest.value, let own = inventory.addresses?[vmid] else {
            return Sight(.proxmox, what, wanted, unknown: .notRead)
        }
        let listed = own.ipv4.isEmpty ? "no IPv4 address yet" : own.ipv4.joined(separator: ", ")
        return Sight(
            .proxmox, .present, what, wanted,
            found: own.isWhole ? listed : "\(listed); this Proxmox tells the last one of each interface only",
            evidence: inventory.evidence)
    }

    private func tasks(on guest: Guest) -> Sight {
        let what = "tasks of others on it"
        guard let inventory = decide.facts.inventory.latest.value, let tasks = inventory.foreignTasks(on: guest) else {
            var sight = Sight(.proxmox, what, unknown: .notRead)
            sight.found =
                "node \(guest.node) did not tell what it runs: it does not answer, or Sys.Audit on it is missing"
            return sight
        }
        if tasks.isEmpty { return Sight(.proxmox, .absent, what, found: "none", evidence: inventory.evidence) }
        return Sight(
            .proxmox, .present, what, found: Set(tasks.map(\.type)).sorted().joined(separator: ", "),
            evidence: inventory.evidence)
    }

    private func text(_ guest: Guest) -> String {
        var text = "\(guest.kind.rawValue) '\(guest.name ?? "name unknown")' on node \(guest.node), "
        switch guest.power {
        case .present(let power, _): text += power.rawValue
        case .unknown(let reason): text += "state unknown: \(Words.unknown(reason))"
        case .absent: text += "state unknown"
        }
        if guest.isTemplate { text += ", a template" }
        if let lock = guest.lock { text += ", lock \(lock)" }
        if let state = guest.haState { text += ", Proxmox HA \(state)" }
        return text
    }
}

extension Explanation.Sight {
    init(
        _ plane: Plane, _ shows: Shows, _ what: String, _ wanted: String? = nil, found: String,
        evidence: Evidence? = nil
    ) {
        self.init(
            plane: plane, shows: shows, what: what, wanted: wanted, found: found, reason: nil, evidence: evidence)
    }

    init(_ plane: Plane, _ what: String, _ wanted: String? = nil, unknown reason: Unknown) {
        self.init(
            plane: plane, shows: .unknown, what: what, wanted: wanted, found: Words.unknown(reason), reason: reason,
            evidence: nil)
    }
}
