package import Core

/// Runs one audit: hands events to the ``Controller`` and carries out what it asks for, until it tells how the round ended.
///
/// An audit observes and tells. An effect that would change anything cannot reach this type: there is no case for it.
package struct AuditRun: Sendable {
    private let observers: any Observers
    private let clock: any RoundClock
    private let progress: @Sendable (Progress) -> Void

    package enum Progress: Sendable {
        case looking(Look)
        case looked(Look)
        case waitingForSecondLook
    }

    package init(
        observers: any Observers, clock: any RoundClock, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.observers = observers
        self.clock = clock
        self.progress = progress
    }

    package func run(_ controller: Controller, _ request: Request = .audit) async -> Outcome {
        var controller = controller
        return await withTaskGroup(of: Event.self) { group in
            func carryOut(_ effects: [Effect]) -> Outcome? {
                for effect in effects {
                    switch effect {
                    case .observe(let look):
                        progress(.looking(look))
                        group.addTask {
                            let observation = await observers.observe(look)
                            progress(.looked(look))
                            return .observed(observation)
                        }
                    case .wake(let wake, let moment):
                        if wake == .secondLook { progress(.waitingForSecondLook) }
                        group.addTask {
                            await clock.sleep(until: moment)
                            return .woke(wake)
                        }
                    case .tell(let outcome): return outcome
                    }
                }
                return nil
            }

            var outcome = carryOut(controller.handle(.operatorAsked(request), at: clock.now()))
            while outcome == nil, let event = await group.next() {
                outcome = carryOut(controller.handle(event, at: clock.now()))
            }
            group.cancelAll()
            return outcome
                ?? .desiredUnreadable(
                    ReadFailure(.internalFault, "the round ended without an outcome", at: clock.now()))
        }
    }
}
