/// Whether the container runs when it should and rests when it should, in two looks.
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
        // A guest that may be another's is nobody's to judge; that it is not known is told already.
        guard instance.identity == .confirmed, case .present(let guest, _) = instance.container,
            let power = guest.power.value
        else { return }
        switch (instance.standing, power) {
        case (.live(.running), .stopped):
            switch rest(of: guest, instance, findings) {
            case .unexplained: differs(.containerStopped, guest, power, desired: "running", instance, &findings)
            case .partOf(let reason):
                findings.add(reason, .proxmox, vmid: instance.row.vmid, instance: instance.index)
            case .untold: break
            }
        case (.live(.stopped), .running):
            differs(.containerRunning, guest, power, desired: "stopped", instance, &findings)
        case (.suppressed(let why), .running):
            differs(.containerSuspendedRunning, guest, power, desired: "stopped (\(why))", instance, &findings)
        default: break
        }
    }

    private enum Rest {
        case unexplained
        /// Somebody is acting on it.
        case partOf(Unknown)
        /// Whether somebody is, nobody can read; that is told already.
        case untold
    }

    /// A backup in stop mode, a migration, a restart: somebody is acting on the guest, and a stopped moment is part of it. It is not drift,
    /// and whether the guest would run otherwise is not known.
    private static func rest(of guest: Guest, _ instance: InstanceContext, _ findings: Findings) -> Rest {
        if guest.lock != nil { return .partOf(.locked) }
        let (vmid, dead) = (instance.row.vmid, findings.deadOperations.union(lateOperations(on: instance)))
        let hasTask = instance.fleet.inventory?.foreignTasks(on: guest)?.isEmpty == false
        if hasTask || instance.expectation.operationInFlight(on: vmid, dead: dead) != nil { return .partOf(.actedOn) }
        return instance.expectation.unreadableVMIDs.contains(vmid) ? .untold : .unexplained
    }

    /// Where no queue is read nobody ever calls an operation dead: one that is late by its own times owns nothing, or it would hide for
    /// ever that the container rests.
    private static func lateOperations(on instance: InstanceContext) -> [String] {
        if instance.settings.isConfigured(.queues) { return [] }
        let desired = instance.expectation.desired
        guard instance.expectation.liveOperations[instance.row.vmid] != nil else { return [] }
        return desired.operations.filter { operation in
            operation.isLive && operation.vmid == instance.row.vmid
                && DeadOperations.suspicion(operation, at: desired.readAt) != nil
        }.map(\.id)
    }

    private static func differs(
        _ kind: DriftKind, _ guest: Guest, _ power: Guest.Power, desired: String, _ instance: InstanceContext,
        _ findings: inout Findings
    ) {
        guard let evidence = instance.facts.power(power, of: instance.row) else {
            return findings.add(.notConfirmed, .proxmox, vmid: instance.row.vmid, instance: instance.index)
        }
        findings.noteAbsence(evidence)
        var observed = "\(power.rawValue) on node \(guest.node)"
        if let lock = guest.lock { observed += ", lock \(lock)" }
        findings.add(
            Drift(
                kind: kind, subject: instance.subject, desired: desired, observed: observed, evidence: evidence,
                instance: instance.index))
    }
}
