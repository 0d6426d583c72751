/// What a round knows, for every check to read.
///
/// Everything that is asked for each instance is laid side by side here: the rows and the planes are sorted alike, so that one
/// walk over both says where a row's guest, records, agent and backend are. A check asks ``InstanceContext`` and need not know.
package final class FleetContext: Sendable {
    package let expectation: Expectation
    package let facts: Facts
    package let settings: PipelineSettings
    /// Of the daemon's earlier rounds; nil for an audit, which looks once.
    package let history: History?
    /// Nil where the plane was not read.
    package let inventory: Inventory?
    package let proxy: ProxyList?
    private let publicHosts: [ZoneHost]
    private let internalHosts: [ZoneHost]
    private let polls: Agents?

    /// By row: the place in the plane's own list, or -1.
    private let guestPlaces: [Int32]
    private let publicPlaces: [Int32]
    private let internalPlaces: [Int32]
    private let pollPlaces: [Int32]
    private let backendPlaces: [Int32]

    package init(expectation: Expectation, facts: Facts, settings: PipelineSettings, history: History? = nil) {
        self.history = history
        self.expectation = expectation
        self.facts = facts
        self.settings = settings
        let rows = expectation.desired.instances
        let inventory = facts.inventory.latest.value
        let proxy = facts.proxy.latest.value
        let polls = facts.agents.latest.value
        self.inventory = inventory
        self.proxy = proxy
        self.polls = polls
        publicHosts = facts.publicZone.latest.value?.hosts ?? []
        internalHosts = facts.internalZone.latest.value?.hosts ?? []

        let guests = inventory?.guests ?? []
        guestPlaces = SideBySide.places(
            of: rows.count, in: guests.count, isBefore: { guests[$1].vmid < rows[$0].vmid },
            isIt: { guests[$1].vmid == rows[$0].vmid })
        let asked = polls?.polls ?? []
        pollPlaces = SideBySide.places(
            of: rows.count, in: asked.count, isBefore: { asked[$1].target.key < rows[$0].key },
            isIt: { asked[$1].target.key == rows[$0].key })
        let hosts = expectation.hosts
        publicPlaces = SideBySide.places(of: hosts, in: facts.publicZone.latest.value)
        internalPlaces = SideBySide.places(of: hosts, in: facts.internalZone.latest.value)
        backendPlaces = SideBySide.places(of: hosts, in: proxy)
    }

    /// The guest under a row's VMID, or its absence. Nil when Proxmox is not configured.
    func container(of row: DesiredInstance, _ index: Int, isExpected: Bool) -> Observed<Guest>? {
        let place = Int(guestPlaces[index])
        if place >= 0, let inventory { return .present(inventory.guests[place], inventory.evidence) }
        return facts.container(row.vmid, recordedNode: row.node, isExpected: isExpected)
    }

    /// By place in the inventory: whether a row has that guest's VMID.
    var guestsOfRows: [Bool] {
        var found = [Bool](repeating: false, count: inventory?.guests.count ?? 0)
        for place in guestPlaces where place >= 0 { found[Int(place)] = true }
        return found
    }

    func agent(of row: DesiredInstance, _ index: Int) -> Observed<AgentStatus>? {
        let place = Int(pollPlaces[index])
        // Silence has to be seen twice, and an address that several rows have is nobody's: the long way knows.
        guard place >= 0, let polls, let address = row.address,
            !expectation.sharedAddresses.contains(address), polls.polls[place].target.address == address,
            case .status(let status) = polls.polls[place].answer
        else { return facts.agent(of: row, in: expectation) }
        return .present(status, polls.evidence)
    }

    /// Whether the guest under a row's VMID certainly has the row's name, and no placeholder of Proxmox's for one.
    func isNamedAlike(_ index: Int) -> Bool {
        let place = Int(guestPlaces[index])
        // A name with a dot may carry the zone.
        guard place >= 0, !expectation.hosts.hasDots, let key = inventory?.names[place] else { return false }
        return key == expectation.hosts.keys[index] && key.stem != "ct"
    }

    /// Whether a row's guest is certainly listed.
    func hasGuest(_ index: Int) -> Bool { guestPlaces[index] >= 0 }

    /// What a zone has of a row's host, when it is of the usual shape.
    func plainRecords(of index: Int, in plane: Plane) -> ZoneHost.Plain? {
        let isPublic = plane == .publicDNS
        let place = Int(isPublic ? publicPlaces[index] : internalPlaces[index])
        guard place >= 0 else { return nil }
        return isPublic ? publicHosts[place].plain : internalHosts[place].plain
    }

    /// By place in the list of a zone's hosts: whether a row claims the host name.
    func hostsOfRows(in plane: Plane) -> [Bool] {
        let isPublic = plane == .publicDNS
        var found = [Bool](repeating: false, count: isPublic ? publicHosts.count : internalHosts.count)
        for place in isPublic ? publicPlaces : internalPlaces where place >= 0 { found[Int(place)] = true }
        return found
    }

    /// By place in the proxy's list: whether a row that `isMeant` has the backend's very name for its host name. A name that
    /// several rows or backends have is left to whoever looks at it closer.
    func backendsOfRows(where isMeant: (Int) -> Bool) -> [Bool] {
        var found = [Bool](repeating: false, count: proxy?.backends.count ?? 0)
        // A name with a dot may carry the zone.
        if expectation.hosts.hasDots { return found }
        let isContested = Set(expectation.hosts.repeated.joined())
        for row in backendPlaces.indices where backendPlaces[row] >= 0 && isMeant(row) {
            let place = Int(backendPlaces[row])
            if proxy?.only(at: place) != nil && !isContested.contains(row) { found[place] = true }
        }
        return found
    }

    /// The backend under a row's host name, when there is exactly one.
    func onlyBackend(of index: Int) -> VelocityReading.Backend? {
        let place = Int(backendPlaces[index])
        return place >= 0 ? proxy?.only(at: place) : nil
    }
}

/// Walks two lists in the same order, and says where each of the one is in the other.
enum SideBySide {
    /// - Parameters:
    ///   - isBefore: whether what is at a place of the second list comes before a row.
    ///   - isIt: whether it is the row's.
    static func places(
        of rows: Int, in count: Int, isBefore: (_ row: Int, _ place: Int) -> Bool,
        isIt: (_ row: Int, _ place: Int) -> Bool
    ) -> [Int32] {
        var places = [Int32](repeating: -1, count: rows)
        var place = 0
        for row in 0..<rows {
            while place < count, isBefore(row, place) { place += 1 }
            if place < count, isIt(row, place) { places[row] = Int32(place) }
        }
        return places
    }

    static func places(of hosts: HostIndex, in zone: Zone?) -> [Int32] {
        guard let list = zone?.hosts else { return [Int32](repeating: -1, count: hosts.names.count) }
        return places(of: hosts, in: list.count) { list[$0].key }
    }

    static func places(of hosts: HostIndex, in proxy: ProxyList?) -> [Int32] {
        guard let proxy else { return [Int32](repeating: -1, count: hosts.names.count) }
        return places(of: hosts, in: proxy.keys.count) { proxy.keys[$0] }
    }

    private static func places(of hosts: HostIndex, in count: Int, key: (Int) -> HostKey) -> [Int32] {
        var places = [Int32](repeating: -1, count: hosts.names.count)
        var place = 0
        for row in hosts.order {
            let wanted = hosts.keys[Int(row)]
            while place < count {
                let here = key(place)
                if here == wanted { places[Int(row)] = Int32(place) }
                if !(here < wanted) { break }
                place += 1
            }
        }
        return places
    }
}
