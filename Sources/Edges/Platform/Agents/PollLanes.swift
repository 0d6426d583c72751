/// Who is asked next, as a value: two lanes with a limit each, so that the dead never delay the living.
///
/// Everybody is asked in the fast lane first, where an answer has to come quickly. Who is late leaves it and is asked again in
/// the slow lane, with the whole timeout. However many of them hang, the fast lane moves on.
struct PollLanes {
    enum Lane: Sendable { case fast, slow }

    struct Start: Equatable, Sendable {
        /// Which of the agents.
        var index: Int
        var lane: Lane
    }

    private let count: Int
    private let limit: Int
    private var nextFast = 0
    private var slow: [Int] = []
    private var nextSlow = 0
    private var runningFast = 0
    private var runningSlow = 0

    /// - Parameter limit: how many are asked at once, in each lane.
    init(count: Int, limit: Int) {
        self.count = count
        self.limit = max(1, limit)
    }

    /// The next one to ask now; nil while the lanes are full, or when all have been started.
    mutating func next() -> Start? {
        if nextFast < count, runningFast < limit {
            runningFast += 1
            nextFast += 1
            return Start(index: nextFast - 1, lane: .fast)
        }
        if nextSlow < slow.count, runningSlow < limit {
            runningSlow += 1
            nextSlow += 1
            return Start(index: slow[nextSlow - 1], lane: .slow)
        }
        return nil
    }

    /// - Parameter isLate: no answer yet; only in the fast lane does that lead to another try.
    mutating func ended(_ start: Start, isLate: Bool) {
        switch start.lane {
        case .fast:
            runningFast -= 1
            if isLate { slow.append(start.index) }
        case .slow: runningSlow -= 1
        }
    }
}
