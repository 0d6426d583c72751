/// One agent to be asked: whose it should be, and where the row says it is.
package struct AgentTarget: Hashable, Sendable {
    package var key: InstanceKey
    /// A dotted IPv4 address.
    package var address: String

    package init(key: InstanceKey, address: String) {
        self.key = key
        self.address = address
    }
}

/// What the agents said, or why they did not. Decoded, not yet believed; ``Agents`` judges it.
package struct AgentReading: Equatable, Sendable {
    package enum Answer: Equatable, Sendable {
        case status(AgentStatus)
        case failed(Unknown)
    }

    package struct Poll: Equatable, Sendable {
        package var target: AgentTarget
        package var answer: Answer

        package init(target: AgentTarget, answer: Answer) {
            self.target = target
            self.answer = answer
        }
    }

    /// One for each agent that was to be asked.
    package var polls: [Poll]
    package var startedAt: Timestamp

    package init(polls: [Poll], startedAt: Timestamp) {
        self.polls = polls
        self.startedAt = startedAt
    }
}

/// What is kept of an agent's `GET /status`. Its `config`, its log tail and its messages may carry credentials: they are not
/// read at all.
package struct AgentStatus: Equatable, Sendable {
    package enum State: Hashable, Sendable {
        case idle, installing, verifying, starting, running, stopping, stopped, crashed, error
        /// A word that is not known here: normal with a newer agent.
        case other
    }

    /// Nil when the agent did not say.
    package var state: State?
    package var processRunning: Bool?
    package var ready: Bool?
    package var operationInProgress: Bool?
    package var maintenance: Bool?
    package var crashCount: Int?
    package var lastCrashExitCode: Int?

    package init(
        state: State?, processRunning: Bool? = nil, ready: Bool? = nil, operationInProgress: Bool? = nil,
        maintenance: Bool? = nil, crashCount: Int? = nil, lastCrashExitCode: Int? = nil
    ) {
        self.state = state
        self.processRunning = processRunning
        self.ready = ready
        self.operationInProgress = operationInProgress
        self.maintenance = maintenance
        self.crashCount = crashCount
        self.lastCrashExitCode = lastCrashExitCode
    }

    /// Why the agent may not be disturbed; nil when nothing is going on.
    package var busy: String? {
        if operationInProgress == true { return "the agent works on an operation" }
        if maintenance == true { return "the agent is in maintenance" }
        switch state {
        case .installing, .verifying, .starting, .stopping: return "the agent's state is \(state?.word ?? "")"
        default: return nil
        }
    }

    /// Why the workload is not ready although the agent may call it so; nil when nothing contradicts it. After an agent's
    /// restart `/status` can disagree with the process.
    package var contradiction: String? {
        if processRunning == false { return "the agent says that no process runs" }
        switch state {
        case .idle, .stopped, .crashed, .error: return "the agent's state is \(state?.word ?? "")"
        default: return nil
        }
    }
}

extension AgentStatus.State {
    private static let words: [String: AgentStatus.State] = [
        "idle": .idle, "installing": .installing, "verifying": .verifying, "starting": .starting,
        "running": .running, "stopping": .stopping, "stopped": .stopped, "crashed": .crashed, "error": .error,
    ]

    package init(word: String) { self = Self.words[DNSName.canonical(word)] ?? .other }

    package var word: String {
        switch self {
        case .idle: "idle"
        case .installing: "installing"
        case .verifying: "verifying"
        case .starting: "starting"
        case .running: "running"
        case .stopping: "stopping"
        case .stopped: "stopped"
        case .crashed: "crashed"
        case .error: "error"
        case .other: "other"
        }
    }
}
