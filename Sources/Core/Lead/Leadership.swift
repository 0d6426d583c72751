/// Decides when one process may act: a lease on a lock in Redis, and the one row in the database that counts.
///
/// The lock only keeps two from wanting it at once; it can be lost in a pause, a flush or a failover. What holds is the row:
/// each claim checks epoch and holder in its own transaction. Since a request past its claim can still land, a successor
/// waits for `actDeadline`, and a permit ends before both leases do. Both are counted from before the question was sent.
package struct Leadership: Sendable {
    package let token: LockToken
    package let times: LeadTimes
    var state = State.seeking(next: Moment(microseconds: .min))
    /// When the call that is under way was sent; there is at most one to each side.
    var lockCall: Moment?
    var rowCall: Moment?
    /// The lock may be ours though we do not count on it: it is given back before anything else is asked.
    var owesRelease = false
    var isStopping = false
    /// What is said while there is no tenure.
    var told = LeadStanding.starting
    var rivalry = Rivalry()
    var acts: [Int64: ActPermit] = [:]
    private var permits: Int64 = 0

    package init(token: LockToken, times: LeadTimes) {
        self.token = token
        self.times = times
    }

    enum State: Sendable {
        /// Reads the row at `next`: whoever cannot reach the database leaves the lock to those who can.
        case seeking(next: Moment)
        case asking(LeadRecord, Asking)
        case taking(LeadRecord, Lease)
        case tenure(Tenure)
        case closing(epoch: Int64, next: Moment, tries: Int)
        case releasing(next: Moment, tries: Int)
        case ended
    }

    /// What the lock is asked for.
    enum Asking: Sendable {
        case toHave
        /// It was found to be ours already, after an answer that was lost.
        case toRenew
        /// Only who holds it: a renewal of what is not ours says so and does nothing.
        case toSee
    }

    struct Tenure: Sendable {
        let epoch: Int64
        let since: Moment
        let actFrom: Moment
        var lock: Lease
        var row: Lease
        var until: Moment { min(lock.until, row.until) }
    }

    struct Lease: Sendable {
        var until: Moment
        /// When it is to be renewed.
        var next: Moment
        /// Why the last renewal failed.
        var trouble: String?
    }

    // MARK: Questions

    package func standing(at now: Moment) -> LeadStanding {
        switch state {
        case .ended: return .stopped
        case _ where isStopping: return .stopping
        case .tenure(let tenure):
            if let loss = tenure.loss(at: now) { return .lost(loss) }
            return now < tenure.actFrom
                ? .waiting(epoch: tenure.epoch, until: tenure.actFrom)
                : .leading(epoch: tenure.epoch, since: tenure.actFrom)
        default: return told
        }
    }

    /// Until when an act that begins now has to be over; nil when none may begin, since not all of it would fit.
    package func actLimit(at now: Moment) -> Moment? {
        guard case .tenure(let tenure) = state, !isStopping, now >= tenure.actFrom else { return nil }
        let limit = now + times.actDeadline
        return limit <= tenure.until ? limit : nil
    }

    /// Leave for one act. Whoever gets it reports `.actEnded`: a stop waits for it.
    package mutating func beginAct(at now: Moment) -> ActPermit? {
        guard let until = actLimit(at: now), case .tenure(let tenure) = state else { return nil }
        permits += 1
        let permit = ActPermit(number: permits, epoch: tenure.epoch, holder: token.holder, until: until)
        acts[permits] = permit
        return permit
    }

    // MARK: Events

    package mutating func handle(_ event: LeadEvent, at now: Moment) -> [LeadEffect] {
        if case .ended = state { return [] }
        expire(at: now)
        switch event {
        case .lock(let answer): heard(answer, at: now)
        case .row(let answer): heard(answer, at: now)
        case .woke: break
        case .claimRefused(let epoch):
            if case .tenure(let tenure) = state, tenure.epoch == epoch {
                deposed(tenure, unread: epoch, at: now)
            }
        case .actEnded(let permit): acts[permit.number] = nil
        case .stopAsked: isStopping = true
        }
        return proceed(at: now)
    }

    private mutating func expire(at now: Moment) {
        switch state {
        case .tenure(let tenure):
            if let loss = tenure.loss(at: now) { lose(loss, at: now) }
        case .taking(_, let lock) where lock.until <= now: lose(.pause, at: now)
        default: break
        }
    }

    /// Ends a tenure or the way to it. The lock goes back at once: somebody else may be able to lead.
    private mutating func lose(_ loss: LeadStanding.Loss, at now: Moment) {
        told = .lost(loss)
        owesRelease = true
        state = .seeking(next: now + times.pollEvery)
    }

    /// The row names another one, though a tenure of ours was never closed.
    ///
    /// - Parameter epoch: where nobody has read whom it names.
    private mutating func deposed(_ tenure: Tenure, unread epoch: Int64? = nil, at now: Moment) {
        rivalry.deposed(after: now - tenure.since, unread: epoch, times)
        lose(.deposed, at: now)
    }

    private mutating func heard(_ answer: LockAnswer, at now: Moment) {
        guard let sent = lockCall else { return }
        lockCall = nil
        if answer == .released { owesRelease = false }
        switch (state, answer) {
        case (.asking(_, .toSee), .renewed):
            // An old question of ours has taken it after all.
            owesRelease = true
            state = .seeking(next: now + times.pollEvery)
        case (.asking(let row, _), .acquired), (.asking(let row, _), .renewed):
            state = .taking(row, Lease(sent: sent, times))
            expire(at: now)
        case (.asking(let row, .toHave), .refused(let holder)) where holder.who == .controller(token):
            state = .asking(row, .toRenew)
        case (.asking(let row, _), .refused(let holder)):
            rivalry.saw(holder, row)
            told = toldOf(holder, at: now)
            state = .seeking(next: now + times.pollEvery)
        case (.asking, .failed(let why)): lose(.redis(why), at: now)
        case (.tenure(var tenure), .renewed):
            tenure.lock.renewed(sent: sent, times)
            state = .tenure(tenure)
        case (.tenure, .refused(let holder)):
            lose(.lock(holder), at: now)
            owesRelease = false
        case (.seeking, .released):
            if let until = rivalry.lockWasOurs(at: now, times) { told = .rival(until: until) }
        case (.tenure(var tenure), .failed(let why)):
            tenure.lock.failed(why, next: now + times.retryEvery)
            state = .tenure(tenure)
        case (.releasing, .released), (.releasing, .refused): state = .ended
        case (.releasing(_, let tries), .failed):
            state = tries < 2 ? .releasing(next: now + times.retryEvery, tries: tries + 1) : .ended
        // A release that failed is not repeated: the key runs out by itself, and is found to be ours before that.
        case (.seeking, .failed), (.seeking, .refused):
            owesRelease = false
            rivalry.lockWasLost()
        default: break
        }
    }

    private mutating func heard(_ answer: RowAnswer, at now: Moment) {
        guard let sent = rowCall else { return }
        rowCall = nil
        switch (state, answer) {
        // An answer to what a former tenure asked says nothing new.
        case (.seeking(let next), .read(let row)) where next <= now && lockCall == nil && !owesRelease:
            rivalry.read(row)
            state = .asking(row, rivalry.leaves(row, to: token.holder, at: now) ? .toSee : .toHave)
        case (.seeking, .failed(let why)):
            told = .lost(.database(why))
            state = .seeking(next: now + times.pollEvery)
        case (.seeking, .outdated(let why)):
            told = .lost(.schema(why))
            state = .seeking(next: now + times.pollEvery)
        // Of a row in other hands, since whoever holds it has looked before: there is nothing to be renewed.
        case (.tenure, .outdated(let why)): lose(.schema(why), at: now)
        case (.taking(_, let lock), .taken(let epoch, let predecessorClosed)):
            rivalry.tookRow()
            state = .tenure(
                Tenure(
                    epoch: epoch, since: now, actFrom: predecessorClosed ? now : now + times.actDeadline, lock: lock,
                    row: Lease(sent: sent, times)))
            expire(at: now)
        case (.taking, .refused): lose(.deposed, at: now)
        case (.taking, .failed(let why)): lose(.database(why), at: now)
        case (.tenure(var tenure), .read(let row)):
            if row.epoch == tenure.epoch, row.holder == token.holder, !row.isClosed {
                tenure.row.renewed(sent: sent, times)
                state = .tenure(tenure)
            } else if row.epoch > tenure.epoch {
                deposed(tenure, at: now)
            } else {
                // Nobody has taken it: a database that failed over has forgotten that we did, or the row was closed by hand.
                lose(.deposed, at: now)
            }
        case (.tenure(var tenure), .failed(let why)):
            tenure.row.failed(why, next: now + times.retryEvery)
            state = .tenure(tenure)
        case (.closing, .closed), (.closing, .refused): state = .releasing(next: now, tries: 0)
        case (.closing(let epoch, _, let tries), .failed):
            state =
                tries < 2
                ? .closing(epoch: epoch, next: now + times.retryEvery, tries: tries + 1)
                : .releasing(next: now, tries: 0)
        default: break
        }
    }

    private func toldOf(_ holder: LockHolder, at now: Moment) -> LeadStanding {
        switch holder.who {
        case .nobody: rivalry.until.flatMap { now < $0 ? .rival(until: $0) : nil } ?? told
        case .controller(let other) where other.id == token.id: .standby(holder)
        default: .foreign(holder)
        }
    }
}

extension Leadership.Tenure {
    func loss(at now: Moment) -> LeadStanding.Loss? {
        if lock.until <= now { return lock.trouble.map { .redis($0) } ?? .pause }
        if row.until <= now { return row.trouble.map { .database($0) } ?? .pause }
        return nil
    }
}

extension Leadership.Lease {
    init(sent: Moment, _ times: LeadTimes) {
        self.init(until: sent + times.ttl, next: sent + times.renewEvery)
    }

    mutating func renewed(sent: Moment, _ times: LeadTimes) {
        until = max(until, sent + times.ttl)
        next = sent + times.renewEvery
        trouble = nil
    }

    mutating func failed(_ why: String, next: Moment) {
        self.next = next
        trouble = why
    }
}
