/// What is known of all agents after one look, or two.
package struct Agents: Equatable, Sendable {
    package let observedAt: Timestamp
    package let detail: String
    /// Why some of them are not known; nil when each either answered or certainly did not.
    package let doubt: String?
    /// Sorted by the rows' keys, one each.
    package let polls: [AgentReading.Poll]

    /// Of each poll what every plan asks, in numbers.
    let briefs: [AgentReading.Poll.Brief]

    package var evidence: Evidence { Evidence(plane: .agents, observedAt: observedAt) }

    private init(_ polls: [AgentReading.Poll], at observedAt: Timestamp) {
        self.polls = polls
        briefs = polls.indices.map { AgentReading.Poll.Brief(polls[$0]) }
        self.observedAt = observedAt
        var failures: [Unknown: Int] = [:]
        var silent = 0
        for poll in polls {
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
        let place = Sorted.first(in: polls.count) { polls[$0].target.key < row.key }
        guard place < polls.count, polls[place].target.key == row.key else { return nil }
        return self.poll(of: row, at: place)
    }

    /// The poll at a place that is the row's, if it was at the row's address.
    package func poll(of row: DesiredInstance, at place: Int) -> AgentReading.Poll? {
        polls[place].target.address == row.address ? polls[place] : nil
    }

    /// A row's agent: what it said, that it certainly said nothing, or why neither is known.
    package func agent(of row: DesiredInstance) -> Observed<AgentStatus> { said(poll(of: row)) }

    /// The same, for a row whose poll lies at a place.
    package func agent(of row: DesiredInstance, at place: Int) -> Observed<AgentStatus> {
        said(poll(of: row, at: place))
    }

    private func said(_ poll: AgentReading.Poll?) -> Observed<AgentStatus> {
        switch poll?.answer {
        case nil: .unknown(.notRead)
        case .status(let status)?: .present(status, evidence)
        case .failed(let reason)?: reason.meansSilence ? .absent(evidence) : .unknown(reason)
        }
    }

    /// Whom to ask again.
    package var silent: Set<InstanceKey> {
        Set(
            polls.compactMap { poll in
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
        // Who was never asked neither answers nor is silent: counted, they would hide that we are cut off.
        let asked = reading.polls.count {
            if case .failed(let reason) = $0.answer { !reason.meansNeverAsked } else { true }
        }
        if unanswered > cutOffFloor && unanswered * 2 > asked {
            let unasked = reading.polls.count { $0.answer == .failed(.internalFault) }
            if unasked * 2 > unanswered {
                return .failed(
                    .internalFault,
                    detail:
                        "\(unasked) of \(asked) agents could not be asked: this process lacks sockets "
                        + "or memory", at: reading.startedAt)
            }
            return .failed(
                .cutOff,
                detail:
                    "\(unanswered) of \(asked) agents do not answer: more likely this machine is cut off "
                    + "from agents.networks", at: reading.startedAt)
        }
        return .read(Agents(sorted(reading), at: reading.startedAt))
    }

    /// Joins the second look, which asks only those that were silent, to the first. Who was silent and was not asked again
    /// is not confirmed.
    package static func judge(_ second: AgentReading, after first: Agents) -> PlaneFact<Agents> {
        let again = Dictionary(second.polls.map { ($0.target.key, $0) }, uniquingKeysWith: { first, _ in first })
        var polls = first.polls
        for place in polls.indices {
            if let newer = again[polls[place].target.key] {
                polls[place] = newer
            } else if case .failed(let reason) = polls[place].answer, reason.meansSilence {
                polls[place].answer = .failed(.notConfirmed)
            }
        }
        return .read(Agents(polls, at: second.startedAt))
    }

    /// By key, the first poll of each. The sort is stable.
    private static func sorted(_ reading: AgentReading) -> [AgentReading.Poll] {
        func areInOrder(_ polls: [AgentReading.Poll]) -> Bool {
            zip(polls, polls.dropFirst()).allSatisfy { $0.target.key < $1.target.key }
        }
        if areInOrder(reading.polls) { return reading.polls }
        let sorted = reading.polls.sorted { $0.target.key < $1.target.key }
        var polls: [AgentReading.Poll] = []
        for poll in sorted where polls.last?.target.key != poll.target.key { polls.append(poll) }
        return polls
    }
}

extension Unknown {
    /// Refused or timed out: what a running container without an agent looks like.
    var meansSilence: Bool { self == .refused || self == .timeout }

    /// The row names nothing that the token may be sent to.
    var meansNeverAsked: Bool { self == .outsideNetworks || self == .addressUnknown }

    /// Nothing came back at all, for whatever reason on the way.
    var meansNoAnswer: Bool {
        switch self {
        case .refused, .timeout, .unreachable, .connectionLost, .notRead, .internalFault: true
        default: false
        }
    }
}
