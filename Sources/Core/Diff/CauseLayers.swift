extension Cause {
    /// The lowest broken layer explains those above it: a container that is gone, at rest or elsewhere explains its agent, and
    /// either of them what the proxy lacks. A dead node makes no drift that could explain anything: all on it is unknown.
    static func assignLayers(_ findings: inout Findings) {
        var containers: [Int: String] = [:]
        var agents: [Int: String] = [:]
        for drift in findings.drifts {
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
            switch findings.drifts[index].kind.plane {
            case .agents:
                let crash = findings.drifts[index].kind == .agentNotReady ? agents[instance] : nil
                findings.drifts[index].causedBy = containers[instance] ?? crash
            case .velocity: findings.drifts[index].causedBy = containers[instance] ?? agents[instance]
            default: break
            }
        }
    }
}
