import Core
import World

/// What happens to an estate between two looks: people and the platform go on working.
enum Change {
    static func apply(to estate: inout Estate, _ seed: inout Seed, at now: Timestamp) -> String? {
        switch seed.below(8) {
        case 0: return makeServer(&estate, at: now)
        case 1: return deleteServer(&estate, &seed)
        case 2:
            guard let vmid = seed.pick(estate.cluster.guests.keys.sorted()) else { return nil }
            estate.cluster.change(vmid) { $0.isRunning.toggle() }
            return "guest \(vmid) was switched"
        case 3:
            guard let vmid = seed.pick(estate.cluster.guests.keys.sorted()) else { return nil }
            estate.cluster.remove(vmid)
            return "guest \(vmid) was destroyed by hand"
        case 4:
            guard let record = seed.pick(estate.zone.records) else { return nil }
            estate.zone.remove(id: record.id)
            return "record \(record.type) \(record.name) was deleted by hand"
        case 5:
            let names = estate.internalZone.records.map(\.name).filter { $0 != estate.internalZone.name }
            guard let name = seed.pick(names) else { return nil }
            estate.internalZone.remove { $0.name == name }
            return "internal records at \(name) were deleted by hand"
        case 6:
            // A worker ends its work: first the row, then the job.
            guard let index = estate.operations.indices.filter({ estate.operations[$0].isLive }).first else {
                return nil
            }
            let job = estate.operations[index].job
            if seed.chance(percent: 50) {
                estate.operations[index].status = .ready
                estate.operations[index].finishedAt = now
            }
            estate.queueHouse.remove(job)
            return "job \(job.id) was done"
        default: return nil
        }
    }

    private static func makeServer(_ estate: inout Estate, at now: Timestamp) -> String? {
        let number = (estate.settings.scope.game?.vmids.upperBound ?? 5999) - 40
        guard let vmid = VMID(number), estate.instance(vmid) == nil, let node = estate.cluster.nodes.first else {
            return nil
        }
        let name = "mc-paper-\(number)"
        estate.instances.append(
            DesiredInstance(
                key: InstanceKey(vmid: vmid, externalID: ExternalID(high: 7, low: UInt64(number))), customer: "new",
                ctype: .game, hostname: name, node: node.name, address: "10.70.250.1", game: "minecraft",
                variant: "paper",
                port: nil, power: .running, status: .active))
        estate.cluster.add(Cluster.Container(vmid: vmid, node: node.name, name: name))
        return "server \(vmid) was made, its records are still to come"
    }

    private static func deleteServer(_ estate: inout Estate, _ seed: inout Seed) -> String? {
        guard let row = seed.pick(estate.instances) else { return nil }
        estate.instances.removeAll { $0.key == row.key }
        estate.cluster.remove(row.vmid)
        for record in estate.zone.records where record.name.contains(row.hostname) { estate.zone.remove(id: record.id) }
        estate.internalZone.remove { $0.name.contains(row.hostname) }
        return "server \(row.vmid) was deleted"
    }
}
