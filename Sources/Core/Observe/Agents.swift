/// What is known of all agents after one look, or two.
package struct Agents: Equatable, Sendable {
    package let observedAt: Timestamp
    package let detail: String
    /// Why some of them are not known; nil when each either answered or certainly did not.
    package let doubt: String?
    private let polls: [InstanceKey: AgentReading.Poll]

    package var evidence: Evidence { Evidence(plane: .agents, observedAt: observedAt) }

    private init(_ polls: [InstanceKey: AgentReading.Poll], at observedAt: Timestamp) {
        self.polls = polls
        self.observedAt = observedAt
        var failures: [Unknown: Int] = [:]
        var silent = 0
        for poll in polls.values {
            guard case .failed(let reason) = poll.answer else { continue }
            if reason.meansSilence { silent += 1 } else { failures[reason, default: 0] += 1 }
        }
        let unknown = failures.values.reduce(0, +)
        detail = "\(polls.count - silent - unknown) of \(polls.count) agents answered"
        doubt =
            failures.isEmpty
            ? nil
            : "\(unknown) could not be read: "
                + failures.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) (\($0.value))" }
                .joined(separator: ", ")
    }

    /// The poll of a row's agent at the row's address; nil when that was not asked.
    package func poll(of row: DesiredInstance) -> AgentReading.Poll? {
        polls[row.key].flatMap { $0.target.address == row.address ? $0 : nil }
    }

    /// A row's agent: what it said, that it certainly said nothing, or why neither is known.
    package func agent(of row: DesiredInstance) -> Observed<AgentStatus> {
        switch poll(of: row)?.answer {
        case nil: .unknown(.notRead)
        case .status(let status)?: .present(status, evidence)
        case .failed(let reason)?: reason.meansSilence ? .absent(evidence) : .unknown(reason)
        }
    }

    /// Whom to ask again.
    package var silent: Set<InstanceKey> {
        Set(
            polls.values.compactMap { poll in
                if case .failed(let reason) = poll.answer, reason.meansSilence { poll.target.key } else { nil }
            })
    }
}

extension Agents {
    /// More unanswered polls than this, and more than half of all, and it is more likely us.
    private static let cutOffFloor = 5

    /// Judges the first look. When more than half do not answer, it is more likely that we are cut off than that they are down.
    package static func judge(_ reading: AgentReading) -> PlaneFact<Agents> {
        let unanswered = reading.polls.count {
            if case .failed(let reason) = $0.answer { reason.meansNoAnswer } else { false }
        }
        if unanswered > cutOffFloor && unanswered * 2 > reading.polls.count {
            return .failed(
                .cutOff,
                detail:
                    "\(unanswered) of \(reading.polls.count) agents do not answer: more likely this machine is cut off "
                    + "from agents.networks", at: reading.startedAt)
        }
        return .read(Agents(byKey(reading), at: reading.startedAt))
    }

    /// Joins the second look, which asks only those that were silent, to the first. Who was silent and was not asked again
    /// is not confirmed.
    package static func judge(_ second: AgentReading, after first: Agents) -> PlaneFact<Agents> {
        let again = byKey(second)
        var polls = first.polls
        for (key, poll) in first.polls {
            if let newer = again[key] {
                polls[key] = newer
            } else if case .failed(let reason) = poll.answer, reason.meansSilence {
                polls[key]?.answer = .failed(.notConfirmed)
            }
        }
        return .read(Agents(polls, at: second.startedAt))
    }

    private static func byKey(_ reading: AgentReading) -> [InstanceKey: AgentReading.Poll] {
        Dictionary(reading.polls.map { ($0.target.key, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Unknown {
    /// Refused or timed out: what a running container without an agent looks like.
    var meansSilence: Bool { self == .refused || self == .timeout }

    /// Nothing came back at all, for whatever reason on the way.
    var meansNoAnswer: Bool {
        switch self {
        case .refused, .timeout, .unreachable, .connectionLost, .notRead: true
        default: false
        }
    }
}
