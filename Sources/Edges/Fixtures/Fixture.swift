package import Core

/// A recorded estate: the settings that matter, and what each look of one round saw. `audit --fixture` decides on it without a
/// server and without a network. No secret and no payload is ever part of it.
package struct Fixture: Equatable, Sendable {
    package static let version = 1

    /// What one look of a round read. Nil where a plane was not looked at.
    package struct Look: Equatable, Sendable {
        package var desired: Result<DesiredState, ReadFailure>
        package var proxmox: Result<ProxmoxReading, ReadFailure>?
        package var publicZone: Result<ZoneReading, ReadFailure>?
        package var internalZone: Result<TechnitiumReading, ReadFailure>?
        package var agents: Result<AgentReading, ReadFailure>?
        package var velocity: Result<VelocityReading, ReadFailure>?
        package var queues: Result<QueueReading, ReadFailure>?

        package init(
            desired: Result<DesiredState, ReadFailure>, proxmox: Result<ProxmoxReading, ReadFailure>? = nil,
            publicZone: Result<ZoneReading, ReadFailure>? = nil,
            internalZone: Result<TechnitiumReading, ReadFailure>? = nil,
            agents: Result<AgentReading, ReadFailure>? = nil, velocity: Result<VelocityReading, ReadFailure>? = nil,
            queues: Result<QueueReading, ReadFailure>? = nil
        ) {
            self.desired = desired
            self.proxmox = proxmox
            self.publicZone = publicZone
            self.internalZone = internalZone
            self.agents = agents
            self.velocity = velocity
            self.queues = queues
        }
    }

    package var capturedAt: Timestamp
    package var settings: PipelineSettings
    /// One, or two where suspicious absences were looked at again.
    package var looks: [Look]

    package init(capturedAt: Timestamp, settings: PipelineSettings, looks: [Look]) {
        self.capturedAt = capturedAt
        self.settings = settings
        self.looks = looks
    }
}

/// A fixture that cannot be read or written.
package struct FixtureError: Error, Equatable, CustomStringConvertible {
    package var path: String
    package var message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { "fixture \(path): \(message)" }
}
