/// What each plane showed of one VMID, in the order of the planes.
struct Sightings {
    let vmid: VMID
    let decide: Decide
    let unknown: [UnknownFact]
    let retired: [RetiredInstance]
    let coverage: [Coverage]

    private typealias Sight = Explanation.Sight

    var all: [Explanation.Sight] {
        coverage.flatMap { entry in
            if entry.status == .notConfigured {
                return [Sight(plane: entry.plane, shows: .notConfigured, what: "", found: Words.name(entry.status))]
            }
            switch entry.plane {
            case .database: return [database]
            case .proxmox: return [guest]
            case .publicDNS, .internalDNS: return names(entry)
            case .agents, .velocity, .queues: return [whole(entry)]
            }
        }
    }

    // MARK: The planes

    private var database: Explanation.Sight {
        let desired = decide.expectation.desired
        let evidence = Evidence(plane: .database, observedAt: desired.readAt)
        let rows = desired.instances.count { $0.vmid == vmid }
        if rows > 0 {
            return Sight(
                plane: .database, shows: .present, what: "row", found: Words.count(rows, "row"), evidence: evidence)
        }
        if desired.unreadable.contains(where: { $0.table == .instance && ($0.vmid == nil || $0.vmid == vmid) }) {
            return Sight(
                plane: .database, shows: .unknown, what: "row", found: Words.unknown(.unreadableRow),
                reason: .unreadableRow)
        }
        return Sight(
            plane: .database, shows: .absent, what: "row", found: "no row has this VMID", evidence: evidence)
    }

    private var guest: Explanation.Sight {
        let index = decide.expectation.desired.instances.firstIndex { $0.vmid == vmid }
        let row = index.map { decide.expectation.desired.instances[$0] }
        let isExpected = index.map { decide.expectation.standings[$0].expectsContainer } ?? false
        let seen = decide.facts.container(vmid, recordedNode: row?.node, isExpected: isExpected)
        // What the diff doubted (too many absent at once) is doubted here, too.
        let doubt = unknown.first { $0.plane == .proxmox }?.reason
        switch seen {
        case .present(let guest, let evidence):
            return Sight(
                plane: .proxmox, shows: .present, what: "guest", found: text(guest), reason: guest.power.unknown,
                evidence: evidence)
        case .absent(let evidence) where doubt == nil:
            return Sight(
                plane: .proxmox, shows: .absent, what: "guest", found: "no guest under this VMID on any node",
                evidence: evidence)
        case .absent, .unknown, nil:
            let reason = doubt ?? seen?.unknown ?? .notRead
            return Sight(
                plane: .proxmox, shows: .unknown, what: "guest", found: Words.unknown(reason), reason: reason)
        }
    }

    private func names(_ entry: Coverage) -> [Explanation.Sight] {
        let looks = decide.facts.zone(entry.plane)
        guard let zone = looks.latest.value else {
            let reason = looks.latest.failure ?? .notRead
            return [
                Sight(
                    plane: entry.plane, shows: .unknown, what: "records", found: Words.unknown(reason), reason: reason)
            ]
        }
        let sights = hosts(in: zone).flatMap { host, isMinecraft -> [Explanation.Sight] in
            let name = "\(host).\(zone.name)"
            return [self.name(name, zone)] + (isMinecraft ? [self.name("_minecraft._tcp.\(name)", zone)] : [])
        }
        if !sights.isEmpty { return sights }
        return [
            Sight(
                plane: entry.plane, shows: zone.isDoubtful ? .unknown : .absent, what: "records",
                found: zone.isDoubtful ? Words.unknown(.emptyListing) : "no name in the zone carries this VMID",
                reason: zone.isDoubtful ? .emptyListing : nil, evidence: zone.isDoubtful ? nil : zone.evidence)
        ]
    }

    private func name(_ name: String, _ zone: Zone) -> Explanation.Sight {
        let records = zone.records(named: name)
        if !records.isEmpty {
            return Sight(
                plane: zone.plane, shows: .present, what: name, found: records.map(text).joined(separator: "; "),
                evidence: zone.evidence)
        }
        switch decide.facts.confirmAbsence(in: zone.plane, wasAbsent: { $0.records(named: name).isEmpty }) {
        case .absent(let evidence):
            return Sight(
                plane: zone.plane, shows: .absent, what: name, found: "no record at this name", evidence: evidence)
        case .unknown(let reason):
            return Sight(
                plane: zone.plane, shows: .unknown, what: name, found: Words.unknown(reason), reason: reason)
        }
    }

    /// A plane of which this version says nothing of one server but its drifts and what is unknown.
    private func whole(_ entry: Coverage) -> Explanation.Sight {
        if let reason = unknown.first(where: { $0.plane == entry.plane })?.reason {
            return Sight(
                plane: entry.plane, shows: .unknown, what: "server", found: Words.unknown(reason), reason: reason)
        }
        if entry.status == .failed {
            return Sight(
                plane: entry.plane, shows: .unknown, what: "server", found: entry.detail ?? Words.unknown(.notRead),
                reason: .notRead)
        }
        return Sight(
            plane: entry.plane, shows: .seeDrifts, what: "server", found: entry.detail ?? Words.name(entry.status))
    }

    // MARK: Words

    /// The host names that belong to this VMID, by row, by a former life or by their shape; true for those with an SRV.
    private func hosts(in zone: Zone) -> [(host: String, hasSRV: Bool)] {
        let expectation = decide.expectation
        var hosts: [String: Bool] = [:]
        for row in expectation.desired.instances where row.vmid == vmid && row.ctype == .game {
            hosts[HostName.canonical(row.hostname, zone: zone.name)] = Games.usesSRV(row.game)
        }
        for life in retired {
            let host = HostName.canonical(life.hostname, zone: zone.name)
            hosts[host] = hosts[host] == true || Games.usesSRV(life.game)
        }
        zone.forEachName { here in
            guard let name = here.first?.name, let relative = DNSName.relative(name, to: zone.name) else { return }
            let isService = relative.hasPrefix("_minecraft._tcp.")
            let host = isService ? String(relative.dropFirst(16)) : relative
            guard decide.settings.scope.vmid(inName: host, games: expectation.games) == vmid else { return }
            hosts[host] = hosts[host] == true || isService
        }
        return hosts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
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

    private func text(_ record: DNSRecord) -> String {
        var text = record.data.description
        if record.isProxied { text += ", proxied" }
        if record.isDisabled { text += ", disabled" }
        if record.comment == Ownership.mark(id: decide.settings.id, vmid: vmid) {
            text += ", marked as ours"
        } else if let comment = record.comment, !comment.isEmpty {
            text += ", comment '\(comment)'"
        }
        return text
    }
}

extension Explanation.Sight {
    init(plane: Plane, shows: Shows, what: String, found: String, reason: Unknown? = nil) {
        self.init(plane: plane, shows: shows, what: what, found: found, reason: reason, evidence: nil)
    }

    init(plane: Plane, shows: Shows, what: String, found: String, evidence: Evidence) {
        self.init(plane: plane, shows: shows, what: what, found: found, reason: nil, evidence: evidence)
    }
}
