import Core
import World

/// What a daemon gets to see.
extension DaemonSimulation {
    mutating func observe(_ look: Look, _ index: Int) -> Observation {
        let endpoint = look.place ?? "https://pve1:8006"
        let isAway = script == nil && !isCalm && chance.chance(percent: 3) || isSilent(look.plane)
        let isLost = !lead.reachesDatabase(index)
        let failure = ReadFailure(.timeout, "no answer", at: now)
        let time = clock(index)
        clocks.looked(index, by: time, at: now)
        let content: Observation.Content
        switch look.plane {
        case .proxmox:
            content = .proxmox(
                isAway
                    ? .failure(failure)
                    : estate.proxmoxReading(
                        endpoint: endpoint, node: estate.cluster.nodes.first { $0.isOnline }?.name, at: now
                    ).map { reading in
                        var reading = reading
                        if look.number == 2 || !look.suspects.isEmpty {
                            reading.probes = Dictionary(look.suspects.map { ($0, true) }) { first, _ in first }
                        }
                        if !look.addressesOf.isEmpty {
                            reading.addresses = estate.guestAddresses(of: look.addressesOf)
                        }
                        return reading
                    })
        case .queues:
            queueTruth.looked(at: estate.queueHouse, now)
            content = .queues(
                isAway || !lead.stores.isRedisUp
                    ? .failure(failure)
                    : estate.queueReading(endpoint: "127.0.0.1:6379/0", jobs: look.jobs, at: now)
            )
        case .publicDNS:
            content = .publicZone(
                isAway ? .failure(failure) : estate.zoneReading(endpoint: "https://api.example", at: now))
        case .database:
            var desired = estate.desiredState(at: now)
            desired = DesiredState(
                instances: desired.instances, operations: desired.operations, billing: desired.billing,
                retired: desired.retired, unreadable: [], pauses: ledger.pauses.filter { $0.until > now }, accepted: [],
                readAt: time, past: ledger.past(at: now))
            let isApart = SteadyTime.isFar(time - now)
            content = .desired(isAway || isLost || isApart ? .failure(failure) : .success(desired))
        case .internalDNS:
            content = .internalZone(
                isAway ? .failure(failure) : estate.internalReading(endpoint: "http://10.0.0.2:5380", at: now))
        case .velocity:
            content = .velocity(
                isAway ? .failure(failure) : estate.velocityReading(endpoint: "http://proxy:8081", at: now))
        case .agents: content = .agents(.success(estate.agentReading(look.agents, at: now)))
        }
        return Observation(look: look.number, content: content).stamped(time)
    }
}
