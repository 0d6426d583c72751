import Core
import World

/// The writes of the record API, on a copy of the zone: the caller keeps it only when all went well.
///
/// A record has no id: update and delete name its exact value. What an update leaves out is reset.
struct TechnitiumDesk {
    static let paths: Set<String> = [
        "/api/zones/records/add", "/api/zones/records/update", "/api/zones/records/delete",
    ]

    var zone: InternalZone
    let parameters: [(name: String, value: String)]
    let now: Timestamp

    /// What stands in the settings of a server that nobody has changed.
    private static let defaultTTL = 3600

    var domain: String? { parameter("domain").map(DNSName.canonical) }

    static func noZone(_ domain: String) -> ZoneRefusal { ZoneRefusal(nil, "No such zone was found: \(domain)") }

    /// The members of `response` beside the zone.
    mutating func answer(_ path: String) throws(ZoneRefusal) -> [(String, JSON)] {
        let domain = try name("domain")
        let asked = parameter("zone").map(DNSName.canonical).flatMap { $0.isEmpty ? nil : $0 } ?? domain
        guard asked == zone.name || DNSName.isBelow(asked, zone.name) else { throw Self.noZone(domain) }
        let old = try value(prefix: "")
        switch path {
        case "/api/zones/records/add":
            let record = InternalRecord(
                name: domain, data: old, ttl: try seconds("ttl") ?? Self.defaultTTL, comment: comment,
                modifiedAt: now, expiryTTL: try seconds("expiryTtl") ?? 0)
            try zone.add(record, overwrite: flag("overwrite"))
            return [("addedRecord", TechnitiumJSON.record(record, serial: zone.serial))]
        case "/api/zones/records/update":
            let record = InternalRecord(
                name: parameter("newDomain") == nil ? domain : try name("newDomain"), data: try value(prefix: "new"),
                ttl: try seconds("ttl") ?? Self.defaultTTL, comment: comment, isDisabled: flag("disable"),
                modifiedAt: now, expiryTTL: try seconds("expiryTtl") ?? 0)
            try zone.update(domain, old, to: record)
            return [("updatedRecord", TechnitiumJSON.record(record, serial: zone.serial))]
        default:
            try zone.delete(domain, old)
            return []
        }
    }

    private func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    private var comment: String? { parameter("comments").flatMap { $0.isEmpty ? nil : $0 } }

    private func flag(_ name: String) -> Bool { parameter(name)?.lowercased() == "true" }

    private func name(_ key: String) throws(ZoneRefusal) -> String {
        guard let name = parameter(key).map(DNSName.canonical), !name.isEmpty else { throw missing(key) }
        guard name == zone.name || DNSName.isBelow(name, zone.name) else { throw Self.noZone(name) }
        return name
    }

    private func missing(_ key: String) -> ZoneRefusal { ZoneRefusal(nil, "Parameter '\(key)' missing.") }

    /// The record's value; with the prefix "new" the coming one, in which what is left out stays as it was.
    private func value(prefix: String) throws(ZoneRefusal) -> InternalRecord.Data {
        func text(_ key: String) throws(ZoneRefusal) -> String {
            let first = key.prefix(1).uppercased()
            let new = prefix.isEmpty ? nil : parameter(prefix + first + key.dropFirst())
            guard let text = new ?? parameter(key) else { throw missing(key) }
            return text
        }
        func number(_ key: String) throws(ZoneRefusal) -> Int {
            guard let number = Int(try text(key)), (0...65_535).contains(number) else {
                throw ZoneRefusal(nil, "Parameter '\(key)' is invalid.")
            }
            return number
        }
        switch parameter("type")?.uppercased() {
        case "A":
            let address = try text("ipAddress")
            guard DNSName.ipv4(address) != nil else {
                throw ZoneRefusal(nil, "Parameter 'ipAddress' is invalid.")
            }
            return .a(address)
        case "AAAA": return .aaaa(try text("ipAddress"))
        // The one type whose old value is never asked for.
        case "CNAME":
            let there = zone.records(at: domain ?? "").first { $0.data.type == "CNAME" }
            if prefix.isEmpty, let there { return there.data }
            return .cname(DNSName.canonical(try text("cname")))
        case "TXT": return .txt(try text("text"))
        case "SRV":
            return .srv(
                SRV(
                    priority: try number("priority"), weight: try number("weight"), port: try number("port"),
                    target: DNSName.canonical(try text("target"))))
        case nil: throw missing("type")
        case let type?: throw ZoneRefusal(nil, "Type not supported for AddRecords(): \(type)")
        }
    }

    /// Seconds, or a number with s, m, h, d or w behind it.
    private func seconds(_ key: String) throws(ZoneRefusal) -> Int? {
        guard let text = parameter(key) else { return nil }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        let unit = text.last.flatMap { units[$0] }
        guard let number = Int(unit == nil ? text : String(text.dropLast())), (0...2_147_483_647).contains(number)
        else { throw ZoneRefusal(nil, "Parameter '\(key)' is invalid.") }
        return number * (unit ?? 1)
    }
}
