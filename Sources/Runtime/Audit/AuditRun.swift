package import Core

/// Runs one audit: one round of a ``Controller`` that has no duty. Such a controller observes and tells; it never asks for
/// anything that writes, and nothing here could do it.
package struct AuditRun: Sendable {
    private let round: RoundRun
    private let clock: any RoundClock

    package init(
        observers: any Observers, clock: any RoundClock,
        progress: @escaping @Sendable (RoundRun.Progress) -> Void = { _ in }
    ) {
        round = RoundRun(observers: observers, clock: clock, progress: progress)
        self.clock = clock
    }

    package func run(_ controller: Controller, _ request: Request = .audit) async -> Outcome {
        var outcome = await round.run(controller, .operatorAsked(request)).outcome
        if clock.isTorn() {
            // What was seen before and after it is not of one time.
            _ = await clock.settle()
            outcome = await round.run(controller, .operatorAsked(request)).outcome
            if clock.isTorn() {
                let why = "a clock of this machine was set during the round, twice"
                return .desiredUnreadable(ReadFailure(.internalFault, why, at: clock.now()))
            }
        }
        return outcome
            ?? .desiredUnreadable(
                ReadFailure(.internalFault, "the round ended without an outcome", at: clock.now()))
    }
}
