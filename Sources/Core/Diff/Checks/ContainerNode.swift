/// `container.node_changed`: runs on another node than recorded. Worth knowing, nothing to repair: guests migrate.
package enum ContainerNode: InstanceCheck {
    package static let kinds: [DriftKind] = [.containerNodeChanged]

    package static func isSilent(_ glance: Glance) -> Bool {
        !glance.standing.expectsContainer || glance.shows(.rests) || glance.shows([.runs, .atItsNode])
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard instance.standing.expectsContainer, instance.identity == .confirmed, let recorded = instance.row.node,
            case .present(let guest, let evidence) = instance.container, guest.power.value == .running,
            !DNSName.areSame(guest.node, recorded)
        else { return }
        findings.add(
            Drift(
                kind: .containerNodeChanged, subject: instance.subject, desired: "node \(recorded)",
                observed: "node \(guest.node)", evidence: evidence, instance: instance.index))
    }
}
