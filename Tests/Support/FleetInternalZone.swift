package import Core

/// The internal side of a fleet: absent until a test asks for it.
extension Fleet {
    package static let internalEdge = "10.0.0.5"
    package static let formerInternalEdge = "10.0.0.4"

    /// A fleet with an internal zone in which every record is right too.
    package static func withInternalZone(_ count: Int = 3) -> Fleet {
        var fleet = Fleet(count)
        fleet.settings.internalDNS = PipelineSettings.DNS(
            edge: internalEdge, formerEdges: [formerInternalEdge], ttl: 60)
        let apex = ["SOA", "NS"].map { type in
            DNSRecord(id: "\(zone) \(type)", name: zone, data: .other(type: type), ttl: 900, comment: nil)
        }
        let records = fleet.records.compactMap { record -> DNSRecord? in
            switch record.data {
            case .a: internalRecord(record.name, .a(internalEdge))
            case .srv: internalRecord(record.name, record.data)
            default: nil
            }
        }
        fleet.internalZone = .success(
            TechnitiumReading(
                endpoint: "http://10.0.0.2:5380",
                zone: .init(name: zone, type: "Primary", isDisabled: false, serial: 35), records: apex + records,
                listedSerial: 35, startedAt: now))
        return fleet
    }

    package static func internalRecord(
        _ name: String, _ data: DNSRecord.Data, comment: String? = nil, isDisabled: Bool = false
    ) -> DNSRecord {
        DNSRecord(
            id: TechnitiumReading.id(of: name, data), name: name, data: data, ttl: 60, comment: comment,
            isDisabled: isDisabled)
    }

    package mutating func changeInternalZone(_ change: (inout TechnitiumReading) -> Void) {
        guard case .success(var reading) = internalZone else { return }
        change(&reading)
        internalZone = .success(reading)
    }

    /// Changes the internal records of one type at a short name.
    package mutating func changeInternalRecord(
        _ name: String, _ type: String, _ change: (inout DNSRecord) -> Void
    ) {
        changeInternalZone { reading in
            for index in reading.records.indices
            where reading.records[index].isAt(name) && reading.records[index].isOf(type) {
                change(&reading.records[index])
            }
        }
    }

    package mutating func removeInternalRecord(_ name: String, _ type: String) {
        changeInternalZone { reading in reading.records.removeAll { $0.isAt(name) && $0.isOf(type) } }
    }

    package mutating func addInternalRecord(_ record: DNSRecord) {
        changeInternalZone { $0.records.append(record) }
    }
}

extension DNSRecord {
    fileprivate func isAt(_ short: String) -> Bool { name == "\(short).\(Fleet.zone)" }
    fileprivate func isOf(_ type: String) -> Bool { data.description.prefix { $0 != " " } == type }
}
