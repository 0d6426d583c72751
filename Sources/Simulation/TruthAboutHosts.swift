import Core
import World

extension Truth {
    /// Silence is what was answered, so the answers are asked; the rest is the estate's.
    func lieAboutAgent(_ drift: Drift, _ vmid: VMID) -> String? {
        let answers = [1, 2].map { look in
            seen.agents[look]?.polls.first { $0.target.key.externalID == drift.subject.externalID }?.answer
        }
        if drift.kind == .agentUnreachable {
            for answer in answers where answer != .failed(.refused) && answer != .failed(.timeout) {
                return "a look had \(answer.map { "\($0)" } ?? "no answer of its own")"
            }
            let running = [seen.proxmox[1], seen.proxmox[2]].map { $0?.guest(vmid)?.isRunning }
            return running.allSatisfy { $0 == true } ? nil : "its container was not seen running twice"
        }
        let states = answers.compactMap { answer in
            if case .status(let status)? = answer { status.state } else { nil }
        }
        return states.contains { $0 == .crashed || $0 == .error } ? nil : "no agent said so: \(states)"
    }

    func lieAboutProxy(_ drift: Drift, _ vmid: VMID) -> String? {
        let rows = [seen.desired[1], seen.desired[2]].compactMap { $0 }
        let proxies = [seen.proxy[1], seen.proxy[2]].compactMap { $0?.proxy.backends }
        guard let host = drift.subject.hostname else { return "it names no host" }
        switch drift.kind {
        case .velocityGhost:
            guard proxies.last?.contains(where: { drift.observed.contains("'\($0.name)'") }) == true else {
                return "there is no such backend"
            }
            let isExpected = rows.contains { estate in
                estate.instances.contains { $0.hostname == host } && !drift.observed.contains("'\(host).")
            }
            return isExpected ? "a row has this host name" : nil
        default:
            guard let address = rows.last?.instance(vmid)?.address else { return "the row has no address" }
            let wanted = VelocityReading.Backend(name: host, address: address, port: 25565)
            if proxies.contains(where: { $0.contains(wanted) }) { return "the proxy had it right" }
            if drift.kind == .velocityMissing, proxies.contains(where: { $0.contains { $0.name == host } }) {
                return "the proxy had it, at another address"
            }
            let said = [seen.agents[2], seen.agents[1]].compactMap { reading in
                reading?.polls.first { $0.target.key.externalID == drift.subject.externalID }?.answer
            }
            if case .status(let status)? = said.first, status.ready == true { return nil }
            return "its agent never called it ready"
        }
    }
}
