package import Core

/// Whoever can look at the planes: the real ones, a recorded estate, a simulated one.
package protocol Observers: Sendable {
    /// Looks once. Never throws: what goes wrong is part of the answer.
    func observe(_ look: Look) async -> Observation
}

/// Time as a round sees it.
package protocol RoundClock: Sendable {
    func now() -> Timestamp
    /// Returns at `moment`, or early when the task is cancelled.
    func sleep(until moment: Timestamp) async
}
