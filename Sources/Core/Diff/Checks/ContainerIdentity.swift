/// `container.identity_mismatch`: the VMID exists but is another guest. Nothing else about the instance is then looked at: a
/// reused VMID must never let one customer's server be judged by another's.
package enum ContainerIdentity: InstanceCheck {
    package static let kinds: [DriftKind] = [.containerIdentityMismatch]

    package static func isSilent(_ glance: Glance) -> Bool { !glance.standing.checksIdentity || glance.isConfirmed }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard instance.standing.checksIdentity, case .mismatch(let other) = instance.identity,
            case .present(let guest, let evidence) = instance.container
        else { return }
        findings.add(
            Drift(
                kind: .containerIdentityMismatch, subject: instance.subject,
                desired: "container '\(instance.row.hostname)'", observed: "\(other) on node \(guest.node)",
                evidence: evidence, instance: instance.index))
    }
}
