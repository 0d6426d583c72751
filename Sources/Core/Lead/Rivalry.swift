/// What a process knows of another one that takes the row without ever wanting its lock: the two have two locks.
///
/// Nothing but the lock keeps two from wanting the row at once. Two that do not share it would depose each other at each look, and
/// neither would ever act. So whoever is deposed while its own lock is still its own leaves the row to the other one for a while,
/// each time for longer.
struct Rivalry: Sendable {
    /// A tenure ended by the row alone; what becomes of the lock tells whether it was still ours.
    private var isSuspected = false
    /// The epoch in which a transaction was refused, while nobody has read yet whom the row names.
    private var unread: Int64?
    /// How long the row was left to the other one last.
    private var pause: Span?
    /// Until when it is left to it.
    private(set) var until: Moment?

    /// - Parameters:
    ///   - lasted: how long the tenure was that ended. Who waits out the longest pause would have ended a longer one before.
    ///   - epoch: of that tenure, where only a refusal says that it has ended: a database that failed over may have forgotten it.
    mutating func deposed(after lasted: Span, unread epoch: Int64? = nil, _ times: LeadTimes) {
        (isSuspected, unread) = (true, epoch)
        if lasted.microseconds > 2 * times.longestPause.microseconds { pause = nil }
    }

    /// The lock was ours until it was given back: whoever took the row has never had it.
    ///
    /// - Returns: until when the row is left to it; nil when it was not the row that ended the tenure.
    mutating func lockWasOurs(at now: Moment, _ times: LeadTimes) -> Moment? {
        guard isSuspected else { return nil }
        isSuspected = false
        let next = pause.map { min(Span(microseconds: 2 * $0.microseconds), times.longestPause) } ?? times.firstPause
        (pause, until) = (next, now + next)
        return unread == nil ? until : nil
    }

    /// Whom the row names. One that is no newer than a tenure of ours was taken by nobody: what refused us has forgotten it.
    mutating func read(_ row: LeadRecord) {
        defer { unread = nil }
        if let unread, row.epoch <= unread { (pause, until, isSuspected) = (nil, nil, false) }
    }

    /// The lock was gone, as where a shared one was flushed; or nobody knows.
    mutating func lockWasLost() { isSuspected = false }

    /// Whom the row names has our lock, too: it is one lock after all, and what is waited for is that.
    mutating func saw(_ holder: LockHolder, _ row: LeadRecord) {
        if case .controller(let token) = holder.who, token.holder == row.holder { self = Rivalry() }
    }

    mutating func tookRow() { until = nil }

    /// Whether `row` is left to whom it names. One that is closed, or our own, is nobody else's.
    func leaves(_ row: LeadRecord, to own: HolderID, at now: Moment) -> Bool {
        guard let until, now < until else { return false }
        return !row.isClosed && row.holder != own
    }
}
