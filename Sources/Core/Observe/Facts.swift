/// All that one round knows: what should be, what each plane showed, and how often it was looked at.
package struct Facts: Sendable {
    package var desired: DesiredState
    /// Why the desired state could not be read again although something differs.
    package var unconfirmedRows: ReadFailure?
    /// The desired state of the first look, once there was a second.
    package var earlierDesired: DesiredState?
    package var inventory: Looks<Inventory>
    package var publicZone: Looks<Zone>
    package var internalZone: Looks<Zone>
    package var agents: Looks<Agents> = Looks(.notConfigured)
    package var proxy: Looks<ProxyList> = Looks(.notConfigured)
    package var queues = Looks<Queues>(.notConfigured)
    /// Whether suspicious absences have had their second look.
    package var isConfirming: Bool
    /// Guests whose own addresses are wanted, and for which the newest look at Proxmox had no room.
    package var leftOut: Set<VMID> = []
    /// Guests for which it may have had no time: those after the last one that was answered. They are first in the next one, and
    /// whoever is not answered there has been asked.
    package var unreached: Set<VMID> = []
    /// Of the round before, where the inventory can be its second look.
    package var confirmed: Confirmed?

    package init(
        desired: DesiredState, inventory: Looks<Inventory> = Looks(.notConfigured),
        publicZone: Looks<Zone> = Looks(.notConfigured), internalZone: Looks<Zone> = Looks(.notConfigured),
        isConfirming: Bool = false
    ) {
        self.desired = desired
        self.earlierDesired = nil
        self.inventory = inventory
        self.publicZone = publicZone
        self.internalZone = internalZone
        self.isConfirming = isConfirming
    }

    /// Whether the turn of a guest to be asked for its addresses comes in a later round.
    package func comesLater(_ vmid: VMID) -> Bool { leftOut.contains(vmid) || unreached.contains(vmid) }

    package func zone(_ plane: Plane) -> Looks<Zone> {
        switch plane {
        case .publicDNS: publicZone
        case .internalDNS: internalZone
        default: Looks(.notConfigured)
        }
    }

    /// A guest, or its absence. Nil when Proxmox is not configured.
    ///
    /// - Parameter isExpected: whether its absence would mean something, and so has to be earned by a second look.
    package func container(_ vmid: VMID, recordedNode: String?, isExpected: Bool) -> Observed<Guest>? {
        switch inventory.latest {
        case .notConfigured: return nil
        case .failed(let reason, _, _): return .unknown(reason)
        case .read(let latest):
            let seen = latest.container(vmid, recordedNode: recordedNode)
            guard isExpected else { return seen }
            if case .absent(var evidence) = seen, isConfirmed(absent: vmid) {
                evidence.looks = 2
                return .absent(evidence)
            }
            let proven = confirmed(seen, unconfirmed: inventory.unconfirmed) {
                inventory.earlier?.value?.container(vmid, recordedNode: recordedNode)
            }
            guard case .absent = proven, let probes = latest.probes else { return proven }
            switch probes[vmid] {
            case true?: return proven
            case false?: return .unknown(.permissionMissing)
            // A first look asks for those only that an earlier round knows of.
            case nil: return isConfirming ? .unknown(.notConfirmed) : proven
            }
        }
    }

    /// Whether the round before has shown a guest's absence twice, and this round's only look at it shows it again.
    private func isConfirmed(absent vmid: VMID) -> Bool {
        guard inventory.earlier == nil, inventory.unconfirmed == nil, let confirmed else { return false }
        return confirmed.absent[vmid] != nil && inventory.latest.value?.probes?[vmid] == true
    }

    /// Whether the round before has shown twice that no row claims a guest, and this round's only look shows it again.
    func isConfirmed(orphan guest: Guest) -> Bool {
        guard inventory.earlier == nil, inventory.unconfirmed == nil, let confirmed, let name = guest.name else {
            return false
        }
        return confirmed.orphans[guest.vmid] == name
    }

    /// Whether the round before has shown twice that a row's guest runs, and this round's only look shows it with its addresses.
    func isConfirmed(running row: DesiredInstance) -> Bool {
        guard inventory.earlier == nil, inventory.unconfirmed == nil, let confirmed,
            inventory.latest.value?.addresses?[row.vmid] != nil
        else { return false }
        return confirmed.running.contains(row.key)
    }

    /// Whether the round before has shown a row's guest running, or at rest, twice, and this round's only look shows it again.
    private func isConfirmed(_ power: Guest.Power, of row: DesiredInstance) -> Bool {
        guard inventory.earlier == nil, inventory.unconfirmed == nil, let confirmed else { return false }
        return confirmed.power[row.key] == power
    }

    /// What shows that a row's guest runs, or rests, by as many looks as there were; nil when one of two does not show it.
    ///
    /// A migration stops a guest before it locks it, and the listing may be ten seconds old.
    func power(_ power: Guest.Power, of row: DesiredInstance) -> Evidence? {
        shown(isConfirmed: isConfirmed(power, of: row)) { $0.shows(power, of: row) }
    }

    /// What shows that a node is offline, by as many looks as there were; nil when not each of them shows it.
    func offline(_ node: String) -> Evidence? {
        let isConfirmed =
            inventory.earlier == nil && inventory.unconfirmed == nil && confirmed?.nodes.contains(node) == true
        return shown(isConfirmed: isConfirmed) { $0.nodes[node] == .offline }
    }

    private func shown(isConfirmed: Bool, by shows: (Inventory) -> Bool) -> Evidence? {
        guard let latest = inventory.latest.value, shows(latest) else { return nil }
        var evidence = latest.evidence
        guard isConfirming || isConfirmed else { return evidence }
        guard isConfirmed || (inventory.unconfirmed == nil && inventory.earlier?.value.map(shows) == true) else {
            return nil
        }
        evidence.looks = 2
        return evidence
    }

    /// The records at a name, or their earned absence. `.present` may hold none of the type that one looks for: `isEmpty` of
    /// that type is an absence too and goes through ``confirmAbsence(in:wasAbsent:)``.
    package func confirmAbsence(in plane: Plane, wasAbsent: (Zone) -> Bool) -> Observed<Never> {
        let looks = zone(plane)
        switch looks.latest {
        case .notConfigured: return .unknown(.notRead)
        case .failed(let reason, _, _): return .unknown(reason)
        case .read(let zone):
            let seen: Observed<Never> = zone.isDoubtful ? .unknown(.emptyListing) : .absent(zone.evidence)
            return confirmed(seen, unconfirmed: looks.unconfirmed) {
                looks.earlier?.value.map {
                    wasAbsent($0) && !$0.isDoubtful ? .absent($0.evidence) : .unknown(.notConfirmed)
                }
            }
        }
    }

    func confirmed<Value>(
        _ seen: Observed<Value>, unconfirmed: ReadFailure?, earlier: () -> Observed<Value>?
    ) -> Observed<Value> {
        guard isConfirming, case .absent(var evidence) = seen else { return seen }
        if let unconfirmed { return .unknown(unconfirmed.code) }
        guard case .absent = earlier() else { return .unknown(.notConfirmed) }
        evidence.looks = 2
        return .absent(evidence)
    }
}
