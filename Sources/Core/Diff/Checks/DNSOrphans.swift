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
            zone.forEachName { here in
                let records = here.filter { isOrphan($0, zone: zone, dns: dns, fleet: fleet, retired: retired) }
                if let name = records.first?.name { add(records, name, zone, fleet, retired, &findings) }
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
        case .srv: return relative.hasPrefix("_minecraft._tcp.") ? String(relative.dropFirst(16)) : nil
        default: return nil
        }
    }

    private static func isClaimed(_ host: String, _ fleet: FleetContext) -> Bool {
        if fleet.expectation.claimedHosts.contains(host) { return true }
        // A server that is being made may have its records before it has its row.
        guard let vmid = fleet.settings.scope.vmid(inName: host, games: fleet.expectation.games) else { return false }
        return fleet.expectation.liveOperations[vmid] != nil
    }

    private static func add(
        _ records: [DNSRecord], _ name: String, _ zone: Zone, _ fleet: FleetContext,
        _ retired: [String: RetiredInstance], _ findings: inout Findings
    ) {
        let desired = fleet.expectation.desired
        let host = host(of: records[0], zone: zone.name) ?? name
        let vmid =
            fleet.settings.scope.vmid(inName: host, games: fleet.expectation.games) ?? retired[host]?.vmid
        if let doubt = doubt(fleet, records: records, name: name, zone: zone) {
            findings.add(doubt, .database, vmid: vmid, instance: nil)
            if desired.instances.isEmpty {
                findings.partial[.database] =
                    "no instance is desired, yet records of ours exist: none is called an orphan (bulk_orphans)"
            }
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
        let desired = fleet.expectation.desired
        if desired.instances.isEmpty { return .bulkOrphans }
        if desired.unreadable.contains(where: { $0.table == .instance }) { return .unreadableRow }
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
