/// The numbers of all planes, laid beside those of the rows: what a ``Glance`` is made of.
struct Glances: Sendable {
    private let standings: [Standing]
    private let rows: [DesiredInstance.Brief]
    private let names: [HostKey]
    /// By row: whether something is known of it that has to be looked at closely.
    private let isRemarked: [Bool]
    /// By row: whether its host name may be looked for in a zone as it is. Nil when all may.
    private let isLabel: [Bool]?
    private let hasDots: Bool

    private let guests: [Guest.Brief]
    private let guestNames: [HostKey?]
    private let nodes: NodeMatches
    private let polls: [AgentReading.Poll.Brief]
    private let backends: [UInt32]
    private let publicZone: EdgeHosts
    private let internalZone: EdgeHosts
    /// Signs of planes of which nothing will be said.
    private let certain: Glance.Signs
    private let isBlind: Bool

    /// - Parameter closely: whether nothing is to be told at a glance.
    init(
        _ expectation: Expectation, _ facts: Facts, _ settings: PipelineSettings, _ history: History?, closely: Bool
    ) {
        let index = expectation.desired.index
        let hosts = expectation.hosts
        standings = expectation.standings
        rows = index.briefs
        names = hosts.keys
        hasDots = hosts.hasDots
        isLabel =
            hosts.hasDots
            ? expectation.desired.instances.indices.map {
                // Records are looked for under the whole of a host name that carries the zone, wrongly, too.
                hosts.names[$0].utf8.count == expectation.desired.instances[$0].hostname.utf8.count
            } : nil

        let inventory = facts.inventory.latest.value
        guests = inventory?.briefs ?? []
        guestNames = inventory?.names ?? []
        nodes = NodeMatches(index.nodes, inventory?.nodeNames ?? NodeNames())
        polls = facts.agents.latest.value?.briefs ?? []
        backends = facts.proxy.latest.value?.addresses ?? []
        publicZone = EdgeHosts(facts.publicZone.latest.value, settings.publicDNS)
        internalZone = EdgeHosts(facts.internalZone.latest.value, settings.internalDNS)
        isRemarked = Glances.remarked(expectation, inventory, history)
        isBlind = closely

        var certain: Glance.Signs = []
        if !settings.isConfigured(.publicDNS) { certain.insert(.publicZone) }
        if !settings.isConfigured(.internalDNS) { certain.insert(.internalZone) }
        if !settings.agents { certain.formUnion([.agentAnswers, .agentReady]) }
        if history == nil { certain.insert(.agentReady) }
        if !settings.velocity { certain.insert(.registered) }
        self.certain = certain
    }

    /// - Parameters: where each plane has what is the row's; -1 where it has nothing.
    func glance(at row: Int, guest: Int, publicHost: Int, internalHost: Int, poll: Int, backend: Int) -> Glance {
        let brief = rows[row]
        let signs =
            isBlind ? [] : signs(row, brief, guest, publicHost, internalHost, poll, backend)
        return Glance(
            standing: standings[row], isGame: brief.ctype == .game, wantsService: brief.wantsService, signs: signs)
    }

    @inline(__always)
    private func signs(
        _ row: Int, _ brief: DesiredInstance.Brief, _ guest: Int, _ publicHost: Int, _ internalHost: Int, _ poll: Int,
        _ backend: Int
    ) -> Glance.Signs {
        var signs = certain
        if !isRemarked[row] { signs.insert(.unremarked) }
        if guest >= 0 {
            let look = guests[guest].look
            if look != .unusual, isNamedAlike(row, guest) { signs.insert(look == .runs ? .runs : .rests) }
            if brief.node == NodeNames.none || nodes.areSame(row: brief.node, guest: guests[guest].node) {
                signs.insert(.atItsNode)
            }
        }
        if isLabel?[row] != false {
            if publicHost >= 0, publicZone.areRight(publicHost, for: brief) { signs.insert(.publicZone) }
            if internalHost >= 0, internalZone.areRight(internalHost, for: brief) { signs.insert(.internalZone) }
        }
        guard brief.address != 0 else { return signs }
        if poll >= 0, polls[poll].address == brief.address {
            switch polls[poll].look {
            case .ready: signs.formUnion([.agentAnswers, .agentReady])
            case .answers: signs.insert(.agentAnswers)
            case .unusual: break
            }
        }
        if backend >= 0, backends[backend] == brief.address { signs.insert(.registered) }
        return signs
    }

    /// Whether a guest certainly has the row's name, and no placeholder of Proxmox's for one.
    private func isNamedAlike(_ row: Int, _ guest: Int) -> Bool {
        // A name with a dot may carry the zone.
        guard !hasDots, let key = guestNames[guest] else { return false }
        return key == names[row] && key.stem != "ct"
    }

    private static func remarked(_ expectation: Expectation, _ inventory: Inventory?, _ history: History?) -> [Bool] {
        let desired = expectation.desired
        var isRemarked = [Bool](repeating: false, count: desired.instances.count)
        func remark(_ vmid: VMID) { for row in desired.rows(under: vmid) { isRemarked[row] = true } }
        for vmid in expectation.unreadableVMIDs { remark(vmid) }
        for (_, rows) in desired.index.repeatedAddresses { for row in rows { isRemarked[row] = true } }
        for vmid in (inventory?.addresses ?? [:]).keys { remark(vmid) }
        if let history {
            for vmid in history.openVMIDs { remark(vmid) }
            for instance in history.instances { remark(instance.vmid) }
        }
        return isRemarked
    }
}

/// The hosts of one zone, for who only wants to know whether one leads to the edge.
private struct EdgeHosts: Sendable {
    private let hosts: [ZoneHost]
    /// Zero where it is not written as an IPv4 address: then nothing is certain.
    private let edge: UInt32

    init(_ zone: Zone?, _ dns: PipelineSettings.DNS?) {
        hosts = zone?.hosts ?? []
        edge = dns.flatMap { DNSName.ipv4($0.edge) } ?? 0
    }

    /// Whether the records at a place are of the usual shape and say what they should of a row.
    func areRight(_ place: Int, for row: DesiredInstance.Brief) -> Bool {
        guard let plain = hosts[place].plain, plain.address == edge, edge != 0 else { return false }
        return !row.wantsService || plain.port == row.port
    }
}
