package import Core
import Platform
import Postgres
import Settings

/// The real planes.
package struct LiveObservers: Observers {
    private let installation: Installation

    package init(_ installation: Installation) { self.installation = installation }

    package func observe(_ look: Look) async -> Observation {
        let content: Observation.Content
        switch look.plane {
        case .proxmox:
            let suspects = look.number > 1 || !look.suspects.isEmpty ? look.suspects : nil
            let result =
                await installation.proxmox?.read(
                    place: look.place, suspects: suspects, addressesOf: look.addressesOf, tasksOf: look.tasksOf)
                ?? .failure(missing(look))
            let networks = installation.configuration.agents?.networks
            content = .proxmox(
                result.map { reading in
                    var reading = reading
                    if let networks { reading.markOutside { address in networks.contains { $0.contains(address) } } }
                    return reading
                })
        case .publicDNS: content = .publicZone(await installation.publicZone?.read() ?? .failure(missing(look)))
        case .internalDNS: content = .internalZone(await installation.internalZone?.read() ?? .failure(missing(look)))
        case .agents:
            content = .agents(
                await installation.agents?.read(look.agents, over: look.agentsOver) ?? .failure(missing(look)))
        case .velocity: content = .velocity(await installation.velocity?.read() ?? .failure(missing(look)))
        case .queues:
            content = .queues(await installation.queues?.read(jobs: look.jobs) ?? .failure(missing(look)))
        case .database:
            content = .desired(
                await DesiredStateReader(installation.database).read(
                    timeout: installation.configuration.postgres.timeout, now: installation.now,
                    mostApart: SteadyTime.mostApart))
        }
        return Observation(look: look.number, content: content)
    }

    private func missing(_ look: Look) -> ReadFailure {
        ReadFailure(.internalFault, "nothing is there to observe \(look.plane.rawValue)", at: installation.now())
    }
}
