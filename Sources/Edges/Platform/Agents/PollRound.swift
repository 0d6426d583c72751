import Core
import Curl

/// One reading of all agents: who is asked next, and what those have answered who were asked.
///
/// Whoever has asked one agent takes the next one from here by itself. Waking the task that began the reading for each of
/// thousands of answers would cost as much as the asking.
final class PollRound: Sendable {
    private struct State: Sendable {
        var lanes: PollLanes
        var answers: [AgentReading.Answer]
    }

    let hosts: [(text: String, number: UInt32)]
    let bearer: Secret<String>
    let begun: ContinuousClock.Instant
    let fast: Span
    let slow: Span
    private let time: ReadingTime
    private let deadline: ContinuousClock.Instant
    private let state: Locked<State>

    /// - Parameters:
    ///   - fast: how long one agent is waited for in the fast lane; `slow`, in the slow one.
    ///   - time: over how long the polls begin, evenly, and when the reading ends at the latest.
    ///   - limit: how many are asked at once, in each lane.
    init(
        hosts: [(text: String, number: UInt32)], bearer: Secret<String>, fast: Span, slow: Span, time: ReadingTime,
        limit: Int
    ) {
        self.hosts = hosts
        self.bearer = bearer
        self.fast = fast
        self.slow = slow
        self.time = time
        begun = ContinuousClock.now
        deadline = begun + .microseconds(time.whole.microseconds)
        state = Locked(
            State(
                lanes: PollLanes(count: hosts.count, limit: limit), answers: hosts.map { _ in .failed(.notRead) }))
    }

    var answers: [AgentReading.Answer] { state.withLock { $0.answers } }

    func timeout(in lane: PollLanes.Lane) -> Span { lane == .fast ? fast : slow }

    /// How long after the begin a poll has its turn. Who is asked again for being slow has had it.
    func turn(of start: PollLanes.Start) -> Duration {
        guard start.lane == .fast, time.over.microseconds > 0 else { return .zero }
        return .microseconds(time.over.microseconds * Int64(start.index) / Int64(max(1, hosts.count)))
    }

    /// The next one to ask now; nil while the lanes are full, or when all have had their turn.
    func next() -> PollLanes.Start? {
        let now = ContinuousClock.now
        return state.withLock { next(&$0, now) }
    }

    /// Writes down an answer.
    ///
    /// - Returns: whom to ask in its place. Nil after a late one, too: two places may have become free then, one in each lane.
    func ended(_ start: PollLanes.Start, _ answer: AgentReading.Answer) -> PollLanes.Start? {
        let isLate = start.lane == .fast && fast < slow && answer == .failed(.timeout)
        let now = ContinuousClock.now
        return state.withLock { state in
            state.answers[start.index] = answer
            state.lanes.ended(start, isLate: isLate)
            return isLate ? nil : next(&state, now)
        }
    }

    private func next(_ state: inout State, _ now: ContinuousClock.Instant) -> PollLanes.Start? {
        while let start = state.lanes.next() {
            // A poll that cannot have its whole time is none: its end would look like silence.
            if now + .microseconds(timeout(in: start.lane).microseconds) <= deadline { return start }
            state.lanes.ended(start, isLate: false)
            state.answers[start.index] = .failed(.notRead)
        }
        return nil
    }
}
