/// Whether the agent of a running server answers, and what it says of its workload.
///
/// Idle is not offline, and not ready is not crashed: only the agent's own word, or silence in two looks while the container
/// certainly runs, is drift. `agent.not_ready` needs history: ``AgentReadiness``.
package enum AgentAnswers: InstanceCheck {
    package static let kinds: [DriftKind] = [.agentUnreachable, .agentCrashed]

    package static func isSilent(_ glance: Glance) -> Bool {
        glance.standing != .live(.running) || glance.shows([.runs, .agentAnswers, .unremarked])
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard instance.standing == .live(.running), instance.settings.agents else { return }
        findings.applicable[.agents] += 1
        func unknown(_ reason: Unknown) {
            findings.add(reason, .agents, vmid: instance.row.vmid, instance: instance.index)
        }
        switch instance.agent {
        case nil: unknown(.notRead)
        case .unknown(let reason)?:
            // An agent in a container that is gone or at rest has nothing to say; the container's own drift tells it.
            if !instance.isAtRest { unknown(reason) }
        case .absent(let evidence)?: silent(instance, evidence, &findings)
        case .present(let status, let evidence)?:
            // Somebody answers at the address of a container that does not run: it is not this container.
            if instance.isAnotherAgent { return unknown(.addressUnknown) }
            if status.state == .crashed || status.state == .error { crashed(instance, status, evidence, &findings) }
        }
    }

    private static func silent(_ instance: InstanceContext, _ evidence: Evidence, _ findings: inout Findings) {
        if instance.isAtRest { return }
        let word = lastWord(instance)
        guard instance.identity == .confirmed, instance.facts.certainlyRuns(instance.row) else {
            return findings.add(word, .agents, vmid: instance.row.vmid, instance: instance.index)
        }
        findings.noteAbsence(evidence)
        findings.wantAddresses(of: instance, seenBy: evidence)
        findings.add(
            Drift(
                kind: .agentUnreachable, subject: instance.subject,
                desired: "an agent that answers at \(instance.row.address ?? "")",
                observed: word == .refused ? "connection refused" : "no answer in time", evidence: evidence,
                instance: instance.index))
    }

    private static func lastWord(_ instance: InstanceContext) -> Unknown {
        if case .failed(let reason)? = instance.facts.agents.latest.value?.poll(of: instance.row)?.answer {
            return reason
        }
        return .notRead
    }

    private static func crashed(
        _ instance: InstanceContext, _ status: AgentStatus, _ evidence: Evidence, _ findings: inout Findings
    ) {
        var observed = "state \(status.state?.word ?? "")"
        if let code = status.lastCrashExitCode { observed += ", exit code \(code)" }
        var holds: [Hold] = []
        if let busy = status.busy { holds.append(Hold(.agentBusy, busy)) }
        if case .unknown(let reason) = instance.identity {
            holds.append(
                Hold(
                    .evidenceUnknown, "whether guest \(instance.row.vmid) is this server is unknown: \(reason.rawValue)"
                ))
        }
        if let doubt = instance.confirmedAddressDoubt { holds.append(Hold(.addressUnconfirmed, doubt)) }
        // Another customer's server may have taken the address over since the row was written.
        findings.wantAddresses(of: instance, seenBy: evidence)
        findings.add(
            Drift(
                kind: .agentCrashed, subject: instance.subject, desired: "a workload that runs", observed: observed,
                evidence: evidence, instance: instance.index, holds: holds))
    }
}

extension InstanceContext {
    var isAtRest: Bool { container?.isAtRest == true }

    /// Whether whoever answers at its address is certainly another one.
    var isAnotherAgent: Bool { facts.isAnotherAgent(of: row, in: container) }

    /// Why it is not certain that whoever answers at its address is itself, once Proxmox was asked for its interfaces. Nil before
    /// that, and in an installation that leaves Proxmox out: it has chosen not to know.
    var confirmedAddressDoubt: String? {
        let wasAsked = facts.isConfirming || facts.isConfirmed(running: row)
        return wasAsked && facts.inventory.latest.value != nil ? facts.addressDoubt(of: row) : nil
    }
}

extension Observed<Guest> {
    /// Certainly not running: gone, or stopped.
    var isAtRest: Bool {
        switch self {
        case .absent: true
        case .present(let guest, _): guest.power.value == .stopped
        case .unknown: false
        }
    }
}
