/// When the rounds of a daemon begin: a cycle after each other, and sooner where somebody waits for one.
struct Cadence: Equatable, Sendable {
    private let cycle: Span
    private var dueAt: Timestamp?
    /// When a round begins because somebody waits for it.
    private var hurriedAt: Timestamp?
    private var haste: Haste
    private var begunAt: Timestamp?
    /// Whether the last round began because somebody waits for it.
    private(set) var isHurried = false
    /// Since when what is much is counted: a cycle at most.
    private var countsFrom: Timestamp?

    init(cycle: Span) {
        self.cycle = cycle
        haste = Haste(cycle: cycle)
    }

    /// - Returns: whether a new count of what is much begins with it.
    mutating func begins(at now: Timestamp) -> Bool {
        isHurried = hurriedAt != nil
        if isHurried { haste.begins(at: now) }
        hurriedAt = nil
        begunAt = now
        dueAt = now + cycle
        if let countsFrom, countsFrom <= now, now - countsFrom < cycle { return false }
        countsFrom = now
        return true
    }

    /// A round soon: what changes comes seldom alone, and what belongs together is looked at together.
    ///
    /// - Returns: whether there was none to come soon.
    mutating func hurry(at now: Timestamp) -> Bool {
        guard hurriedAt == nil else { return false }
        // Never later than that, though the clock was set back.
        let pause = begunAt.map { min($0 + Haste.shortest, now + Haste.shortest) } ?? now
        hurriedAt = max(now + Haste.gathering, pause, haste.soonest(at: now))
        return true
    }

    /// Whether the round that runs is given up for what has changed. One that began for a change comes to its end, so that changes
    /// cannot keep all of them from it; and so does any where there were too many changes of late.
    func givesWay(at now: Timestamp) -> Bool { !isHurried && haste.soonest(at: now) <= now }

    /// The next one within a second, at its own pace: what was done is confirmed soon.
    mutating func bringForward(at now: Timestamp) { dueAt = min(dueAt ?? now, now + .seconds(1)) }

    /// When the next one is due; not later than a cycle from now, though the clock was set back.
    func next(at now: Timestamp) -> Timestamp {
        let soonest = min(dueAt ?? now, hurriedAt ?? dueAt ?? now)
        return min(max(soonest, now), now + cycle)
    }
}
