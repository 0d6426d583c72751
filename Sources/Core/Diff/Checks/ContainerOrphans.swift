/// `container.orphan`: a guest in our VMID range that no row and no operation claims.
package enum ContainerOrphans: FleetCheck {
    package static let kinds: [DriftKind] = [.containerOrphan]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        guard let inventory = fleet.facts.inventory.latest.value else { return }
        let expectation = fleet.expectation
        let hasRow = fleet.guestsOfRows
        var ours = 0
        var unclaimed: [Guest] = []
        for place in inventory.briefs.indices {
            let vmid = inventory.briefs[place].vmid
            guard fleet.scope.contains(vmid) else { continue }
            ours += 1
            if !hasRow[place] && !expectation.claimsBesideRows(vmid) { unclaimed.append(inventory.guests[place]) }
        }
        if !unclaimed.isEmpty {
            let uncertain = Set(UncertainOperations.operations(fleet).compactMap(\.vmid))
            unclaimed.removeAll { uncertain.contains($0.vmid) }
        }
        guard !unclaimed.isEmpty else { return }

        if expectation.desired.instances.isEmpty || Bulk.isTooMuch(unclaimed.count, of: ours) {
            findings.partial[.database] =
                "\(unclaimed.count) of our \(ours) guests have no row: more likely the database lacks rows than that "
                + "so many guests are orphans, so none is called one (bulk_orphans)"
            for guest in unclaimed { findings.add(.bulkOrphans, .database, vmid: guest.vmid, instance: nil) }
            return
        }
        for guest in unclaimed {
            if let doubt = expectation.orphanDoubt ?? unconfirmed(guest, fleet) {
                findings.add(doubt, .database, vmid: guest.vmid, instance: nil)
                continue
            }
            // A guest that is being made has no name yet, and its row may be a moment away.
            guard guest.name != nil, guest.lock != "create" else {
                findings.add(guest.lock == nil ? .nameUnknown : .locked, .proxmox, vmid: guest.vmid, instance: nil)
                continue
            }
            var evidence = inventory.evidence
            evidence.looks = fleet.facts.isConfirming || fleet.facts.isConfirmed(orphan: guest) ? 2 : 1
            // What is absent is the row; a server may have been created between the two readings.
            findings.noteAbsence(evidence)
            findings.add(
                Drift(
                    kind: .containerOrphan, subject: Subject(vmid: guest.vmid, hostname: guest.name),
                    desired: "no guest: no row and no operation claims VMID \(guest.vmid)",
                    observed: "\(guest.kind.rawValue) '\(guest.name ?? "name unknown")' on node \(guest.node), "
                        + (guest.power.value?.rawValue ?? "state unknown"),
                    evidence: evidence, instance: nil))
        }
    }

    private static func unconfirmed(_ guest: Guest, _ fleet: FleetContext) -> Unknown? {
        guard fleet.facts.isConfirming, !fleet.facts.isConfirmed(orphan: guest) else { return nil }
        if let failure = fleet.facts.inventory.unconfirmed { return failure.code }
        guard let earlier = fleet.facts.inventory.earlier?.value, let rows = fleet.facts.earlierDesired,
            case .present = earlier.container(guest.vmid, recordedNode: nil),
            !rows.instances.contains(where: { $0.vmid == guest.vmid })
        else { return .notConfirmed }
        return nil
    }
}
