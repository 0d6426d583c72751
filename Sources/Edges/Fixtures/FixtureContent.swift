package import Core

extension Fixture {
    /// What a look at one plane sees in it.
    package func content(_ look: Core.Look) -> Observation.Content {
        // A fixture with one look stands still: whoever looks again sees the same.
        let seen = looks.prefix(look.number).reversed()
        let missing = ReadFailure(
            .notRead, "the fixture holds no reading of \(look.plane.rawValue)", at: capturedAt)
        switch look.plane {
        case .proxmox: return .proxmox(seen.compactMap(\.proxmox).first ?? .failure(missing))
        case .publicDNS: return .publicZone(seen.compactMap(\.publicZone).first ?? .failure(missing))
        case .internalDNS: return .internalZone(seen.compactMap(\.internalZone).first ?? .failure(missing))
        case .agents: return .agents(seen.compactMap(\.agents).first ?? .failure(missing))
        case .velocity: return .velocity(seen.compactMap(\.velocity).first ?? .failure(missing))
        case .queues: return .queues(seen.compactMap(\.queues).first ?? .failure(missing))
        case .database: return .desired(seen.first?.desired ?? .failure(missing))
        }
    }
}
