package import Core

/// Whoever can look at the planes: the real ones, a recorded estate, a simulated one.
package protocol Observers: Sendable {
    /// Looks once. Never throws: what goes wrong is part of the answer.
    func observe(_ look: Look) async -> Observation
}

/// Time as a round sees it.
package protocol RoundClock: Sendable {
    func now() -> Timestamp
    /// Before a round: what has to be set is.
    ///
    /// - Returns: how far it was from what it is now.
    func settle() async -> Span
    /// Whether what was seen since then is not of one time.
    func isTorn() -> Bool
    /// Returns at `moment`, or early when the task is cancelled.
    func sleep(until moment: Timestamp) async
}

extension RoundClock {
    package func settle() async -> Span { .seconds(0) }
    package func isTorn() -> Bool { false }
}
