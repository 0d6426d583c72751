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
        /// Somebody else undoes whatever stands there.
        case undone
        /// Somebody works on the operation again.
        case retried
        /// Its job is put back into the queue, of which the row says nothing.
        case requeued
    }

    package var fates: [Int: Fate]
    package var interference: (before: Int, what: Interference)?
    /// From which I/O on the services of the edge answer nobody.
    package var silence: (before: Int, lasts: Span)?
    /// I/Os so far.
    package internal(set) var steps = 0
    var hasBegun = false

    package init(
        fates: [Int: Fate] = [:], interference: (before: Int, what: Interference)? = nil,
        silence: (before: Int, lasts: Span)? = nil
    ) {
        self.fates = fates
        self.interference = interference
        self.silence = silence
    }
}
