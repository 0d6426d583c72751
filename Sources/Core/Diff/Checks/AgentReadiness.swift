/// `agent.not_ready`: the agent of a game server answers, and its workload is not ready for longer than 10 minutes. Only a
/// daemon can tell it. A developer's container has no workload that could be ready.
package enum AgentReadiness: InstanceCheck {
    package static let kinds: [DriftKind] = [.agentNotReady]

    package static func isSilent(_ glance: Glance) -> Bool {
        glance.standing != .live(.running) || !glance.isGame || glance.shows([.runs, .agentReady, .unremarked])
    }

    package static func check(_ instance: InstanceContext, _ findings: inout Findings) {
        guard let history = instance.fleet.history, instance.standing == .live(.running),
            instance.row.ctype == .game, instance.settings.agents
        else { return }
        let condition = LastingCondition(.agentNotReady, instance: instance.row.key)
        // Whoever answers for a guest that rests, or that may be another one, says nothing about this server.
        if case .unknown = instance.identity { return findings.cannotTell(condition, instance.subject, history) }
        if instance.isAnotherAgent { return findings.cannotTell(condition, instance.subject, history) }
        guard case .present(let status, let evidence)? = instance.agent, let isReady = status.ready,
            !isReady || status.contradiction == nil
        else { return findings.cannotTell(condition, instance.subject, history) }
        guard !isReady else { return findings.sawEnd(of: condition, instance.subject, history, evidence) }
        let hasLasted = findings.saw(.holds(mark: ""), of: condition, instance.subject, history, evidence)
        guard hasLasted else { return }
        // Another customer's server may have taken the address over since the row was written.
        findings.wantAddresses(of: instance, seenBy: evidence)
        if instance.confirmedAddressDoubt != nil {
            findings.add(.addressUnknown, .agents, vmid: instance.row.vmid, instance: instance.index)
            return findings.cannotTell(condition, instance.subject, history)
        }
        findings.add(
            Drift(
                kind: .agentNotReady, subject: instance.subject,
                desired: "a workload that is ready within \(History.notReady)",
                observed: "not ready" + (status.state.map { ", state \($0.word)" } ?? ""), evidence: evidence,
                instance: instance.index))
    }
}
