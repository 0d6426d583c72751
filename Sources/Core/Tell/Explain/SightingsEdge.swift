/// What the two zones and the proxy showed of one VMID.
extension Sightings {
    // MARK: The zones

    func names(_ entry: Coverage) -> [Sight] {
        let looks = decide.facts.zone(entry.plane)
        guard let zone = looks.latest.value else {
            return [Sight(entry.plane, "records", unknown: looks.latest.failure ?? .notRead)]
        }
        var wanted: [String: String] = [:]
        for (row, standing) in rows where standing.expectsEdge {
            for rule in EdgeWish.rules(for: row, in: entry.plane, settings: decide.settings) {
                wanted[rule.name] =
                    "\(rule.wanted)" + (rule.type == "A" && entry.plane == .publicDNS ? ", DNS only" : "")
            }
        }
        let names = hosts(in: zone).flatMap { host, hasSRV in
            ["\(host).\(zone.name)"] + (hasSRV ? ["_minecraft._tcp.\(host).\(zone.name)"] : [])
        }
        if !names.isEmpty { return names.map { name($0, wanted[$0], zone) } }
        if zone.isDoubtful { return [Sight(entry.plane, "records", unknown: .emptyListing)] }
        return [
            Sight(
                entry.plane, .absent, "records", found: "no name in the zone carries this VMID",
                evidence: zone.evidence)
        ]
    }

    private func name(_ name: String, _ wanted: String?, _ zone: Zone) -> Sight {
        let records = zone.records(named: name)
        if !records.isEmpty {
            return Sight(
                zone.plane, .present, name, wanted, found: records.map(text).joined(separator: "; "),
                evidence: zone.evidence)
        }
        switch decide.facts.confirmAbsence(in: zone.plane, wasAbsent: { $0.records(named: name).isEmpty }) {
        case .absent(let evidence):
            return Sight(zone.plane, .absent, name, wanted, found: "no record at this name", evidence: evidence)
        case .unknown(let reason): return Sight(zone.plane, name, wanted, unknown: reason)
        }
    }

    /// The host names that belong to this VMID, by row, by a former life or by their shape; true for those with an SRV.
    private func hosts(in zone: Zone) -> [(host: String, hasSRV: Bool)] {
        let expectation = decide.expectation
        var hosts: [String: Bool] = [:]
        for (row, _) in rows where row.ctype == .game {
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

    // MARK: The proxy

    /// The backends by row, and those whose names carry this VMID in whatever form.
    var backends: [Sight] {
        let looks = decide.facts.proxy
        guard let list = looks.latest.value else {
            return [Sight(.velocity, "backend", unknown: looks.latest.failure ?? .notRead)]
        }
        let zone = decide.settings.zone
        var wanted: [String: String?] = [:]
        for (row, standing) in rows where row.ctype == .game && Games.usesSRV(row.game) {
            let backend = EdgeWish.backend(for: row, settings: decide.settings)
            // A server that rests may stay registered; nothing is wanted of it.
            let isWanted = standing == .live(.running)
            wanted[HostName.canonical(row.hostname, zone: zone)] =
                isWanted ? backend.map { "\($0), once its workload is ready" } : String?.none
        }
        let former = Set(retired.map { HostName.canonical($0.hostname, zone: zone) })
        for backend in list.backends where wanted[backend.name] == nil {
            let host = HostName.canonical(backend.name, zone: zone)
            let carried = decide.settings.scope.vmid(inName: host, games: decide.expectation.games)
            if carried == vmid || former.contains(host) || wanted[host] != nil { wanted[backend.name] = .some(nil) }
        }
        let sights = wanted.sorted { $0.key < $1.key }.map { backend($0.key, $0.value, list) }
        if !sights.isEmpty { return sights }
        if list.isDoubtful { return [Sight(.velocity, "backend", unknown: .malformed)] }
        return [
            Sight(
                .velocity, .absent, "backend", found: "no backend carries this VMID, and none is wanted",
                evidence: list.evidence)
        ]
    }

    private func backend(_ name: String, _ wanted: String?, _ list: ProxyList) -> Sight {
        let what = "backend '\(name)'"
        let known = list.backends(named: name)
        if !known.isEmpty {
            return Sight(
                .velocity, .present, what, wanted, found: known.map(\.description).joined(separator: "; "),
                evidence: list.evidence)
        }
        switch decide.facts.confirmAbsence(fromProxy: { $0.backends(named: name).isEmpty }) {
        case .absent(let evidence):
            return Sight(.velocity, .absent, what, wanted, found: "no such backend", evidence: evidence)
        case .unknown(let reason): return Sight(.velocity, what, wanted, unknown: reason)
        }
    }
}
