extension Cause {
    /// The lowest broken layer explains those above it: a node that is offline explains all that is on it, a container that is
    /// gone, at rest or elsewhere its agent, and any of them what the proxy lacks.
    static func assignLayers(_ findings: inout Findings, _ fleet: FleetContext) {
        var nodes: [String: String] = [:]
        var containers: [Int: String] = [:]
        var agents: [Int: String] = [:]
        for drift in findings.drifts {
            if drift.kind == .containerNodeOffline, let node = drift.subject.node { nodes[node] = drift.id }
            guard let instance = drift.instance else { continue }
            switch drift.kind {
            case .containerMissing, .containerStopped, .containerIdentityMismatch: containers[instance] = drift.id
            case .containerAddressChanged: containers[instance] = containers[instance] ?? drift.id
            case .agentUnreachable, .agentCrashed: agents[instance] = drift.id
            default: break
            }
        }
        for index in findings.drifts.indices where findings.drifts[index].causedBy == nil {
            guard let instance = findings.drifts[index].instance else { continue }
            let node = nodes.isEmpty ? nil : fleet.node(of: instance).flatMap { nodes[$0] }
            switch findings.drifts[index].kind.plane {
            case .proxmox: if findings.drifts[index].kind == .containerLocked { findings.drifts[index].causedBy = node }
            case .agents:
                let crash = findings.drifts[index].kind == .agentNotReady ? agents[instance] : nil
                findings.drifts[index].causedBy = node ?? containers[instance] ?? crash
            case .velocity: findings.drifts[index].causedBy = node ?? containers[instance] ?? agents[instance]
            default: break
            }
        }
    }
}
