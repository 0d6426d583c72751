/// `allocation.duplicate_*`: two live rows, or two creates that are not the same request, claim one thing.
package enum DuplicateAllocations: FleetCheck {
    package static let kinds: [DriftKind] = [
        .allocationDuplicateVMID, .allocationDuplicateHostname, .allocationDuplicateIP,
    ]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        let desired = fleet.expectation.desired
        let evidence = Evidence(plane: .database, observedAt: desired.readAt)
        let live = desired.instances.indices.filter {
            let standing = fleet.expectation.standings[$0]
            return standing != .excluded && standing != .failed
        }
        .map { desired.instances[$0] }

        func report(_ kind: DriftKind, _ claims: [(key: String, claimant: String, vmid: VMID?)], _ what: String) {
            for (key, group) in Dictionary(grouping: claims, by: \.key).sorted(by: { $0.key < $1.key }) {
                let claimants = Set(group.map(\.claimant)).sorted()
                guard claimants.count > 1 else { continue }
                var subject = Subject()
                switch kind {
                case .allocationDuplicateVMID: subject.vmid = VMID(key)
                case .allocationDuplicateHostname: subject.hostname = key
                default: break
                }
                findings.add(
                    Drift(
                        kind: kind, subject: subject, discriminator: key, desired: "one claim to \(what) \(key)",
                        observed: claimants.joined(separator: "; "), evidence: evidence, instance: nil))
            }
        }

        func claimant(_ row: DesiredInstance) -> String {
            "instance \(row.vmid) '\(row.hostname)' (\(row.key.externalID))"
        }
        let creates = desired.operations.filter { $0.kind == .create && $0.isLive }
        report(
            .allocationDuplicateVMID,
            live.map { ("\($0.vmid)", claimant($0), $0.vmid) }
                // A repeated request has the same key and is one claim, and so is a create beside the row it made.
                + creates.compactMap { operation in
                    guard let vmid = operation.vmid, !fleet.expectation.hasRow(vmid) else { return nil }
                    return ("\(vmid)", "create \(operation.idempotencyKey ?? operation.id)", vmid)
                }, "VMID")
        report(
            .allocationDuplicateHostname,
            live.map { (HostName.canonical($0.hostname, zone: fleet.settings.zone), claimant($0), $0.vmid) },
            "host name")
        report(
            .allocationDuplicateIP,
            live.compactMap { row in row.address.map { (DNSName.canonical($0), claimant(row), row.vmid) } }, "address")
    }
}

extension Expectation {
    fileprivate func hasRow(_ vmid: VMID) -> Bool {
        var low = 0
        var high = desired.instances.count
        while low < high {
            let middle = (low + high) / 2
            if desired.instances[middle].vmid < vmid { low = middle + 1 } else { high = middle }
        }
        return low < desired.instances.count && desired.instances[low].vmid == vmid
    }
}
