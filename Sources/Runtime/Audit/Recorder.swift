package import Core
package import Fixtures

/// Passes each look on and keeps what it saw, for `capture`.
package actor Recorder: Observers {
    private let inner: any Observers
    private var observations: [(Look, Observation)] = []

    package init(_ inner: any Observers) { self.inner = inner }

    package nonisolated func observe(_ look: Look) async -> Observation {
        let observation = await inner.observe(look)
        await keep(look, observation)
        return observation
    }

    private func keep(_ look: Look, _ observation: Observation) {
        // Another round: what was seen before it is of another time.
        if look.plane == .database, look.number == 1 { observations = [] }
        observations.append((look, observation))
    }

    /// What was seen, or nil when the desired state was never read.
    package func fixture(settings: PipelineSettings, capturedAt: Timestamp) -> Fixture? {
        let looks = [1, 2].compactMap { number -> Fixture.Look? in
            let seen = observations.filter { $0.0.number == number }.map(\.1.content)
            var look: Fixture.Look?
            for case .desired(let desired) in seen { look = Fixture.Look(desired: desired) }
            for content in seen {
                switch content {
                case .desired: break
                case .proxmox(let reading): look?.proxmox = reading
                case .publicZone(let reading): look?.publicZone = reading
                case .internalZone(let reading): look?.internalZone = reading
                case .agents(let reading): look?.agents = reading
                case .velocity(let reading): look?.velocity = reading
                case .queues(let reading): look?.queues = reading
                }
            }
            return look
        }
        return looks.isEmpty ? nil : Fixture(capturedAt: capturedAt, settings: settings, looks: looks)
    }
}
