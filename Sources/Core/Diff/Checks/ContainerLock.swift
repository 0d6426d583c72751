/// `container.locked`: Proxmox holds a configuration lock on a guest for longer than 30 minutes. A crashed backup leaves one for
/// ever, and only root can clear it. Only a daemon can tell it: a lock carries no time.
package enum ContainerLock: InstanceCheck {
    package static let kinds: [DriftKind] = [.containerLocked]

    package static func isSilent(_ glance: Glance) -> Bool {
        !glance.standing.expectsContainer || (glance.isConfirmed && glance.shows(.unremarked))
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard let history = instance.fleet.history, instance.standing.expectsContainer else { return }
        let condition = LastingCondition(.containerLocked, instance: instance.row.key)
        switch instance.container {
        case nil: return
        case .unknown?: findings.cannotTell(condition, instance.subject, history)
        case .absent(let evidence)?: findings.sawEnd(of: condition, instance.subject, history, evidence)
        case .present(let guest, let evidence)?:
            // It may be another's, and the lock with it.
            guard instance.identity == .confirmed else {
                return findings.cannotTell(condition, instance.subject, history)
            }
            guard let lock = guest.lock else {
                return findings.sawEnd(of: condition, instance.subject, history, evidence)
            }
            let hasLasted = findings.saw(
                .holds(mark: lock), of: condition, instance.subject, history, evidence)
            guard hasLasted else { return }
            findings.add(
                Drift(
                    kind: .containerLocked, subject: instance.subject,
                    desired: "no Proxmox lock for longer than \(History.locked)",
                    observed: "lock '\(lock)' on node \(guest.node)", evidence: evidence, instance: instance.index))
        }
    }
}
