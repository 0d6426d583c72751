package import Core

/// What goes wrong in a run that leaves nothing to chance: the fate of each I/O, counted from the first step of the first repair.
package struct Script: Sendable {
    package enum Fate: String, CaseIterable, Sendable {
        /// Nothing was sent, and the process lives.
        case notSent
        /// It had its effect, the answer was lost, and the process lives.
        case answerLost
        /// The process died before it.
        case diedBefore
        /// It had its effect, and the process died before it could write down the answer.
        case diedAfter
        package static let deaths: [Fate] = [.diedBefore, .diedAfter]
    }

    /// Something that happens to the server right before an I/O.
    package enum Interference: String, CaseIterable, Sendable {
        case suspended, deleted, readdressed
        /// Its VMID is another server's by now: one with another host name, or one that wants exactly the same.
        case reused, succeeded
        /// Somebody else undoes whatever stands there.
        case undone
        /// Somebody else makes the address theirs.
        case adopted
        /// Somebody else puts back beside it what stood there, and it is suspended.
        case restored
        /// A person pauses everything, for ten minutes.
        case paused
        /// Somebody works on the operation again.
        case retried
        /// Its job is put back into the queue, of which the row says nothing.
        case requeued
    }

    package var fates: [Int: Fate]
    package var interference: (before: Int, what: Interference)?
    /// From which I/O on the services of the edge answer nobody.
    package var silence: (before: Int, lasts: Span)?
    /// For how long a listing of the public zone still shows what stood there before a change.
    package var lag: Span?
    /// During which I/Os a service refuses every change, and does nothing.
    package var refuses: Range<Int>?
    /// I/Os so far.
    package internal(set) var steps = 0
    var hasBegun = false

    package init(
        fates: [Int: Fate] = [:], interference: (before: Int, what: Interference)? = nil,
        silence: (before: Int, lasts: Span)? = nil, lag: Span? = nil, refuses: Range<Int>? = nil
    ) {
        self.fates = fates
        self.interference = interference
        self.silence = silence
        self.lag = lag
        self.refuses = refuses
    }
}
