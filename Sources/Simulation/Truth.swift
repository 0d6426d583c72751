import Core
import World

/// Holds what a report claims against what the world really was when it was read.
///
/// This knows nothing of observers, doubts or looks: it asks the estate. A claim that the estate contradicts is the one thing
/// that must never happen.
struct Truth {
    let seen: SimulatedRound.Seen
    let settings: PipelineSettings

    func check(_ report: Report) -> [String] {
        report.decisions.compactMap { decision in
            lie(in: decision.drift).map { "2: \(decision.drift.kind.rawValue) \(decision.drift.subject): \($0)" }
        }
    }

    private func lie(in drift: Drift) -> String? {
        if drift.kind == .queueBacklog { return backlogLie(drift) }
        if let node = drift.subject.node {
            return seen.offline.values.contains { !$0.contains(node) } ? "it was online" : nil
        }
        guard let vmid = drift.subject.vmid else { return nil }
        if let lie = lieAboutCustomer(drift, vmid) { return lie }
        let guests = [seen.proxmox[1], seen.proxmox[2]].compactMap { $0 }
        let last = seen.proxmox[2] ?? seen.proxmox[1]
        switch drift.kind {
        case .containerMissing:
            // A first look may be misled and the thing go before the second: then the claim has come true.
            return last?.guest(vmid) != nil ? "it was there" : nil
        case .containerOrphan:
            let wasClaimed = [seen.desired[1], seen.desired[2]].compactMap { $0 }.contains { $0.instance(vmid) != nil }
            if wasClaimed { return "a row claims it" }
            return last?.guest(vmid) == nil ? "there is no such guest" : nil
        case .containerStopped: return showed(vmid, running: false) ?? actedOn(vmid)
        case .containerRunning, .containerSuspendedRunning: return showed(vmid, running: true)
        case .containerIdentityMismatch:
            let names = guests.compactMap { $0.guest(vmid)?.name }
            return !names.isEmpty && names.allSatisfy { $0 == drift.subject.hostname } ? "it has the right name" : nil
        case .publicAMissing, .publicSRVMissing:
            let type = drift.kind == .publicAMissing ? "A" : "SRV"
            let zones = [seen.zone[2] ?? seen.zone[1]].compactMap { $0 }
            let isThere = zones.contains { zone in
                zone.records(at: drift.subject.record ?? "").contains { $0.type == type }
            }
            return isThere ? "the record was there" : nil
        case .publicOrphan, .internalOrphan:
            let rows = [seen.desired[1], seen.desired[2]].compactMap { $0 }
            let isClaimed = rows.contains { estate in
                estate.instances.contains { "\($0.hostname).\(settings.zone ?? "")" == drift.subject.record }
            }
            return isClaimed ? "a row has this host name" : nil
        case .internalAMissing, .internalSRVMissing:
            let type = drift.kind == .internalAMissing ? "A" : "SRV"
            let zones = [seen.internalZone[2] ?? seen.internalZone[1]].compactMap { $0?.internalZone }
            let isThere = zones.contains { zone in
                zone.records(at: drift.subject.record ?? "").contains { $0.data.type == type }
            }
            return isThere ? "the record was there" : nil
        case .agentUnreachable, .agentCrashed: return lieAboutAgent(drift, vmid)
        case .velocityMissing, .velocityWrongAddress, .velocityGhost: return lieAboutProxy(drift, vmid)
        case .operationStale, .operationStuck: return deadLie(drift, vmid)
        default: return nil
        }
    }

    /// An operation is dead when no queue had its job whenever one looked, and its row has long been silent.
    private func deadLie(_ drift: Drift, _ vmid: VMID) -> String? {
        guard let rows = seen.desired[2] ?? seen.desired[1] else { return "there were no rows" }
        let readings = [seen.queues[1], seen.queues[2]].compactMap { $0 }
        if readings.count < 2 { return "its queue was looked at \(readings.count) times" }
        let dead = rows.operations.filter { operation in
            guard operation.isLive, operation.vmid == vmid else { return false }
            return readings.allSatisfy { !$0.queueHouse.has(operation.job) }
        }
        let hours = { (moment: Timestamp?) in moment.map { rows.drawnAt - $0 > .minutes(14) } ?? true }
        if !dead.contains(where: { hours($0.heartbeatAt) && hours($0.enqueuedAt) }) {
            return "its job was there, or its row was fresh"
        }
        let guest = (seen.proxmox[2] ?? seen.proxmox[1])?.guest(vmid)
        return drift.kind == .operationStuck && guest != nil ? "its guest was there" : nil
    }

    private func backlogLie(_ drift: Drift) -> String? {
        let house = (seen.queues[2] ?? seen.queues[1])?.queueHouse
        let old = house?.queues.first { $0.name == drift.subject.queue }?.jobs.contains { $0.id.hasPrefix("late-") }
        return old == true ? nil : "no job waits that long"
    }

    /// A guest that rests or runs is seen to do so twice.
    private func showed(_ vmid: VMID, running wanted: Bool) -> String? {
        let states = [seen.proxmox[1], seen.proxmox[2]].map { $0?.guest(vmid)?.isRunning }
        return states.allSatisfy { $0 == wanted }
            ? nil : "it was not seen to be \(wanted ? "running" : "stopped") twice"
    }

    /// Whoever has its job works on it.
    private func actedOn(_ vmid: VMID) -> String? {
        guard let rows = seen.desired[2] ?? seen.desired[1] else { return "there were no rows" }
        let houses = [seen.queues[1], seen.queues[2]].compactMap { $0?.queueHouse }
        let isOwned = rows.operations.contains { operation in
            operation.isLive && operation.vmid == vmid && houses.allSatisfy { $0.has(operation.job) }
        }
        return isOwned ? "an operation owned it" : nil
    }
}
