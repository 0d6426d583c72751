package import Core
package import Fixtures

/// A recorded estate in the place of the real planes.
package struct FixtureObservers: Observers {
    private let fixture: Fixture

    package init(_ fixture: Fixture) { self.fixture = fixture }

    package func observe(_ look: Look) async -> Observation {
        Observation(look: look.number, content: fixture.content(look))
    }
}

/// Time that stands at the moment of the capture and jumps when somebody waits: a recorded estate needs no patience.
package struct FixtureClock: RoundClock {
    private let start: Timestamp

    package init(_ start: Timestamp) { self.start = start }

    package func now() -> Timestamp { start }

    package func sleep(until moment: Timestamp) async {
        // Only the second look is ever waited for; the deadline of a round that nothing delays never comes.
        guard moment - start > Round.secondLookAfter else { return }
        do {
            try await Task.sleep(for: .seconds(60))
        } catch {
            // Cancelled with the end of the round.
        }
    }
}
