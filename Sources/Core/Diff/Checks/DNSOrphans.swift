/// `dns.*.orphan`: a record of ours that belongs to no live or claimed instance. A person removes it, never the controller.
package enum DNSOrphans: FleetCheck {
    package static let kinds: [DriftKind] = [.publicOrphan, .internalOrphan]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        for plane in [Plane.publicDNS, .internalDNS] {
            guard let zone = fleet.facts.zone(plane).latest.value, let dns = fleet.settings.dns(plane) else { continue }
            let retired = Dictionary(
                fleet.expectation.desired.retired.map {
                    (HostName.canonical($0.hostname, zone: zone.name), $0)
                }
            ) { $0.deletedAt > $1.deletedAt ? $0 : $1 }
            var orphans: [(name: String, host: String, records: [DNSRecord])] = []
            // Host names of which something stands here: those that a row claims, or that have an orphan.
            var hosts = 0
            var others: Set<String> = []
            let hasRow = fleet.hostsOfRows(in: plane)
            for place in zone.hosts.indices {
                // What a row claims is no orphan; of all that is as usual, that is all there is to know.
                if hasRow[place], zone.hosts[place].isPlain {
                    hosts += 1
                    continue
                }
                let here = zone.hosts[place]
                for range in [here.address, here.service] where !range.isEmpty {
                    let records = zone.records[range]
                    let strays = records.filter { isOrphan($0, zone: zone, dns: dns, fleet: fleet, retired: retired) }
                    if let host = records.lazy.compactMap({ host(of: $0, zone: zone.name) }).first,
                        !strays.isEmpty || fleet.expectation.claims(host: host)
                    {
                        others.insert(host)
                    }
                    if let record = strays.first {
                        orphans.append((record.name, host(of: record, zone: zone.name) ?? record.name, strays))
                    }
                }
            }
            hosts += others.count
            // Rows that are gone from the database look like this too. Who is known to be deleted is beyond that doubt.
            let surprising = Set(orphans.map(\.host)).filter { retired[$0] == nil }
            let isBulk =
                fleet.expectation.desired.instances.isEmpty || findings.hasBulkOrphans
                || Bulk.isTooMuch(surprising.count, of: hosts)
            for orphan in orphans {
                let isDoubted = isBulk && (retired[orphan.host] == nil || fleet.expectation.desired.instances.isEmpty)
                add(orphan.records, orphan.name, zone, fleet, retired, isDoubted: isDoubted, &findings)
            }
            if isBulk && !orphans.isEmpty && findings.partial[.database] == nil {
                findings.partial[.database] =
                    "\(surprising.count) of \(hosts) host names with records of ours have no row: more likely the database "
                    + "lacks rows than that so many are orphans, so none is called one (bulk_orphans)"
            }
        }
    }

    private static func isOrphan(
        _ record: DNSRecord, zone: Zone, dns: PipelineSettings.DNS, fleet: FleetContext,
        retired: [String: RetiredInstance]
    ) -> Bool {
        guard let host = host(of: record, zone: zone.name), !isClaimed(host, fleet) else { return false }
        if Ownership.vmid(inMark: record.comment, id: fleet.settings.id) != nil { return true }
        let isOurName = fleet.settings.scope.vmid(inName: host, games: fleet.expectation.games) != nil
        switch record.data {
        case .a(let address): return isOurName && (address == dns.edge || dns.formerEdges.contains(address))
        case .srv(let data):
            // An SRV holds no address: it is ours when it leads to its own host, and that host was ours or still leads to us.
            guard isOurName, data.target == "\(host).\(zone.name)" else { return false }
            if retired[host] != nil { return true }
            return zone.records(named: data.target).contains {
                isOrphan($0, zone: zone, dns: dns, fleet: fleet, retired: retired)
            }
        default: return false
        }
    }

    /// The short host that a record of our shape belongs to.
    private static func host(of record: DNSRecord, zone: String) -> String? {
        guard let relative = DNSName.relative(record.name, to: zone) else { return nil }
        switch record.data {
        case .a: return relative
        case .srv: return ZoneHost.host(ofService: relative)
        default: return nil
        }
    }

    private static func isClaimed(_ host: String, _ fleet: FleetContext) -> Bool {
        if fleet.expectation.claims(host: host) { return true }
        // A server that is being made may have its records before it has its row, and the row or the operation may be one that
        // nobody can read. A row that can be read says which host name it has.
        guard let vmid = fleet.settings.scope.vmid(inName: host, games: fleet.expectation.games) else { return false }
        return fleet.expectation.claimsBesideRows(vmid)
    }

    private static func add(
        _ records: [DNSRecord], _ name: String, _ zone: Zone, _ fleet: FleetContext,
        _ retired: [String: RetiredInstance], isDoubted: Bool, _ findings: inout Findings
    ) {
        let host = host(of: records[0], zone: zone.name) ?? name
        let vmid =
            fleet.settings.scope.vmid(inName: host, games: fleet.expectation.games) ?? retired[host]?.vmid
        if let doubt = isDoubted ? .bulkOrphans : doubt(fleet, records: records, name: name, zone: zone) {
            findings.add(doubt, .database, vmid: vmid, instance: nil)
            return
        }
        var evidence = zone.evidence
        evidence.looks = fleet.facts.isConfirming ? 2 : 1
        findings.noteAbsence(evidence)
        var because = "no row has the host name '\(host)'"
        if let life = retired[host] { because += "; server \(life.vmid) of that name was deleted" }
        findings.add(
            Drift(
                kind: DNSKinds.of(zone.plane).orphan,
                subject: Subject(
                    vmid: vmid, hostname: host, customer: retired[host]?.customer, record: name),
                discriminator: records[0].data.description.prefix { $0 != " " }.description,
                desired: "no record: \(because)",
                observed: records.map(\.data.description).sorted().joined(separator: "; "), evidence: evidence,
                instance: nil))
    }

    /// Why nothing may be called an orphan although no row claims it.
    private static func doubt(_ fleet: FleetContext, records: [DNSRecord], name: String, zone: Zone) -> Unknown? {
        if let doubt = fleet.expectation.orphanDoubt { return doubt }
        guard fleet.facts.isConfirming else { return nil }
        let looks = fleet.facts.zone(zone.plane)
        if let failure = looks.unconfirmed { return failure.code }
        guard let earlier = looks.earlier?.value, let rows = fleet.facts.earlierDesired,
            earlier.records(named: name).contains(where: { seen in records.contains { $0.data == seen.data } }),
            let host = host(of: records[0], zone: zone.name),
            !rows.instances.contains(where: { HostName.canonical($0.hostname, zone: zone.name) == host })
        else { return .notConfirmed }
        return nil
    }
}
