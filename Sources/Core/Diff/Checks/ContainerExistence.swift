/// `container.missing`: expected, and authoritatively absent from the whole cluster.
package enum ContainerExistence: InstanceCheck {
    package static let kinds: [DriftKind] = [.containerMissing]

    package static func isSilent(_ glance: Glance) -> Bool { !glance.standing.expectsContainer || glance.isConfirmed }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard instance.standing.expectsContainer, case .absent(let evidence) = instance.container else { return }
        findings.noteAbsence(evidence)
        findings.suspects.append(instance.row.vmid)
        findings.add(
            Drift(
                kind: .containerMissing, subject: instance.subject,
                desired: "container \(instance.row.vmid) named '\(instance.row.hostname)'",
                observed: "no guest under this VMID on any node", evidence: evidence, instance: instance.index))
    }
}
