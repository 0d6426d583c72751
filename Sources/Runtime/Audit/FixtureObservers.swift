package import Core
package import Fixtures

/// A recorded estate in the place of the real planes.
package struct FixtureObservers: Observers {
    private let fixture: Fixture

    package init(_ fixture: Fixture) { self.fixture = fixture }

    package func observe(_ look: Look) async -> Observation {
        Observation(look: look.number, content: content(look))
    }

    private func content(_ look: Look) -> Observation.Content {
        // A fixture with one look stands still: whoever looks again sees the same.
        let looks = fixture.looks.prefix(look.number).reversed()
        let missing = ReadFailure(
            .notRead, "the fixture holds no reading of \(look.plane.rawValue)", at: fixture.capturedAt)
        switch look.plane {
        case .proxmox: return .proxmox(looks.compactMap(\.proxmox).first ?? .failure(missing))
        case .publicDNS: return .publicZone(looks.compactMap(\.publicZone).first ?? .failure(missing))
        case .internalDNS: return .internalZone(looks.compactMap(\.internalZone).first ?? .failure(missing))
        case .agents: return .agents(looks.compactMap(\.agents).first ?? .failure(missing))
        case .velocity: return .velocity(looks.compactMap(\.velocity).first ?? .failure(missing))
        case .queues: return .queues(looks.compactMap(\.queues).first ?? .failure(missing))
        case .database: return .desired(looks.first?.desired ?? .failure(missing))
        }
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
