/// Desired state with its joins made: what each row is expected to be, and who claims what.
package struct Expectation: Sendable {
    package let desired: DesiredState
    /// Parallel to `desired.instances`.
    package let standings: [Standing]
    /// Customer → their billing row.
    package let billing: [String: BillingRow]
    /// Operations that own an instance right now, by VMID.
    package let liveOperations: [VMID: DesiredOperation]
    /// VMIDs that a row or a live operation claims.
    package let claimedVMIDs: Set<VMID>
    /// VMIDs with an operation or a second row that could not be understood.
    package let unreadableVMIDs: Set<VMID>
    /// Canonical short host names that a row claims.
    package let claimedHosts: Set<String>
    /// What `{game}` may stand for in a record's name.
    package let games: Set<String>
    /// Addresses that more than one row claims: whoever answers there may be any of them.
    package let sharedAddresses: Set<String>

    package init(_ desired: DesiredState, settings: PipelineSettings) {
        self.desired = desired
        // Two rows for one customer cannot come from our view; from a redefined one the stricter counts.
        billing = Dictionary(desired.billing.map { ($0.customer, $0) }) { $0.suppression != nil ? $0 : $1 }
        let billing = billing
        let contradictory = Expectation.contradictory(desired.instances)
        standings = desired.instances.map { row in
            if contradictory.contains(row.key.externalID) && settings.scope.contains(row) { return .contradictory }
            return Standing(row, billing: row.customer.flatMap { billing[$0] }, scope: settings.scope)
        }

        var live: [VMID: DesiredOperation] = [:]
        for operation in desired.operations where operation.isLive {
            guard let vmid = operation.vmid else { continue }
            // The oldest speaks, so that the report does not depend on the order of rows.
            if let other = live[vmid], (other.enqueuedAt, other.id) < (operation.enqueuedAt, operation.id) { continue }
            live[vmid] = operation
        }
        liveOperations = live

        unreadableVMIDs = Set(
            desired.unreadable.filter { $0.table == .operation || $0.table == .instance }.compactMap(\.vmid))

        var vmids = Set(live.keys).union(unreadableVMIDs)
        var hosts: Set<String> = []
        for row in desired.instances {
            vmids.insert(row.vmid)
            hosts.insert(HostName.canonical(row.hostname, zone: settings.zone))
        }
        for row in desired.unreadable where row.table == .instance {
            if let vmid = row.vmid { vmids.insert(vmid) }
            if let hostname = row.hostname { hosts.insert(HostName.canonical(hostname, zone: settings.zone)) }
        }
        claimedVMIDs = vmids
        claimedHosts = hosts

        var games = Set(Games.defaultPorts.keys)
        for game in desired.instances.compactMap(\.game) + desired.retired.compactMap(\.game) {
            games.insert(DNSName.canonical(game))
        }
        self.games = games

        var once: Set<String> = []
        var shared: Set<String> = []
        for (row, standing) in zip(desired.instances, standings) where standing != .excluded && standing != .failed {
            guard let address = row.address else { continue }
            if !once.insert(address).inserted { shared.insert(address) }
        }
        sharedAddresses = shared
    }

    /// Identities that more than one row claims: a redefined view may yield that, and then it is not known which row is right.
    private static func contradictory(_ rows: [DesiredInstance]) -> Set<ExternalID> {
        var seen: Set<ExternalID> = []
        var twice: Set<ExternalID> = []
        for row in rows where !seen.insert(row.key.externalID).inserted { twice.insert(row.key.externalID) }
        return twice
    }

    /// Why no guest may be called an orphan whatever the inventory shows; nil when it may.
    package var orphanDoubt: Unknown? {
        if desired.unreadable.contains(where: { $0.table == .instance || $0.table == .operation }) {
            return .unreadableRow
        }
        // A guest may already exist under the VMID that the operation has not written down yet.
        let isWaiting = desired.operations.contains { $0.kind == .create && $0.isLive && $0.vmid == nil }
        return isWaiting ? .createWithoutVMID : nil
    }
}
