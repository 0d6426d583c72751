import Core
import Foundation

/// One row of `GET /zones/{id}/dns_records`, brought into canonical form.
struct CloudflareRecord {
    let record: DNSRecord

    /// Of a type that could be ours: what such a record says has to be known.
    static func isOfConcern(_ type: String) -> Bool { ["A", "AAAA", "CNAME", "SRV"].contains(type) }

    /// - Parameters:
    ///   - type: in capitals.
    ///   - isProxyKnown: whether players pass the proxy or not has to be known of a record that could be ours.
    static func data(
        type: String, isProxyKnown: Bool, content: @autoclosure () -> String?, srv: @autoclosure () -> SRV?
    ) -> DNSRecord.Data {
        guard isProxyKnown || !isOfConcern(type) else { return .unreadable(type: type) }
        switch type {
        case "A":
            guard let content = content(), DNSName.ipv4(content) != nil else { return .unreadable(type: type) }
            return .a(content)
        case "AAAA":
            guard let address = content().flatMap(IPv6.canonical) else { return .unreadable(type: type) }
            return .aaaa(address)
        case "CNAME":
            guard let target = content() else { return .unreadable(type: type) }
            return .cname(DNSName.canonical(target))
        case "SRV":
            guard let srv = srv() else { return .unreadable(type: type) }
            return .srv(srv)
        default:
            return .other(type: type)
        }
    }

    /// `content` is "weight port target" today, with the priority beside it; some servers write all four.
    static func srv(content: String, priority: Int?) -> SRV? {
        let fields = content.split(whereSeparator: \.isWhitespace)
        switch fields.count {
        case 3: return srv(priority, Lenient.int(String(fields[0])), Lenient.int(String(fields[1])), String(fields[2]))
        case 4:
            return srv(
                priority ?? Lenient.int(String(fields[0])), Lenient.int(String(fields[1])),
                Lenient.int(String(fields[2])), String(fields[3]))
        default: return nil
        }
    }

    static func srv(_ priority: Int?, _ weight: Int?, _ port: Int?, _ target: String) -> SRV? {
        let word = 0...65_535
        guard let priority, let weight, let port, word.contains(priority), word.contains(weight), word.contains(port)
        else { return nil }
        return SRV(priority: priority, weight: weight, port: port, target: DNSName.canonical(target))
    }
}

/// By Foundation, with the leniency that foreign services need.
extension CloudflareRecord: Decodable {
    private enum Key: String, CodingKey {
        case id, name, type, content, data, ttl, comment, proxied, priority
    }
    private enum SRVKey: String, CodingKey { case priority, weight, port, target }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: Key.self)
        guard let id = row.lenientText(.id), let name = row.lenientText(.name), let type = row.text(.type) else {
            throw DecodingError.dataCorruptedError(
                forKey: .id, in: row, debugDescription: "a record without id, name or type")
        }
        record = DNSRecord(
            id: id, name: DNSName.canonical(name), data: CloudflareRecord.data(type: type.uppercased(), row),
            // A TTL that cannot be read is taken for "automatic": TTL alone is never drift.
            ttl: row.lenientInt(.ttl) ?? 1,
            comment: CloudflareRecord.comment(row), isProxied: row.lenientBool(.proxied) ?? false)
    }

    /// Nil when there is none. A comment that is no text is somebody's all the same: it never makes a record ours to change.
    private static func comment(_ row: KeyedDecodingContainer<Key>) -> String? {
        if let text = row.lenientText(.comment) { return text }
        let isNone = !row.contains(.comment) || row.isNull(.comment) || row.text(.comment) == ""
        return isNone ? nil : "(a comment that is no text)"
    }

    private static func data(type: String, _ row: KeyedDecodingContainer<Key>) -> DNSRecord.Data {
        data(
            type: type,
            isProxyKnown: !row.contains(.proxied) || row.isNull(.proxied) || row.lenientBool(.proxied) != nil,
            content: row.lenientText(.content), srv: srv(row))
    }

    private static func srv(_ row: KeyedDecodingContainer<Key>) -> SRV? {
        guard row.contains(.data), !row.isNull(.data) else {
            return srv(content: row.lenientText(.content) ?? "", priority: row.lenientInt(.priority))
        }
        guard
            case .success(let data) = Result(catching: {
                try row.nestedContainer(keyedBy: SRVKey.self, forKey: .data)
            }),
            let target = data.lenientText(.target)
        else { return nil }
        return srv(data.lenientInt(.priority), data.lenientInt(.weight), data.lenientInt(.port), target)
    }
}
