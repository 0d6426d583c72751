/// When the rounds of a daemon begin: a cycle after each other, and sooner where somebody waits for one.
struct Cadence: Equatable, Sendable {
    /// How long nothing is hurried once the public zone could not be looked at for want of calls. A cycle of 60 s gains twelve, and a
    /// zone of four pages takes eight for two looks: one cycle alone would leave the round after it short again, and what has to be
    /// seen in two rounds in a row never was.
    static let rest = Span.minutes(5)

    /// Rounds that are given up in a row. With the end of the third they take less than two minutes: see `DaemonStatus.standstill`.
    static let mostGivenUp = 2

    private let cycle: Span
    private var dueAt: Timestamp?
    /// When a round begins because somebody waits for it.
    private var hurriedAt: Timestamp?
    private var haste: Haste
    /// Until when rounds begin at their own pace alone.
    private var restsUntil: Timestamp?
    private var begunAt: Timestamp?
    /// Rounds in a row that were given up.
    private var givenUp = 0
    /// Rounds in a row in whose middle a clock was set.
    private var tornInRow = 0
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
        // One that is due while nothing is hurried spares whom it asks.
        isHurried = hurriedAt != nil && rest(at: now) == nil
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
        hurriedAt = max(now + Haste.gathering, pause, haste.soonest(at: now), rest(at: now) ?? now)
        return true
    }

    /// The rounds that are due by the clock and no others, for a while: hurried ones would use up again and again what one of them needs.
    mutating func rest(at now: Timestamp) {
        let until = now + Cadence.rest
        restsUntil = until
        hurriedAt = hurriedAt.map { max($0, until) }
    }

    /// When the rest that goes on has an end; one that a clock set back has made longer is none.
    private func rest(at now: Timestamp) -> Timestamp? {
        restsUntil.flatMap { $0 > now && $0 - now <= Cadence.rest ? $0 : nil }
    }

    /// Whether the round that runs is given up for what has changed, whichever it is and however far: a row becomes ready a second after it
    /// was inserted, and whoever changed it waits. Some come to their end all the same, so that changes cannot keep all of them from
    /// it: one after two that were given up, one that has gone on for long, and any where there were too many changes of late.
    mutating func givesWay(at now: Timestamp) -> Bool {
        guard givenUp < Cadence.mostGivenUp, let begunAt, now - begunAt < Round.lookDeadline,
            haste.soonest(at: now) <= now, rest(at: now) == nil
        else { return false }
        givenUp += 1
        return true
    }

    /// A round has come to its end.
    mutating func ended() { (givenUp, tornInRow) = (0, 0) }

    /// A round counts for nothing: another in a second, and in twice as long each time that the clock is set again, a minute at most.
    mutating func torn(at now: Timestamp) {
        tornInRow += 1
        let moment = now + .seconds(min(60, 1 << min(tornInRow - 1, 6)))
        (dueAt, hurriedAt) = (moment, nil)
    }

    /// The next one within a second, at its own pace: what was done is confirmed soon.
    mutating func bringForward(at now: Timestamp) { dueAt = min(dueAt ?? now, now + .seconds(1)) }

    /// When the next one is due; not later than a cycle from now, though the clock was set back.
    func next(at now: Timestamp) -> Timestamp {
        let soonest = min(dueAt ?? now, hurriedAt ?? dueAt ?? now)
        return min(max(soonest, now), now + cycle)
    }
}
