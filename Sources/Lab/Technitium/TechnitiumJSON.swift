import Core
import World

/// Zones and records as Technitium 15 writes them.
enum TechnitiumJSON {
    static let server = "ns1.example.net"

    static func zone(_ view: InternalZoneView) -> JSON {
        let modified = view.records.map(\.modifiedAt).max()
        var members: [(String, JSON)] = [
            ("name", .string(view.name)), ("type", .string(view.type)), ("lastModified", .string(time(modified))),
            ("disabled", .bool(view.isDisabled)), ("soaSerial", .int(view.serial)),
        ]
        if view.type == "Primary" { members.append(("internal", .bool(false))) }
        members += [
            ("catalog", .null), ("dnssecStatus", .string("Unsigned")), ("hasDnssecPrivateKeys", .bool(false)),
        ]
        if view.type == "Secondary" {
            members += [("isExpired", .bool(false)), ("syncFailed", .bool(false))]
        }
        return .object(members + [("notifyFailed", .bool(false)), ("notifyFailedFor", .array([]))])
    }

    static func record(_ record: InternalRecord, serial: Int) -> JSON {
        var members: [(String, JSON)] = [
            ("name", .string(record.name)), ("type", .string(record.data.type)), ("ttl", .int(record.ttl)),
            ("ttlString", .string("\(record.ttl)s")), ("disabled", .bool(record.isDisabled)),
        ]
        // Left out when there is none, never null or empty.
        if let comment = record.comment, !comment.isEmpty { members.append(("comments", .string(comment))) }
        members += [
            ("rData", .object(data(record.data, serial: serial))), ("dnssecStatus", .string("Unknown")),
            ("lastUsedOn", .string("0001-01-01T00:00:00")), ("lastModified", .string(time(record.modifiedAt))),
            ("expiryTtl", .int(record.expiryTTL)), ("expiryTtlString", .string("\(record.expiryTTL)s")),
        ]
        return .object(members)
    }

    private static func data(_ data: InternalRecord.Data, serial: Int) -> [(String, JSON)] {
        switch data {
        case .a(let address), .aaaa(let address): [("ipAddress", .string(address))]
        case .cname(let target): [("cname", .string(target))]
        case .ns(let server): [("nameServer", .string(server))]
        case .srv(let srv):
            [
                ("priority", .int(srv.priority)), ("weight", .int(srv.weight)), ("port", .int(srv.port)),
                ("target", .string(srv.target)),
            ]
        case .txt(let text): [("text", .string(text)), ("splitText", .bool(false))]
        case .soa(let primary):
            [
                ("primaryNameServer", .string(primary)), ("responsiblePerson", .string("hostadmin@\(primary)")),
                ("serial", .int(serial)), ("refresh", .int(900)), ("retry", .int(300)), ("expire", .int(604_800)),
                ("minimum", .int(900)), ("useSerialDateScheme", .bool(false)),
            ]
        }
    }

    /// With seven digits of a second; what never happened has the year 1 and no zone letter.
    private static func time(_ moment: Timestamp?) -> String {
        guard let moment else { return "0001-01-01T00:00:00" }
        let part = String(((moment.microseconds % 1_000_000) + 1_000_000) % 1_000_000)
        let whole = moment.description.prefix { $0 != "." && $0 != "Z" }
        return whole + "." + String(repeating: "0", count: 6 - part.utf8.count) + part + "0Z"
    }
}
