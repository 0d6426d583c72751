/// `allocation.duplicate_*`: two live rows, or two creates that are not the same request, claim one thing.
package enum DuplicateAllocations: FleetCheck {
    package static let kinds: [DriftKind] = [
        .allocationDuplicateVMID, .allocationDuplicateHostname, .allocationDuplicateIP,
    ]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        let desired = fleet.expectation.desired
        let standings = fleet.expectation.standings
        /// Those whose claim counts, where there is more than one.
        func contested(_ rows: some Sequence<Int>) -> [Int]? {
            let live = rows.filter { standings[$0].claims }
            return live.count > 1 ? live : nil
        }

        func claimant(_ index: Int) -> String {
            let row = desired.instances[index]
            return "instance \(row.vmid) '\(row.hostname)' (\(row.key.externalID))"
        }
        // A repeated request has the same key and is one claim, and a single one beside a row may be what made it.
        var requests: [VMID: Set<String>] = [:]
        for operation in desired.operations where operation.kind == .create && operation.isLive {
            // A dead one claims nothing. Its own drift is repaired, and must not wait for a quarrel that this would end.
            // What is asked for outside `scope` is not ours to judge.
            guard let vmid = operation.vmid, fleet.settings.scope.contains(vmid),
                !findings.deadOperations.contains(operation.id)
            else { continue }
            requests[vmid, default: []].insert("create \(operation.idempotencyKey ?? operation.id)")
        }

        for claimants in desired.index.repeatedVMIDs.compactMap({ contested($0) }) {
            let vmid = desired.instances[claimants[0]].vmid
            let creates = requests.removeValue(forKey: vmid).map(Array.init) ?? []
            add(
                .allocationDuplicateVMID, "VMID \(vmid)", Subject(vmid: vmid),
                claimants.map(claimant) + (creates.count > 1 ? creates : []), [vmid], fleet, &findings)
        }
        for (vmid, keys) in requests where keys.count > 1 {
            add(.allocationDuplicateVMID, "VMID \(vmid)", Subject(vmid: vmid), Array(keys), [vmid], fleet, &findings)
        }
        for claimants in fleet.expectation.hosts.repeated.compactMap({ contested($0) }) {
            let host = fleet.expectation.hosts.names[claimants[0]]
            add(
                .allocationDuplicateHostname, "host name \(host)", Subject(hostname: host), claimants.map(claimant),
                claimants.map { desired.instances[$0].vmid }, fleet, &findings)
        }
        for (address, rows) in desired.index.repeatedAddresses {
            guard let claimants = contested(rows) else { continue }
            add(
                .allocationDuplicateIP, "address \(address)", Subject(address: address), claimants.map(claimant),
                claimants.map { desired.instances[$0].vmid }, fleet, &findings)
        }
    }

    private static func add(
        _ kind: DriftKind, _ what: String, _ subject: Subject, _ claimants: [String], _ vmids: [VMID],
        _ fleet: FleetContext, _ findings: inout Findings
    ) {
        findings.add(
            Drift(
                kind: kind, subject: subject, discriminator: what, desired: "one claim to \(what)",
                observed: claimants.sorted().joined(separator: "; "),
                evidence: Evidence(plane: .database, observedAt: fleet.expectation.desired.readAt), instance: nil,
                claimants: Set(vmids).sorted()))
    }
}
