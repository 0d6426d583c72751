/// What a row of the database wants at the edge: at most one record of each type in each zone, and one backend.
package enum EdgeWish {
    /// The address record and, for Minecraft, the service record; none for a dev server, which a wildcard serves.
    package static func rules(
        for row: DesiredInstance, in plane: Plane, settings: PipelineSettings
    ) -> [RecordRule] {
        guard row.ctype == .game, let zone = settings.zone, let dns = settings.dns(plane) else { return [] }
        let host = "\(DNSName.canonical(row.hostname)).\(zone)"
        func rule(_ name: String, _ wanted: DNSRecord.Data) -> RecordRule {
            RecordRule(
                plane: plane, name: name, wanted: wanted, ttl: dns.ttl,
                mark: Ownership.mark(id: settings.id, vmid: row.vmid), formerEdges: dns.formerEdges)
        }
        var rules = [rule(host, .a(dns.edge))]
        if Games.usesSRV(row.game), let port = Games.port(of: row) {
            let service = SRV(priority: 0, weight: 0, port: port, target: host)
            rules.append(rule(serviceName(of: host), .srv(service)))
        }
        return rules
    }

    /// Where the service record of a host stands.
    static func serviceName(of host: String) -> String { "_minecraft._tcp.\(host)" }

    /// - Returns: nil for what is no Minecraft server, and while its address is not known.
    package static func backend(for row: DesiredInstance, settings: PipelineSettings) -> VelocityReading.Backend? {
        guard row.ctype == .game, Games.usesSRV(row.game), let address = row.address else { return nil }
        return VelocityReading.Backend(
            name: HostName.canonical(row.hostname, zone: settings.zone), address: DNSName.canonical(address),
            port: VelocityBackends.port)
    }
}
