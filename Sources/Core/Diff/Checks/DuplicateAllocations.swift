/// `allocation.duplicate_*`: two live rows, or two creates that are not the same request, claim one thing.
package enum DuplicateAllocations: FleetCheck {
    package static let kinds: [DriftKind] = [
        .allocationDuplicateVMID, .allocationDuplicateHostname, .allocationDuplicateIP,
    ]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        let desired = fleet.expectation.desired
        let live = desired.instances.indices.filter {
            let standing = fleet.expectation.standings[$0]
            return standing != .excluded && standing != .failed
        }

        var vmids = Claims<VMID>()
        var hosts = Claims<String>()
        var addresses = Claims<String>()
        for index in live {
            let row = desired.instances[index]
            vmids.add(row.vmid, by: index)
            hosts.add(HostName.canonical(row.hostname, zone: fleet.settings.zone), by: index)
            if let address = row.address { addresses.add(DNSName.canonical(address), by: index) }
        }

        func claimant(_ index: Int) -> String {
            let row = desired.instances[index]
            return "instance \(row.vmid) '\(row.hostname)' (\(row.key.externalID))"
        }
        // A repeated request has the same key and is one claim, and so is a create beside the row it made.
        var requests: [VMID: Set<String>] = [:]
        for operation in desired.operations where operation.kind == .create && operation.isLive {
            guard let vmid = operation.vmid, vmids.first[vmid] == nil else { continue }
            requests[vmid, default: []].insert("create \(operation.idempotencyKey ?? operation.id)")
        }

        for (vmid, claimants) in vmids.contested {
            add(
                .allocationDuplicateVMID, "VMID \(vmid)", Subject(vmid: vmid), claimants.map(claimant), fleet, &findings
            )
        }
        for (vmid, keys) in requests where keys.count > 1 {
            add(.allocationDuplicateVMID, "VMID \(vmid)", Subject(vmid: vmid), Array(keys), fleet, &findings)
        }
        for (host, claimants) in hosts.contested {
            add(
                .allocationDuplicateHostname, "host name \(host)", Subject(hostname: host), claimants.map(claimant),
                fleet,
                &findings)
        }
        for (address, claimants) in addresses.contested {
            add(.allocationDuplicateIP, "address \(address)", Subject(), claimants.map(claimant), fleet, &findings)
        }
    }

    private static func add(
        _ kind: DriftKind, _ what: String, _ subject: Subject, _ claimants: [String], _ fleet: FleetContext,
        _ findings: inout Findings
    ) {
        findings.add(
            Drift(
                kind: kind, subject: subject, discriminator: what, desired: "one claim to \(what)",
                observed: claimants.sorted().joined(separator: "; "),
                evidence: Evidence(plane: .database, observedAt: fleet.expectation.desired.readAt), instance: nil))
    }
}

/// Who claims what, keeping lists only where there is more than one: nearly every claim is the only one.
private struct Claims<Key: Hashable> {
    private(set) var first: [Key: Int] = [:]
    private(set) var contested: [Key: [Int]] = [:]

    mutating func add(_ key: Key, by claimant: Int) {
        guard let other = first[key] else {
            first[key] = claimant
            return
        }
        contested[key, default: [other]].append(claimant)
    }
}
