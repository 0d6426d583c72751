import Core

/// The internal zone of an estate in the making, and the deviations that can be planted into it.
extension EstateDraft {
    static let internalEdge = "10.0.0.5"
    static let formerInternalEdge = "10.0.0.4"
    static let internalDNS = PipelineSettings.DNS(edge: internalEdge, formerEdges: [formerInternalEdge], ttl: 60)

    enum InternalDeviation: CaseIterable {
        case srvDeleted, formerEdge, duplicate, disabled, srvPort
    }

    mutating func addInternalRecord(
        _ name: String, _ data: InternalRecord.Data, ttl: Int = 60, comment: String? = nil
    ) {
        let age = Span.minutes(Int64(100_000 - estate.internalZone.records.count))
        estate.internalZone.add(
            InternalRecord(name: name, data: data, ttl: ttl, comment: comment, modifiedAt: estate.drawnAt - age))
    }

    /// What a zone cannot be without, and hosts of the house: none of them is a customer's.
    mutating func addInternalHouse() {
        let zone = EstateDraft.zoneName
        addInternalRecord(zone, .soa("ns1.\(zone)"), ttl: 900)
        addInternalRecord(zone, .ns("ns1.\(zone)"), ttl: 3600)
        addInternalRecord("ns1.\(zone)", .a("10.0.0.2"), ttl: 3600)
        addInternalRecord("db.\(zone)", .a("10.0.0.20"), ttl: 3600, comment: "PostgreSQL")
        addInternalRecord("edge.\(zone)", .a(EstateDraft.internalEdge), ttl: 3600)
        addInternalRecord("proxy.\(zone)", .cname("edge.\(zone)"), ttl: 3600)
        addInternalRecord("*.\(zone)", .a(EstateDraft.internalEdge), ttl: 3600, comment: "developer servers")
        addInternalRecord("_notes.\(zone)", .txt("internal view"), ttl: 3600)
    }

    mutating func publishInternally(_ row: DesiredInstance, comment: String?) {
        let name = "\(row.hostname).\(EstateDraft.zoneName)"
        addInternalRecord(name, .a(EstateDraft.internalEdge), comment: comment)
        if Games.usesSRV(row.game), let port = Games.port(of: row) {
            addInternalRecord(
                "_minecraft._tcp.\(name)", .srv(SRV(priority: 0, weight: 0, port: port, target: name)),
                comment: comment)
        }
    }

    /// Plants a deviation on a server that is published as it should be.
    mutating func plantInternally(_ deviation: InternalDeviation, on row: DesiredInstance) {
        let number = Int(row.vmid.number)
        let name = "\(row.hostname).\(EstateDraft.zoneName)"
        let srvName = "_minecraft._tcp.\(name)"
        let isAddress = { (record: InternalRecord) in record.name == name && record.data.type == "A" }
        let isService = { (record: InternalRecord) in record.name == srvName && record.data.type == "SRV" }
        switch deviation {
        case .srvDeleted:
            estate.internalZone.remove(where: isService)
            plant(
                number, .internalSRVMissing, record: srvName,
                "The internal SRV record was lost when the zone was restored; the public one is fine.")
        case .formerEdge:
            estate.internalZone.change(where: isAddress) { $0.data = .a(EstateDraft.formerInternalEdge) }
            plant(
                number, .internalAWrong, record: name,
                "The internal edge has a new address; this A record still leads lobby traffic to the old one.")
        case .duplicate:
            addInternalRecord(name, .a(EstateDraft.formerInternalEdge))
            plant(
                number, .internalADuplicate, record: name,
                "The new internal edge was added beside the former one instead of in its place.")
        case .disabled:
            estate.internalZone.change(where: isAddress) { $0.isDisabled = true }
            plant(
                number, .internalAWrong, record: name,
                "Somebody switched the internal A record off: it is listed, and it is not served.")
        case .srvPort:
            estate.internalZone.change(where: isService) {
                guard case .srv(var data) = $0.data else { return }
                data.port = data.port < 65_535 ? data.port + 1 : data.port - 1
                $0.data = .srv(data)
            }
            plant(
                number, .internalSRVWrong, record: srvName,
                "The internal SRV record names a port on which nothing listens.")
        }
    }

    /// Random deviations of the internal zone, from a source of chance of their own.
    mutating func plantInternalDeviations(_ chance: inout Seed, _ span: Estate.Layout) {
        if chance.chance(percent: 25) {
            estate.settings.internalDNS = nil
            return
        }
        let percent = [0, 5, 15, 40][chance.below(4)]
        for row in estate.instances where row.status == .active && row.ctype == .game {
            guard chance.chance(percent: percent) else { continue }
            let fitting = InternalDeviation.allCases.filter { deviation in
                switch deviation {
                case .srvDeleted, .srvPort: Games.usesSRV(row.game)
                case .formerEdge, .duplicate, .disabled: true
                }
            }
            if let deviation = chance.pick(fitting) { plantInternally(deviation, on: row) }
        }
        guard percent > 0 else { return }
        let last = span.gameBase + span.width - 20
        for number in (last - chance.below(4))..<last {
            let name = "mc-paper-\(number).\(EstateDraft.zoneName)"
            addInternalRecord(name, .a(EstateDraft.internalEdge))
            plant(number, .internalOrphan, record: name, "An internal record of a server that is gone.")
        }
    }
}
