/// Something that applies to an instance and is not known.
package struct UnknownFact: Hashable, Sendable {
    package var vmid: VMID?
    package var plane: Plane
    package var reason: Unknown
    /// The queue that it is about; nil for anything else.
    package var queue: String?

    package init(vmid: VMID?, plane: Plane, reason: Unknown, queue: String? = nil) {
        self.vmid = vmid
        self.plane = plane
        self.reason = reason
        self.queue = queue
    }
}

/// What the checks of one round found. Nothing is decided yet.
package struct Findings: Sendable {
    package var drifts: [Drift] = []
    package var unknown: [UnknownFact] = []
    /// Parallel to the instances: whether one has a drift, and whether something that applies to it is unknown.
    package var hasDrift: [Bool]
    package var hasUnknown: [Bool]
    /// Planes that showed an absence which only a second look makes believable.
    package var suspicious: Set<Plane> = []
    /// Guests that seem to be gone.
    package var suspects: [VMID] = []
    /// Guests of which the second look asks Proxmox for their own addresses.
    package var addressesWanted: [VMID] = []
    /// Guests of which the second look asks Proxmox what tasks run on them.
    package var tasksWanted: [VMID] = []
    /// Planes of which a part was not believed, with the words for the coverage.
    package var partial: [Plane: String] = [:]
    /// How many instances each plane was looked at for: what a share of "all" is a share of.
    package var applicable = PlaneTally()

    /// Whether the database is doubted because too much in the cluster has no row.
    package var hasBulkOrphans: Bool { unknown.contains { $0.reason == .bulkOrphans } }
    /// Whether the listing of guests is doubted because too many are absent from it.
    package var hasBulkAbsence = false
    /// Operations that are called live and are not: they own no instance any more.
    package var deadOperations: Set<String> = []

    /// What was seen of conditions that are drift only once they have lasted.
    package var sightings: [Sighting] = []

    package init(instances: Int) {
        hasDrift = Array(repeating: false, count: instances)
        hasUnknown = Array(repeating: false, count: instances)
    }

    package mutating func add(_ drift: Drift) {
        if let instance = drift.instance { hasDrift[instance] = true }
        drifts.append(drift)
    }

    package mutating func add(_ reason: Unknown, _ plane: Plane, vmid: VMID?, instance: Int?) {
        if let instance { hasUnknown[instance] = true }
        unknown.append(UnknownFact(vmid: vmid, plane: plane, reason: reason))
    }

    /// Notes that something of a queue is not known.
    package mutating func add(_ reason: Unknown, queue: String) {
        unknown.append(UnknownFact(vmid: nil, plane: .queues, reason: reason, queue: queue))
    }

    /// The planes that have to be read again for the sake of one VMID.
    func suspicious(about vmid: VMID) -> Set<Plane> {
        // A node that is down may be its own.
        let concerning = drifts.filter { $0.concerns(vmid) || $0.subject.node != nil }
        var planes = Set(concerning.map(\.evidence.plane))
        if [suspects, addressesWanted, tasksWanted].contains(where: { $0.contains(vmid) }) { planes.insert(.proxmox) }
        return planes.intersection(suspicious)
    }

    /// Notes that something was seen that two looks have to show, an absence for one; a plane that showed it once is read again.
    package mutating func noteAbsence(_ evidence: Evidence) {
        if evidence.looks < 2 { suspicious.insert(evidence.plane) }
    }

    /// Notes that a guest's own addresses, and that it still runs, have to be known before something about it is believed.
    package mutating func wantAddresses(of instance: InstanceContext, seenBy evidence: Evidence) {
        guard evidence.looks < 2, instance.facts.inventory.latest.value != nil,
            !instance.facts.isConfirmed(running: instance.row)
        else { return }
        suspicious.insert(.proxmox)
        addressesWanted.append(instance.row.vmid)
    }
}
