/// `velocity.ghost`: the proxy has a backend of ours that no live instance expects, or under a name that is not the short host
/// name. With reused addresses a ghost can lead to another customer's server. Lobbies and hubs are not ours.
package enum VelocityGhosts: FleetCheck {
    package static let kinds: [DriftKind] = [.velocityGhost]

    package static func check(_ fleet: FleetContext, _ findings: inout Findings) {
        guard let list = fleet.facts.proxy.latest.value else { return }
        let desired = fleet.expectation.desired
        let zone = fleet.settings.zone
        let retired = Dictionary(
            desired.retired.map { (HostName.canonical($0.hostname, zone: zone), $0) }
        ) { $0.deletedAt > $1.deletedAt ? $0 : $1 }

        for name in suspects(list, fleet) {
            let host = HostName.canonical(name, zone: zone)
            let carried = fleet.settings.scope.vmid(inName: host, games: fleet.expectation.games)
            guard carried != nil || retired[host] != nil else { continue }
            let rows = fleet.expectation.hosts.rows(named: host)
            // A server that is being made may be registered before its row can be read.
            if rows.isEmpty, let carried, fleet.expectation.liveOperations[carried] != nil { continue }
            guard let because = reason(name, host: host, rows: rows, fleet.expectation) else { continue }
            let ghost = Ghost(
                name: name, host: host, vmid: carried ?? retired[host]?.vmid, because: because, life: retired[host])
            add(ghost, list, fleet, &findings)
        }
    }

    /// The names of backends that are not, each under its short host name, a running Minecraft server of one row.
    private static func suspects(_ list: ProxyList, _ fleet: FleetContext) -> [String] {
        let standings = fleet.expectation.standings
        let briefs = fleet.expectation.desired.index.briefs
        let expected = fleet.backendsOfRows { row in
            VelocityBackends.expectsBackend(
                standings[row], isGame: briefs[row].ctype == .game, wantsService: briefs[row].wantsService)
        }
        var names: [String] = []
        for place in expected.indices where !expected[place] && list.backends[place].name != names.last {
            names.append(list.backends[place].name)
        }
        return names
    }

    private struct Ghost {
        var name, host: String
        var vmid: VMID?
        var because: String
        /// The deleted server of that name, if there was one.
        var life: RetiredInstance?
    }

    /// Why this backend should not be there; nil when it should, or when nothing is expected of it.
    private static func reason(
        _ name: String, host: String, rows: [Int], _ expectation: Expectation
    ) -> String? {
        if rows.isEmpty { return expectation.claims(host: host) ? nil : "no row has the host name '\(host)'" }
        // A suspended server's backend is right as it is, and of one that is being made or was given up nothing is expected.
        guard
            rows.allSatisfy({
                if case .live = expectation.standings[$0] { true } else { false }
            })
        else { return nil }
        if name != host { return "backends are registered under the short host name '\(host)'" }
        let isMinecraft = rows.contains {
            let row = expectation.desired.instances[$0]
            return row.ctype == .game && Games.usesSRV(row.game)
        }
        return isMinecraft ? nil : "'\(host)' is no Minecraft server"
    }

    private static func add(_ ghost: Ghost, _ list: ProxyList, _ fleet: FleetContext, _ findings: inout Findings) {
        if let doubt = doubt(ghost, list, fleet, findings) {
            findings.add(doubt, .database, vmid: ghost.vmid, instance: nil)
            if doubt == .bulkOrphans, findings.partial[.database] == nil {
                findings.partial[.database] =
                    "too many have no row, or none is desired at all: no backend is called a ghost (bulk_orphans)"
            }
            return
        }
        var evidence = list.evidence
        evidence.looks = fleet.facts.isConfirming ? 2 : 1
        findings.noteAbsence(evidence)
        var because = ghost.because
        if let life = ghost.life { because += "; server \(life.vmid) of that name was deleted" }
        let places = list.backends(named: ghost.name).map(\.description).joined(separator: " and ")
        findings.add(
            Drift(
                kind: .velocityGhost,
                subject: Subject(vmid: ghost.vmid, hostname: ghost.host, customer: ghost.life?.customer),
                discriminator: ghost.name, desired: "no backend '\(ghost.name)': \(because)",
                observed: "backend '\(ghost.name)' at \(places)", evidence: evidence, instance: nil))
    }

    /// Why nothing may be called a ghost although no row expects it.
    private static func doubt(
        _ ghost: Ghost, _ list: ProxyList, _ fleet: FleetContext, _ findings: Findings
    ) -> Unknown? {
        if fleet.expectation.desired.instances.isEmpty || findings.hasBulkOrphans { return .bulkOrphans }
        if let doubt = fleet.expectation.orphanDoubt { return doubt }
        guard fleet.facts.isConfirming else { return nil }
        if let failure = fleet.facts.proxy.unconfirmed { return failure.code }
        guard let earlier = fleet.facts.proxy.earlier?.value, let rows = fleet.facts.earlierDesired,
            earlier.backends(named: ghost.name) == list.backends(named: ghost.name)
        else { return .notConfirmed }
        // What was expected of the name a moment ago has to have been the same: nothing.
        func rowsNamed(_ state: DesiredState) -> [DesiredInstance] {
            state.instances.filter { HostName.canonical($0.hostname, zone: fleet.settings.zone) == ghost.host }
        }
        return rowsNamed(rows) == rowsNamed(fleet.expectation.desired) ? nil : .notConfirmed
    }
}
