package import Core

/// Carries one round to its end: hands events to the ``Controller``, looks where it asks, and wakes it.
///
/// Everything that was begun for the round has ended when this returns, so that nothing of it can reach the next one. A round
/// that is cancelled has no outcome.
package struct RoundRun: Sendable {
    private let observers: any Observers
    private let clock: any RoundClock
    private let progress: @Sendable (Progress) -> Void

    package enum Progress: Sendable {
        case looking(Look)
        case looked(Look)
        case waitingForSecondLook
    }

    /// How a round ended, and what is to be done now.
    package struct End: Sendable {
        package var controller: Controller
        package var outcome: Outcome?
        package var effects: [Effect]
    }

    package init(
        observers: any Observers, clock: any RoundClock, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.observers = observers
        self.clock = clock
        self.progress = progress
    }

    package func run(_ controller: Controller, _ event: Event) async -> End {
        await withTaskGroup(of: Event.self) { group in
            var end = End(controller: controller, outcome: nil, effects: [])
            func carryOut(_ effects: [Effect]) {
                for effect in effects {
                    switch effect {
                    case .observe(let look):
                        progress(.looking(look))
                        group.addTask {
                            let observation = await observers.observe(look)
                            progress(.looked(look))
                            return .observed(observation)
                        }
                    case .wake(let wake, let moment) where wake != .cycle:
                        if wake == .secondLook { progress(.waitingForSecondLook) }
                        group.addTask {
                            await clock.sleep(until: moment)
                            return .woke(wake)
                        }
                    case .tell(let outcome): end.outcome = outcome
                    case .wake, .recall, .journal, .repair, .redeem: end.effects.append(effect)
                    }
                }
            }

            carryOut(end.controller.handle(event, at: clock.now()))
            while end.outcome == nil, let event = await group.next() {
                // Who cancels wakes all who sleep: what they say then is not the time.
                if Task.isCancelled { break }
                carryOut(end.controller.handle(event, at: clock.now()))
            }
            group.cancelAll()
            return end
        }
    }
}
