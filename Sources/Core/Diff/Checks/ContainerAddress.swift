/// `container.address_changed`: the guest's interfaces lack the recorded address. Looked at where somebody asked for them:
/// when its agent does not answer, before a registration with the proxy, and by a daemon of each guest in turn (``Pace``).
package enum ContainerAddress: InstanceCheck {
    package static let kinds: [DriftKind] = [.containerAddressChanged]

    package static func isSilent(_ glance: Glance) -> Bool {
        glance.standing != .live(.running) || glance.shows(.unremarked)
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard instance.standing == .live(.running), instance.identity == .confirmed,
            let recorded = instance.row.ipv4,
            case .present(let guest, let evidence) = instance.container, guest.power.value == .running
        else { return }
        guard let addresses = instance.facts.inventory.latest.value?.addresses?[instance.row.vmid] else {
            // Not every round asks every guest: what is open has not ended by that.
            if let history = instance.fleet.history, history.openVMIDs.contains(instance.row.vmid) {
                findings.cannotTell(
                    LastingCondition(.containerAddressChanged, instance: instance.row.key), instance.subject, history)
            }
            return
        }
        guard instance.facts.hasLostAddress(instance.row) else { return }
        findings.add(
            Drift(
                kind: .containerAddressChanged, subject: instance.subject, desired: "address \(recorded)",
                observed: "interfaces with \(named(addresses))", evidence: evidence, instance: instance.index))
    }

    /// A customer may give a guest as many addresses as they like.
    private static func named(_ addresses: GuestAddresses) -> String {
        let all = addresses.ipv4.sorted()
        let more = all.count > 8 ? " and \(all.count - 8) more" : ""
        return all.prefix(8).joined(separator: ", ") + more
    }
}
