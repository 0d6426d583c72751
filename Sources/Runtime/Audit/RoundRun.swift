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
        /// It was given up for a change: what it asked has ended, and nothing of it is believed.
        package var gaveWay = false
        /// What the database said has changed while it ran.
        package var heard: Changed?
        package var effects: [Effect]
    }

    package init(
        observers: any Observers, clock: any RoundClock, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.observers = observers
        self.clock = clock
        self.progress = progress
    }

    private enum Input: Sendable {
        case event(Event)
        /// Something has changed, and is still to be taken up: what is heard too late for this round is left for the next.
        case rang
    }

    /// - Parameter arrivals: what the database says has changed while the round runs.
    package func run(_ controller: Controller, _ event: Event, arrivals: Arrivals? = nil) async -> End {
        await withTaskGroup(of: Input?.self) { group in
            var end = End(controller: controller, outcome: nil, effects: [])
            func carryOut(_ effects: [Effect]) {
                for effect in effects {
                    switch effect {
                    case .observe(let look):
                        progress(.looking(look))
                        group.addTask {
                            let observation = await observers.observe(look)
                            progress(.looked(look))
                            return .event(.observed(observation))
                        }
                    case .wake(let wake, let moment) where wake != .cycle:
                        if wake == .secondLook { progress(.waitingForSecondLook) }
                        group.addTask {
                            await clock.sleep(until: moment)
                            return .event(.woke(wake))
                        }
                    case .tell(let outcome): end.outcome = outcome
                    case .giveWay: end.gaveWay = true
                    case .wake, .recall, .journal, .repair, .redeem: end.effects.append(effect)
                    }
                }
            }

            let rings = arrivals?.listen()
            func listen() {
                guard let rings else { return }
                group.addTask {
                    for await _ in rings { return .rang }
                    return nil
                }
            }

            carryOut(end.controller.handle(event, at: clock.now()))
            listen()
            while end.outcome == nil, !end.gaveWay, let input = await group.next() {
                // Who cancels wakes all who sleep: what they say then is not the time.
                if Task.isCancelled { break }
                switch input {
                case .event(let event): carryOut(end.controller.handle(event, at: clock.now()))
                case .rang:
                    if let changed = arrivals?.take() {
                        end.heard = changed.joined(end.heard)
                        carryOut(end.controller.handle(.desiredChanged(changed), at: clock.now()))
                    }
                    listen()
                case nil: break
                }
            }
            group.cancelAll()
            return end
        }
    }
}
