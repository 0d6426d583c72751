/// Whether the proxy knows each ready Minecraft server, under its short host name and at its own address.
///
/// Nothing is expected of a server that is not ready: players of a server that is registered too early see errors. Whether it
/// is ready only its agent knows; without that word nothing is concluded.
package enum VelocityBackends: InstanceCheck {
    package static let kinds: [DriftKind] = [.velocityMissing, .velocityWrongAddress]

    /// Where every Minecraft server listens inside its container, whatever its public port.
    static let port = 25565

    package static func isSilent(_ glance: Glance) -> Bool {
        !expectsBackend(glance.standing, isGame: glance.isGame, wantsService: glance.wantsService)
            || glance.shows(.registered)
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        let glance = instance.glance
        guard instance.settings.velocity,
            expectsBackend(instance.standing, isGame: glance.isGame, wantsService: glance.wantsService)
        else { return }
        findings.applicable[.velocity] += 1
        func unknown(_ reason: Unknown) {
            findings.add(reason, .velocity, vmid: instance.row.vmid, instance: instance.index)
        }
        if glance.shows(.registered) { return }
        let list: ProxyList
        switch instance.facts.proxy.latest {
        case .notConfigured: return unknown(.notRead)
        case .failed(let reason, _, _): return unknown(reason)
        case .read(let value): list = value
        }

        let host = instance.host
        let known = list.backends(named: host)
        let wanted = EdgeWish.backend(for: instance.row, settings: instance.settings)
        if let wanted, known == [wanted] { return }
        switch readiness(instance) {
        case .unknown(let reason): return unknown(reason)
        case .notReady: return
        case .ready(let status):
            guard let wanted else { return unknown(.addressUnknown) }
            differs(instance, status, wanted, known, list, &findings)
        }
    }

    static func expectsBackend(_ standing: Standing, isGame: Bool, wantsService: Bool) -> Bool {
        standing == .live(.running) && isGame && wantsService
    }

    private enum Readiness {
        case ready(AgentStatus)
        case notReady
        case unknown(Unknown)
    }

    private static func readiness(_ instance: InstanceContext) -> Readiness {
        if instance.isAtRest { return .notReady }
        switch instance.agent {
        case nil: return .unknown(.notRead)
        case .unknown(let reason)?: return .unknown(reason)
        case .absent?: return .notReady
        case .present(let status, _)?:
            return status.ready.map { $0 ? .ready(status) : .notReady } ?? .unknown(.statusUnknown)
        }
    }

    private static func differs(
        _ instance: InstanceContext, _ status: AgentStatus, _ wanted: VelocityReading.Backend,
        _ known: ArraySlice<VelocityReading.Backend>, _ list: ProxyList, _ findings: inout Findings
    ) {
        func drift(_ kind: DriftKind, _ observed: String, _ evidence: Evidence) {
            findings.noteAbsence(evidence)
            findings.wantAddresses(of: instance, seenBy: evidence)
            var drift = Drift(
                kind: kind, subject: instance.subject, desired: "backend '\(wanted.name)' at \(wanted)",
                observed: observed, evidence: evidence, instance: instance.index, holds: holds(instance, status))
            drift.edge = .backend(BackendChange(wanted: wanted, before: Array(known)))
            findings.add(drift)
        }
        guard known.isEmpty else {
            if known.contains(where: { DNSName.ipv4($0.address) == nil }) {
                // A name that only the proxy can resolve may well lead to the right place.
                return findings.add(.malformed, .velocity, vmid: instance.row.vmid, instance: instance.index)
            }
            var evidence = list.evidence
            // What is absent is the right entry; an entry that could not be read cannot be it, for a name is there once.
            if !list.isDoubtful {
                switch instance.facts.confirmAbsence(fromProxy: { $0.backends(named: wanted.name) != [wanted] }) {
                case .absent(let confirmed): evidence = confirmed
                case .unknown(let reason):
                    return findings.add(reason, .velocity, vmid: instance.row.vmid, instance: instance.index)
                }
            }
            return drift(.velocityWrongAddress, known.map(\.description).joined(separator: "; "), evidence)
        }
        switch instance.facts.confirmAbsence(fromProxy: { $0.backends(named: wanted.name).isEmpty }) {
        case .absent(let evidence):
            // Nothing about the others: what is approved of one backend would change with each that is registered.
            drift(.velocityMissing, "no such backend", evidence)
        case .unknown(let reason):
            findings.add(reason, .velocity, vmid: instance.row.vmid, instance: instance.index)
        }
    }

    /// What stands against registering it, besides what stands against any repair.
    private static func holds(_ instance: InstanceContext, _ status: AgentStatus) -> [Hold] {
        var holds: [Hold] = []
        let vmid = instance.row.vmid
        if !instance.settings.scope.accepts(hostname: instance.row.hostname, of: instance.row) {
            holds.append(
                Hold(.badHostname, "host name '\(instance.row.hostname)' is not one that scope gives to this instance"))
        }
        switch instance.identity {
        case .confirmed: break
        case .mismatch(let other): holds.append(Hold(.identityMismatch, other))
        case .notApplicable: holds.append(Hold(.evidenceUnknown, "which guest is under VMID \(vmid) was not seen"))
        case .unknown(let reason):
            holds.append(
                Hold(.evidenceUnknown, "whether guest \(vmid) is this server is unknown: \(reason.rawValue)"))
        }
        if instance.expectation.unreadableVMIDs.contains(vmid) {
            holds.append(Hold(.evidenceUnknown, "an operation on \(vmid) cannot be understood"))
        }
        if let doubt = instance.facts.addressDoubt(of: instance.row) {
            holds.append(Hold(.addressUnconfirmed, doubt))
        }
        // What another one says of its workload stands against nothing here; the address itself does.
        if instance.isAnotherAgent { return holds }
        if let busy = status.busy { holds.append(Hold(.agentBusy, busy)) }
        if let contradiction = status.contradiction { holds.append(Hold(.agentNotReady, contradiction)) }
        return holds
    }
}
