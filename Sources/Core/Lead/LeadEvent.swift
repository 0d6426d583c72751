/// What happened to a process that leads or would like to.
package enum LeadEvent: Hashable, Sendable {
    /// The answer to the one call to Redis that is under way.
    case lock(LockAnswer)
    /// The answer to the one call to the database that is under way.
    case row(RowAnswer)
    /// A moment that was asked for has come, or any other.
    case woke
    /// A claim found that the row names another epoch or holder.
    case claimRefused(epoch: Int64)
    /// An act is over: what it asked for was answered, or was never sent.
    case actEnded(ActPermit)
    case stopAsked
}

package enum LockAnswer: Hashable, Sendable {
    case acquired
    case renewed
    case released
    /// It is not ours. For a release that is as good as released.
    case refused(LockHolder)
    /// No answer, or none that says anything: the call may have had its effect.
    case failed(String)
}

package enum RowAnswer: Hashable, Sendable {
    case read(LeadRecord)
    /// The schema lacks what this program reads and writes, and says so in one line: whoever led with it would fail in each round.
    case outdated(String)
    case taken(epoch: Int64, predecessorClosed: Bool)
    /// The row has moved since it was read.
    case refused
    case closed
    /// No answer, or none that says anything: the call may have had its effect.
    case failed(String)
}

/// The leadership row as it was read.
package struct LeadRecord: Hashable, Sendable {
    package var epoch: Int64
    package var holder: HolderID?
    package var isClosed: Bool

    package init(epoch: Int64, holder: HolderID?, isClosed: Bool) {
        self.epoch = epoch
        self.holder = holder
        self.isClosed = isClosed
    }
}

/// What has to be done. Each call is answered by exactly one event, within `LeadTimes.callTimeout`.
package enum LeadEffect: Hashable, Sendable {
    case acquireLock
    case renewLock
    case releaseLock
    case readRow
    /// Only while the row still has this epoch: a process that was frozen just before cannot depose whoever came after it.
    case takeRow(after: Int64)
    case closeRow(epoch: Int64)
    /// Another `woke` is due then. A later one replaces none.
    case wake(at: Moment)
    /// Stopped: nothing follows.
    case ended
}

/// Leave to act once. The claim names `epoch` and `holder`; the act has landed or been given up by `until`.
package struct ActPermit: Hashable, Sendable {
    package let number: Int64
    package let epoch: Int64
    package let holder: HolderID
    package let until: Moment

    package init(number: Int64, epoch: Int64, holder: HolderID, until: Moment) {
        self.number = number
        self.epoch = epoch
        self.holder = holder
        self.until = until
    }
}
