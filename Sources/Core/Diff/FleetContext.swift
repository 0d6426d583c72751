/// What a round knows, for every check to read.
///
/// Everything that is asked for each instance is laid side by side here: the rows and the planes are sorted alike, so that one
/// walk over both says where a row's guest, records, agent and backend are. A check asks ``InstanceContext`` and need not know.
package final class FleetContext: Sendable {
    package let expectation: Expectation
    package let facts: Facts
    package let settings: PipelineSettings
    let scope: Scope.Numbers
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
    private let glances: Glances

    /// - Parameter closely: whether a glance at a row is to tell nothing.
    package init(
        expectation: Expectation, facts: Facts, settings: PipelineSettings, history: History? = nil,
        closely: Bool = false
    ) {
        self.history = history
        self.expectation = expectation
        self.facts = facts
        self.settings = settings
        scope = settings.scope.numbers
        let rows = expectation.desired.instances
        let briefs = expectation.desired.index.briefs
        let inventory = facts.inventory.latest.value
        let proxy = facts.proxy.latest.value
        let polls = facts.agents.latest.value
        self.inventory = inventory
        self.proxy = proxy
        self.polls = polls
        publicHosts = facts.publicZone.latest.value?.hosts ?? []
        internalHosts = facts.internalZone.latest.value?.hosts ?? []

        let guests = inventory?.briefs ?? []
        guestPlaces = SideBySide.places(
            of: briefs.count, in: guests.count, isBefore: { guests[$1].vmid < briefs[$0].vmid },
            isIt: { guests[$1].vmid == briefs[$0].vmid })
        let asked = polls?.polls ?? []
        pollPlaces = SideBySide.places(
            of: rows.count, in: asked.count, isBefore: { asked[$1].target.key < rows[$0].key },
            isIt: { asked[$1].target.key == rows[$0].key })
        let hosts = expectation.hosts
        publicPlaces = SideBySide.places(of: hosts, in: publicHosts)
        internalPlaces = SideBySide.places(of: hosts, in: internalHosts)
        backendPlaces = SideBySide.places(of: hosts, in: proxy?.keys ?? [])
        glances = Glances(expectation, facts, settings, history, closely: closely)
    }

    /// What is certain of a row without a closer look.
    func glance(at row: Int) -> Glance {
        glances.glance(
            at: row, guest: Int(guestPlaces[row]), publicHost: Int(publicPlaces[row]),
            internalHost: Int(internalPlaces[row]), poll: Int(pollPlaces[row]), backend: Int(backendPlaces[row]))
    }

    /// The guest under a row's VMID, or its absence. Nil when Proxmox is not configured.
    func container(of row: Int, isExpected: Bool) -> Observed<Guest>? {
        let place = Int(guestPlaces[row])
        if place >= 0, let inventory { return .present(inventory.guests[place], inventory.evidence) }
        let node = expectation.desired.instances[row].node
        return facts.container(expectation.desired.instances[row].vmid, recordedNode: node, isExpected: isExpected)
    }

    /// Whether Proxmox lists a guest under a row's VMID.
    func isListed(_ row: Int) -> Bool { guestPlaces[row] >= 0 }

    /// The node on which a row's guest is listed, or was placed last where it is not.
    func node(of row: Int) -> String? {
        let place = Int(guestPlaces[row])
        if place >= 0, let inventory { return inventory.guests[place].node }
        return expectation.desired.instances[row].node
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
        guard let proxy, !expectation.hosts.hasDots else { return found }
        for row in backendPlaces.indices where backendPlaces[row] >= 0 && isMeant(row) {
            let place = Int(backendPlaces[row])
            if proxy.isOnly(at: place) { found[place] = true }
        }
        for row in expectation.hosts.repeated.joined() where backendPlaces[row] >= 0 {
            found[Int(backendPlaces[row])] = false
        }
        return found
    }
}
