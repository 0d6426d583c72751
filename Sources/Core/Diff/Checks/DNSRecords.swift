/// Whether the records of a game server are exactly the right ones: one address record, and for Minecraft one SRV record.
///
/// DNS has to be right whether the guest runs or not. Dev servers have no records of their own: a wildcard serves them.
package enum DNSRecords: InstanceCheck {
    package static let kinds = DNSKinds.public.records + DNSKinds.internal.records

    package static func isSilent(_ glance: Glance) -> Bool {
        !glance.standing.expectsEdge || !glance.isGame || glance.shows([.publicZone, .internalZone])
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard instance.standing.expectsEdge, instance.row.ctype == .game else { return }
        check(instance, .publicDNS, &findings)
        check(instance, .internalDNS, &findings)
    }

    private static func check(_ instance: InstanceContext, _ plane: Plane, _ findings: inout Findings) {
        guard instance.settings.zone != nil, instance.settings.dns(plane) != nil else { return }
        findings.applicable[plane] += 1
        // Else they are looked at one by one.
        if instance.glance.shows(plane == .publicDNS ? .publicZone : .internalZone) { return }
        let row = instance.row
        let zone: Zone
        switch instance.facts.zone(plane).latest {
        case .notConfigured: return
        case .failed(let reason, _, _):
            findings.add(reason, plane, vmid: row.vmid, instance: instance.index)
            return
        case .read(let value): zone = value
        }

        for rule in EdgeWish.rules(for: row, in: plane, settings: instance.settings) {
            RecordSet(rule).check(instance, zone, &findings)
        }
    }
}
