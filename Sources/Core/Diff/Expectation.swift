/// Desired state with its joins made: what each row is expected to be, and who claims what.
package struct Expectation: Sendable {
    package let desired: DesiredState
    /// Parallel to `desired.instances`.
    package let standings: [Standing]
    /// Operations that own an instance right now, by VMID.
    package let liveOperations: [VMID: DesiredOperation]
    /// The rows by their canonical short host names.
    package let hosts: HostIndex
    /// VMIDs that a live operation claims, or a row that could not be understood.
    private let otherVMIDs: Set<VMID>
    /// Canonical short host names of rows that could not be understood.
    private let otherHosts: Set<String>
    /// VMIDs with an operation or a second row that could not be understood.
    package let unreadableVMIDs: Set<VMID>
    /// What `{game}` may stand for in a record's name.
    package let games: Set<String>
    /// Addresses that more than one row claims, be it one outside `scope`: whoever answers there may be any of them.
    package let sharedAddresses: Set<String>

    package init(_ desired: DesiredState, settings: PipelineSettings) {
        self.desired = desired
        let index = desired.index
        // Identities that more than one row claims: a redefined view may yield that, and then it is not known which is right.
        let repeated = index.repeatedIDs
        let scope = settings.scope.numbers
        let (rows, briefs) = (desired.instances, index.briefs)
        standings = briefs.indices.map { place in
            let brief = briefs[place]
            let isInScope = scope.contains(brief.vmid, brief.ctype)
            if isInScope && !repeated.isEmpty && repeated.contains(rows[place].key.externalID) { return .contradictory }
            return Standing(brief.status, power: brief.power, billing: brief.billing, isInScope: isInScope)
        }
        // A row's name may carry the zone where it has a dot, and then only the settings tell what its short form is.
        hosts = index.hosts.hasDots ? HostIndex(desired.instances, zone: settings.zone) : index.hosts

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

        otherVMIDs = Set(live.keys).union(unreadableVMIDs)
        otherHosts = Set(
            desired.unreadable.filter { $0.table == .instance }.compactMap(\.hostname).map {
                HostName.canonical($0, zone: settings.zone)
            })

        games = index.games.union(Games.defaultPorts.keys)
        let standings = standings
        var shared: Set<String> = []
        for (_, rows) in index.repeatedAddresses {
            var once: Set<String> = []
            // Whoever answers there may be one that is not ours to judge just as well.
            for row in rows where standings[row].claims || standings[row] == .excluded {
                if desired.instances[row].status == .failed { continue }
                guard let address = desired.instances[row].address else { continue }
                if !once.insert(address).inserted { shared.insert(address) }
            }
        }
        sharedAddresses = shared
    }

    /// The operation that owns an instance: one that is stale or stuck does not.
    ///
    /// - Parameter dead: the operations that are called live and are not.
    package func operationInFlight(on vmid: VMID, dead: Set<String>) -> DesiredOperation? {
        guard let oldest = liveOperations[vmid], dead.contains(oldest.id) else { return liveOperations[vmid] }
        return desired.operations.filter { $0.isLive && $0.vmid == vmid && !dead.contains($0.id) }
            .min { ($0.enqueuedAt, $0.id) < ($1.enqueuedAt, $1.id) }
    }

    /// Whether a row, a live operation or a row that could not be understood claims a VMID.
    package func claims(_ vmid: VMID) -> Bool {
        claimsBesideRows(vmid) || !desired.rows(under: vmid).isEmpty
    }

    /// The same, where it is known that no row does.
    package func claimsBesideRows(_ vmid: VMID) -> Bool { otherVMIDs.contains(vmid) }

    /// Whether a row claims a canonical short host name, be it one that could not be understood.
    package func claims(host: String) -> Bool { otherHosts.contains(host) || hosts.contains(host) }

    /// Why nothing may be called an orphan, a guest or what leads to one, whatever the planes show; nil when it may.
    package var orphanDoubt: Unknown? {
        if desired.unreadable.contains(where: { $0.table == .instance || $0.table == .operation }) {
            return .unreadableRow
        }
        // A guest may already exist under the VMID that the operation has not written down yet.
        let isWaiting = desired.operations.contains { $0.kind == .create && $0.isLive && $0.vmid == nil }
        return isWaiting ? .createWithoutVMID : nil
    }
}
