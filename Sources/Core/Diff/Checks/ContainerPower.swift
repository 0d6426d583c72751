/// Whether the container runs when it should and rests when it should.
package enum ContainerPower: InstanceCheck {
    package static let kinds: [DriftKind] = [.containerStopped, .containerRunning, .containerSuspendedRunning]

    package static func isSilent(_ glance: Glance) -> Bool {
        switch glance.standing {
        case .live(.running): glance.shows(.runs)
        case .live(.stopped), .suppressed: glance.shows(.rests)
        case .billingUnknown, .contradictory, .claimed, .failed, .excluded: true
        }
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard case .present(let guest, let evidence) = instance.container, case .present(let power, _) = guest.power
        else { return }

        func drift(_ kind: DriftKind, desired: String) {
            var observed = "\(power.rawValue) on node \(guest.node)"
            if let lock = guest.lock { observed += ", lock \(lock)" }
            findings.add(
                Drift(
                    kind: kind, subject: instance.subject, desired: desired, observed: observed, evidence: evidence,
                    instance: instance.index))
        }

        switch (instance.standing, power) {
        case (.live(.running), .stopped):
            // A backup in stop mode, a migration, a snapshot: somebody is acting on the guest, and a stopped moment is part of
            // it. It is not drift, and whether the guest would run otherwise is not known.
            if guest.lock != nil {
                findings.add(.locked, .proxmox, vmid: instance.row.vmid, instance: instance.index)
            } else {
                drift(.containerStopped, desired: "running")
            }
        case (.live(.stopped), .running): drift(.containerRunning, desired: "stopped")
        case (.suppressed(let why), .running): drift(.containerSuspendedRunning, desired: "stopped (\(why))")
        default: break
        }
    }
}
