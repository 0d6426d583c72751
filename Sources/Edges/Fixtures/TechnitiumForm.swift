import Core

/// One listing of the internal zone.
struct TechnitiumForm: Codable {
    var endpoint: String
    var readAt: String
    var zone: String
    /// As Technitium calls it: `Primary`.
    var type: String
    var disabled: Bool?
    /// Of the zone, and of the SOA record in the list: they differ when it changed meanwhile.
    var serial: Int?
    var listedSerial: Int?
    var records: [ZoneForm.Record]
    /// Ids of records that the server removes by itself; left out where there are none.
    var expiring: [String]?

    init(_ reading: TechnitiumReading) {
        endpoint = reading.endpoint
        readAt = reading.startedAt.exact
        zone = reading.zone.name
        type = reading.zone.type
        disabled = reading.zone.isDisabled ? true : nil
        serial = reading.zone.serial
        listedSerial = reading.listedSerial
        records = reading.records.map(ZoneForm.Record.init)
        expiring = reading.expiring.isEmpty ? nil : reading.expiring.sorted()
    }

    func reading() throws -> TechnitiumReading {
        TechnitiumReading(
            endpoint: endpoint,
            zone: .init(name: DNSName.canonical(zone), type: type, isDisabled: disabled ?? false, serial: serial),
            records: try records.map { try $0.record() }, listedSerial: listedSerial,
            expiring: Set(expiring ?? []), startedAt: try Timestamp(exact: readAt))
    }
}
