/// What the agents said in the rounds before: for a round that asks only those whose rows have changed.
package struct KeptPolls: Equatable, Sendable {
    /// Sorted by the rows' keys, one each; each says when it was asked.
    private let polls: [AgentReading.Poll]

    /// Nil where the agents were not read.
    init?(_ facts: Facts) {
        guard let agents = facts.agents.latest.value else { return nil }
        let wasAskedTwice = facts.isConfirming && facts.agents.earlier?.value != nil && facts.agents.unconfirmed == nil
        polls = agents.polls.map { poll in
            if poll.earlier != nil { return poll }
            var poll = poll
            poll.earlier = AgentReading.Earlier(at: agents.observedAt, looks: 1)
            guard case .failed(let reason) = poll.answer, reason.meansSilence else { return poll }
            // Silence that was heard once is no silence.
            if wasAskedTwice { poll.earlier?.looks = 2 } else { poll.answer = .failed(.notConfirmed) }
            return poll
        }
    }

    /// Those of which nothing is to be asked now: what they said at the same address is not older than `longest`.
    func answered(_ targets: [AgentTarget], at now: Timestamp, longest: Span) -> [AgentReading.Poll] {
        var known: [AgentReading.Poll] = []
        var place = 0
        for target in targets.sorted(by: { $0.key < $1.key }) {
            while place < polls.count, polls[place].target.key < target.key { place += 1 }
            guard place < polls.count, polls[place].target == target, let earlier = polls[place].earlier else {
                continue
            }
            if now >= earlier.at, now - earlier.at <= longest { known.append(polls[place]) }
        }
        return known
    }
}
