/// What the last round of this process confirmed with two looks at Proxmox. What still shows is not read a second time: its two
/// looks are that round's and this one's. Only what is told and left alone is spared so: what a repair rests on is read twice in
/// its own round.
package struct Confirmed: Equatable, Sendable {
    /// Guests that are gone, each of which the token may see, with the rows that want them.
    package var absent: [VMID: Set<InstanceKey>] = [:]
    /// Guests that no row claims, by their names.
    package var orphans: [VMID: String] = [:]
    /// Rows whose guest certainly runs and was asked for its addresses, while its agent is silent, or
    /// tells of a crash or of a workload that is late.
    package var running: Set<InstanceKey> = []
    /// Rows whose guest rests and should not, or runs and should not.
    package var power: [InstanceKey: Guest.Power] = [:]
    /// Nodes that are offline.
    package var nodes: Set<String> = []
    /// Guests on whose nodes it was asked what runs.
    package var tasksOf: Set<VMID> = []
    /// Since when all of it is seen, when it was seen last, and where.
    package var since: Timestamp
    package var observedAt: Timestamp
    package var place: String

    package init(since: Timestamp, observedAt: Timestamp, place: String) {
        self.since = since
        self.observedAt = observedAt
        self.place = place
    }

    /// What a first look asks besides the listing, so that no second one is needed for it.
    package var addressesOf: [VMID] { running.map(\.vmid).sorted() }

    /// What of it still is about the same rows: another customer's under the same VMID was not there to be looked at. And what the end
    /// of an operation may rest on is read twice in its own round.
    package func standing(in desired: DesiredState) -> Confirmed {
        var standing = self
        let rows = desired.rows(of: Set(absent.keys))
        standing.absent = absent.filter { rows[$0.key] == $0.value }
        for operation in desired.operations where operation.isLive {
            if let vmid = operation.vmid { standing.absent[vmid] = nil }
        }
        return standing
    }

    /// Whether a reading can be the second of two: of the same place, and neither at once nor long after.
    ///
    /// - Parameter longest: from one round to the next, whatever hangs.
    package func precedes(_ inventory: Inventory, longest: Span) -> Bool {
        inventory.endpoint == place && inventory.observedAt - since >= Round.secondLookAfter
            && inventory.observedAt > observedAt && inventory.observedAt - observedAt <= longest
    }
}

extension Confirmed {
    /// What this round leaves to the next one; nil where Proxmox was not read.
    init?(_ findings: Findings, _ facts: Facts, asked tasksOf: Set<VMID>) {
        guard let inventory = facts.inventory.latest.value else { return nil }
        self.init(
            since: facts.inventory.earlier?.value?.observedAt ?? facts.confirmed?.since ?? inventory.observedAt,
            observedAt: inventory.observedAt, place: inventory.endpoint)
        let isTwice = facts.isConfirming && facts.inventory.earlier?.value != nil && facts.inventory.unconfirmed == nil
        var gone: Set<VMID> = []
        defer { absent = facts.desired.rows(of: gone) }
        for drift in findings.drifts {
            if drift.evidence.looks > 1, let node = drift.subject.node { nodes.insert(node) }
            guard let vmid = drift.subject.vmid else { continue }
            switch drift.kind {
            case .containerMissing where drift.evidence.looks > 1: gone.insert(vmid)
            case .containerOrphan where drift.evidence.looks > 1: orphans[vmid] = drift.subject.hostname
            case .containerStopped, .containerRunning, .containerSuspendedRunning:
                guard drift.evidence.looks > 1, let index = drift.instance else { break }
                power[facts.desired.instances[index].key] = drift.kind == .containerStopped ? .stopped : .running
            case .agentUnreachable, .agentCrashed, .agentNotReady:
                guard let index = drift.instance, inventory.addresses?[vmid] != nil else { continue }
                let key = facts.desired.instances[index].key
                if isTwice || facts.confirmed?.running.contains(key) == true { running.insert(key) }
            default: break
            }
            if tasksOf.contains(vmid) { self.tasksOf.insert(vmid) }
        }
    }
}

extension DesiredState {
    /// Whose rows name each of these VMIDs.
    fileprivate func rows(of vmids: Set<VMID>) -> [VMID: Set<InstanceKey>] {
        var rows: [VMID: Set<InstanceKey>] = [:]
        if vmids.isEmpty { return rows }
        for row in instances where vmids.contains(row.vmid) { rows[row.vmid, default: []].insert(row.key) }
        return rows
    }
}
