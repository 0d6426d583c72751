/// `operation.uncertain`: an operation ended badly, yet something exists under its VMID, and nothing later explains it.
package enum UncertainOperations: FleetCheck {
    package static let kinds: [DriftKind] = [.operationUncertain]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        guard let inventory = fleet.facts.inventory.latest.value else { return }
        for operation in operations(fleet) {
            guard let vmid = operation.vmid,
                case .present(let guest, let evidence) = inventory.container(vmid, recordedNode: nil)
            else { continue }
            // What explains it may be the very row that nobody can read.
            guard !mayBeExplained(vmid, fleet.expectation.desired) else {
                findings.add(.unreadableRow, .database, vmid: vmid, instance: nil)
                continue
            }
            findings.add(
                Drift(
                    kind: .operationUncertain,
                    subject: Subject(vmid: vmid, hostname: guest.name, customer: operation.customer),
                    discriminator: operation.id,
                    desired:
                        "\(operation.kind.rawValue) \(operation.id) is \(operation.status.rawValue): nothing of it is left, or "
                        + "a row stands for it",
                    observed: "\(guest.kind.rawValue) '\(guest.name ?? "name unknown")' on node \(guest.node)",
                    evidence: evidence, instance: nil))
        }
    }

    /// Whether an active row or a later operation may stand under a VMID, unreadable: one that says so, or that says of no VMID.
    private static func mayBeExplained(_ vmid: VMID, _ desired: DesiredState) -> Bool {
        desired.unreadable.contains { row in
            (row.table == .instance || row.table == .operation) && (row.vmid == nil || row.vmid == vmid)
        }
    }

    /// The operations of which something is left, one per VMID: the latest that can be read. What is left of one is no orphan, whether
    /// or not something unreadable may explain it.
    static func operations(_ fleet: FleetContext) -> [DesiredOperation] {
        guard let inventory = fleet.facts.inventory.latest.value else { return [] }
        let desired = fleet.expectation.desired
        var latest: [VMID: DesiredOperation] = [:]
        for operation in desired.operations {
            guard let vmid = operation.vmid, fleet.settings.scope.contains(vmid) else { continue }
            if let other = latest[vmid], (operation.enqueuedAt, operation.id) <= (other.enqueuedAt, other.id) {
                continue
            }
            latest[vmid] = operation
        }
        return latest.values.filter { operation in
            switch operation.status {
            case .failed, .stale, .pendingReconciliation: break
            case .queued, .running, .ready: return false
            }
            guard let vmid = operation.vmid,
                !desired.rows(under: vmid).contains(where: { desired.instances[$0].status == .active }),
                case .present = inventory.container(vmid, recordedNode: nil)
            else { return false }
            return true
        }
        .sorted { ($0.enqueuedAt, $0.id) < ($1.enqueuedAt, $1.id) }
    }
}
