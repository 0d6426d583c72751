package import Core

/// The agent in one container, as it really is.
package struct Agent: Equatable, Sendable {
    /// As it says it.
    package var state: String
    package var isReady: Bool
    package var isProcessRunning: Bool
    package var operation: String?
    package var isInMaintenance: Bool
    package var crashCount: Int
    package var lastExitCode: Int?
    /// False when its own process is dead: the container's port then refuses.
    package var isListening: Bool

    package init(
        state: String = "running", isReady: Bool = true, isProcessRunning: Bool = true, operation: String? = nil,
        isInMaintenance: Bool = false, crashCount: Int = 0, lastExitCode: Int? = nil, isListening: Bool = true
    ) {
        self.state = state
        self.isReady = isReady
        self.isProcessRunning = isProcessRunning
        self.operation = operation
        self.isInMaintenance = isInMaintenance
        self.crashCount = crashCount
        self.lastExitCode = lastExitCode
        self.isListening = isListening
    }

    /// As a reader understands it.
    package var status: AgentStatus {
        AgentStatus(
            state: AgentStatus.State(word: state), processRunning: isProcessRunning, ready: isReady,
            operationInProgress: operation != nil, maintenance: isInMaintenance, crashCount: crashCount,
            lastCrashExitCode: lastExitCode)
    }
}

/// How an agent fails.
package struct AgentFault: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case refused
        case timeout
        case unauthorized
        case serverError = "server-error"
        case malformed
        /// It answers, but after the fast lane's patience.
        case slow
    }

    package var kind: Kind
    /// Nil is all of them.
    package var vmid: VMID?

    package init(_ kind: Kind, _ vmid: VMID? = nil) {
        self.kind = kind
        self.vmid = vmid
    }

    /// The words by which a person names a fault: `timeout`, `refused:5001`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let kind = parts.first.flatMap({ Kind(rawValue: String($0)) }) else { return nil }
        self.init(kind)
        if parts.count == 2 {
            guard let vmid = VMID(parts[1]) else { return nil }
            self.vmid = vmid
        }
    }
}

extension Estate {
    /// Who answers at an address: the running container that has it, if its agent listens.
    package func agent(at address: String) -> (vmid: VMID, agent: Agent)? {
        for guest in cluster.guests.values where guest.address == address && cluster.isUp(guest) {
            if let agent = agents[guest.vmid] { return (guest.vmid, agent) }
        }
        return nil
    }

    /// What a controller reads of the agents.
    package func agentReading(
        _ targets: [AgentTarget], faults: Set<AgentFault> = [], at now: Timestamp
    ) -> AgentReading {
        let byAddress = Dictionary(
            cluster.guests.values.filter(cluster.isUp).compactMap { guest in guest.address.map { ($0, guest.vmid) } },
            uniquingKeysWith: { min($0, $1) })
        let polls = targets.map { target in
            AgentReading.Poll(
                target: target, answer: answer(byAddress[target.address], target.key.vmid, faults))
        }
        return AgentReading(polls: polls, startedAt: now)
    }

    private func answer(_ vmid: VMID?, _ asked: VMID, _ faults: Set<AgentFault>) -> AgentReading.Answer {
        for fault in faults.sorted(by: { $0.kind.rawValue < $1.kind.rawValue })
        where fault.vmid == nil || fault.vmid == asked {
            switch fault.kind {
            case .refused: return .failed(.refused)
            case .timeout: return .failed(.timeout)
            case .unauthorized: return .failed(.unauthorized)
            case .serverError: return .failed(.serverError)
            case .malformed: return .failed(.malformed)
            case .slow: break
            }
        }
        // No host of that address at all: nothing comes back.
        guard let vmid else { return .failed(.timeout) }
        guard let agent = agents[vmid], agent.isListening else { return .failed(.refused) }
        return .status(agent.status)
    }
}

extension Estate {
    /// The addresses that running containers have on their interfaces.
    package func guestAddresses(of vmids: [VMID]) -> [VMID: GuestAddresses] {
        var found: [VMID: GuestAddresses] = [:]
        for vmid in vmids {
            guard let guest = guest(vmid), cluster.isUp(guest), let address = guest.address else { continue }
            found[vmid] = GuestAddresses(ipv4: [address], isWhole: true)
        }
        return found
    }
}
