import Core
import World

/// A record as the API shows it.
enum RecordJSON {
    static func object(_ record: ZoneRecord) -> JSON {
        var members: [(String, JSON)] = [
            ("id", .string(record.id)), ("name", .string(record.name)), ("type", .string(record.type)),
            ("content", .string(record.content)), ("proxiable", .bool(isProxiable(record))),
            ("proxied", .bool(record.isProxied)), ("ttl", .int(record.ttl)),
            ("settings", record.type == "CNAME" ? .object([("flatten_cname", .bool(false))]) : .object([])),
            ("meta", .object([])), ("comment", .text(record.comment)),
            ("tags", .array(record.tags.map(JSON.string))), ("created_on", .string(time(record.createdAt))),
            ("modified_on", .string(time(record.modifiedAt))),
        ]
        if record.comment != nil { members.append(("comment_modified_on", .string(time(record.modifiedAt)))) }
        if let priority = record.priority { members.append(("priority", .int(priority))) }
        if let srv = record.srv {
            members.append(
                (
                    "data",
                    .object([
                        ("port", .int(srv.port)), ("priority", .int(srv.priority)), ("target", .string(srv.target)),
                        ("weight", .int(srv.weight)),
                    ])
                ))
        }
        return .object(members)
    }

    static func isProxiable(_ record: ZoneRecord) -> Bool {
        switch record.type {
        case "AAAA", "CNAME": return true
        case "A":
            guard let address = DNSName.ipv4(record.content) else { return false }
            let isPrivate =
                address >> 24 == 10 || address >> 24 == 127 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8
            return !isPrivate
        default: return false
        }
    }

    /// RFC 3339 with as many fractional digits as are not zero at the end: none to six.
    static func time(_ moment: Timestamp) -> String {
        let fraction = moment.microseconds % 1_000_000
        guard fraction > 0 else { return moment.description }
        var digits = String(1_000_000 + fraction).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(moment.description.dropLast()).\(digits)Z"
    }
}
