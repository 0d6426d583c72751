import Core
import World

/// How the planes behave at one look: what fails, what lies, how long it takes.
struct Weather: CustomStringConvertible {
    var desired: ReadFailure?
    var proxmox: Set<ProxmoxFault> = []
    var zone: Set<CloudflareFault> = []
    var internalZone: Set<TechnitiumFault> = []
    var agents: Set<AgentFault> = []
    var velocity: Set<VelocityFault> = []
    var queues: Set<QueueFault> = []
    /// Never answered: the round has to end without it.
    var hanging: Set<Plane> = []
    /// Answered twice, the second time late.
    var repeating: Set<Plane> = []
    var perPage = 1000

    /// Faults of the zone that show in no single answer.
    static let onlyOnce: [CloudflareFault] = [.staleCopy]

    init(_ seed: inout Seed, estate: Estate, isStorm: Bool, mayMislead: Bool, at now: Timestamp) {
        perPage = [3, 7, 100, 1000][seed.below(4)]
        guard isStorm else { return }
        if seed.chance(percent: 5) {
            desired = ReadFailure(.connectionLost, "the server closed the connection", at: now)
        }
        if seed.chance(percent: 45), let fault = Weather.proxmoxFault(&seed, estate, mayMislead, now) {
            proxmox = [fault]
        }
        if seed.chance(percent: 35) {
            let choices: [CloudflareFault] = [
                .refused, .timeout, .serverError, .unauthorized, .rateLimited, .pageLost(1 + seed.below(3)),
                .countChanges,
                .duplicateAcrossPages, .truncated, .wrongZone, .empty, .malformed,
            ]
            if let fault = seed.pick(choices + (mayMislead ? Weather.onlyOnce : [])) { zone = [fault] }
        }
        if seed.chance(percent: 35), let fault = Weather.queueFault(&seed, estate, mayMislead) { queues = [fault] }
        for plane in [Plane.proxmox, .publicDNS, .agents, .velocity, .queues] {
            if seed.chance(percent: 4) { hanging.insert(plane) }
            if seed.chance(percent: 10) { repeating.insert(plane) }
        }
        if seed.chance(percent: 35), let kind = seed.pick(AgentFault.Kind.allCases) {
            agents = [AgentFault(kind, seed.chance(percent: 30) ? nil : seed.pick(estate.instances)?.vmid)]
        }
        if seed.chance(percent: 35) {
            let choices = VelocityFault.allCases.filter { mayMislead || $0 != .restarting }
            if let fault = seed.pick(choices) { velocity = [fault] }
        }
        if seed.chance(percent: 2) { hanging.insert(.database) }
        if seed.chance(percent: 35) {
            let choices = TechnitiumFault.allCases.filter { mayMislead || $0 != .staleCopy }
            if let fault = seed.pick(choices) { internalZone = [fault] }
        }
        if seed.chance(percent: 4) { hanging.insert(.internalDNS) }
        if seed.chance(percent: 10) { repeating.insert(.internalDNS) }
    }

    var description: String {
        // Sets print in an order of their own each time; the trace of a seed may not.
        let proxmox = proxmox.map { "\($0)" }.sorted(), zone = zone.map { "\($0)" }.sorted()
        let inner = internalZone.map(\.rawValue).sorted()
        let agents = agents.map { "\($0.kind) \($0.vmid?.description ?? "all")" }.sorted()
        let velocity = velocity.map(\.rawValue).sorted()
        let queues = queues.map { "\($0)" }.sorted()
        return "database \(desired?.code.rawValue ?? "well"), proxmox \(proxmox), zone \(zone), internal \(inner), "
            + "agents \(agents), velocity \(velocity), queues \(queues), "
            + "hanging \(hanging.sorted()), repeating \(repeating.sorted()), \(perPage) records a page"
    }

    /// Whether one answer alone shows something that is not so.
    var misleads: Bool {
        !zone.isDisjoint(with: Weather.onlyOnce) || internalZone.contains(.staleCopy) || velocity.contains(.restarting)
            || queues.contains { if case .between = $0 { true } else { $0 == .restarted } }
            || proxmox.contains { if case .migrating = $0 { true } else { false } }
    }

    /// The same weather at the other look: most faults last longer than two seconds. Those that show in no single answer do not
    /// last, for then nobody could tell them from the truth.
    var lasting: Weather {
        var other = self
        other.proxmox = proxmox.filter { if case .migrating = $0 { false } else { true } }
        other.zone.subtract(Weather.onlyOnce)
        other.internalZone.remove(.staleCopy)
        // A restarted proxy has its backends back; one that stays empty has really lost them.
        other.velocity.remove(.restarting)
        other.queues = queues.filter { fault in
            // A restart between the looks, or a move between two commands: the other look does not see it.
            if case .between = fault { false } else { fault != .restarted }
        }
        return other
    }

    private static func queueFault(_ seed: inout Seed, _ estate: Estate, _ mayMislead: Bool) -> QueueFault? {
        var choices: [QueueFault] = [
            .refused, .timeout, .unauthorized, .clientsHidden, .flushed, .replica, .malformed, .loading,
        ]
        if let queue = seed.pick(estate.queueHouse.queues.map(\.name)) {
            choices += [.permissionLost(queue), .paused(queue)]
        }
        let jobs = estate.operations.filter(\.isLive).map(\.job)
        if mayMislead { choices += [.restarted] + jobs.map { .between($0) } }
        return seed.pick(choices)
    }

    private static func proxmoxFault(
        _ seed: inout Seed, _ estate: Estate, _ mayMislead: Bool, _ now: Timestamp
    ) -> ProxmoxFault? {
        var choices: [ProxmoxFault] = [
            .refused, .timeout, .serverError, .unauthorized, .permissionLost, .vmAuditLost, .privilegeSeparated,
            .fileSystemHiccup, .wrongCluster, .statusesUnknown, .malformed,
        ]
        // A standalone node has no quorum to lose and no copy to go stale.
        if estate.cluster.name != nil { choices.append(.noQuorum) }
        if let vmid = seed.pick(estate.cluster.guests.keys.sorted()) {
            choices += [.guestHidden(vmid), .guestDenied(vmid)]
            if mayMislead { choices.append(.migrating(vmid)) }
        }
        if let node = seed.pick(estate.cluster.nodes.map(\.name)) {
            choices.append(.nodeOffline(node, since: now - .minutes(Int64(seed.below(10)))))
        }
        return seed.pick(choices)
    }
}
