/// Whether the records of a game server are exactly the right ones: one address record, and for Minecraft one SRV record.
///
/// DNS has to be right whether the guest runs or not. Dev servers have no records of their own: a wildcard serves them.
package enum DNSRecords: InstanceCheck {
    package static let kinds = DNSKinds.public.records + DNSKinds.internal.records

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard instance.standing.expectsEdge, instance.row.ctype == .game else { return }
        check(instance, .publicDNS, &findings)
        check(instance, .internalDNS, &findings)
    }

    private static func check(_ instance: InstanceContext, _ plane: Plane, _ findings: inout Findings) {
        guard let zoneName = instance.settings.zone, let dns = instance.settings.dns(plane) else { return }
        findings.applicable[plane] += 1
        if areRight(instance, plane, dns) { return }
        let row = instance.row
        let zone: Zone
        switch instance.facts.zone(plane).latest {
        case .notConfigured: return
        case .failed(let reason, _, _):
            findings.add(reason, plane, vmid: row.vmid, instance: instance.index)
            return
        case .read(let value): zone = value
        }

        let host = "\(DNSName.canonical(row.hostname)).\(zoneName)"
        let kinds = DNSKinds.of(plane)
        let address = RecordSet(
            name: host, wanted: .a(dns.edge), missing: kinds.aMissing, wrong: kinds.aWrong, duplicate: kinds.aDuplicate)
        address.check(instance, zone, dns, &findings)

        guard Games.usesSRV(row.game), let port = Games.port(of: row) else { return }
        let service = RecordSet(
            name: "_minecraft._tcp.\(host)", wanted: .srv(SRV(priority: 0, weight: 0, port: port, target: host)),
            missing: kinds.srvMissing, wrong: kinds.srvWrong, duplicate: kinds.srvDuplicate)
        service.check(instance, zone, dns, &findings)
    }

    /// Whether the records are of the usual shape and say what they should; when not, they are looked at one by one.
    private static func areRight(_ instance: InstanceContext, _ plane: Plane, _ dns: PipelineSettings.DNS) -> Bool {
        guard let found = instance.plainRecords(in: plane), found.address == dns.edge else { return false }
        guard Games.usesSRV(instance.row.game), let port = Games.port(of: instance.row) else { return true }
        return found.port == port
    }
}
