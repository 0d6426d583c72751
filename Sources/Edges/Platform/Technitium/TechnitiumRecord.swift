import Core

/// One row of `/api/zones/records/get`, brought into canonical form.
struct TechnitiumRecord: Decodable {
    let record: DNSRecord
    /// Of a SOA record.
    let serial: Int?
    /// After so many seconds without a change the server removes it by itself; 0 is never.
    let expiryTTL: Int

    private enum Key: String, CodingKey { case name, type, ttl, disabled, comments, rData, expiryTtl }
    private enum DataKey: String, CodingKey {
        case ipAddress, cname, priority, weight, port, target, serial
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: Key.self)
        guard let name = row.lenientText(.name).map(DNSName.canonical), let type = row.lenientText(.type)?.uppercased()
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .name, in: row, debugDescription: "a record without name or type")
        }
        var content: KeyedDecodingContainer<DataKey>?
        if case .success(let found) = Result(catching: {
            try row.nestedContainer(keyedBy: DataKey.self, forKey: .rData)
        }) {
            content = found
        }
        // Whether players are led by it has to be known of a record that could be ours.
        let isServedKnown = !row.contains(.disabled) || row.isNull(.disabled) || row.lenientBool(.disabled) != nil
        let data =
            isServedKnown || !CloudflareRecord.isOfConcern(type)
            ? TechnitiumRecord.data(type: type, content) : .unreadable(type: type)
        serial = type == "SOA" ? content?.lenientInt(.serial) : nil
        expiryTTL = row.lenientInt(.expiryTtl) ?? 0
        record = DNSRecord(
            id: TechnitiumReading.id(of: name, data), name: name, data: data,
            // TTL alone is never drift, so that one which cannot be read takes nothing from the record.
            ttl: row.lenientInt(.ttl) ?? 0, comment: TechnitiumRecord.comment(row),
            isDisabled: row.lenientBool(.disabled) ?? false)
    }

    /// Nil when there is none. A comment that is no text is somebody's all the same: it never makes a record ours to change.
    private static func comment(_ row: KeyedDecodingContainer<Key>) -> String? {
        if let text = row.lenientText(.comments) { return text }
        let isNone = !row.contains(.comments) || row.isNull(.comments) || row.text(.comments) == ""
        return isNone ? nil : "(a comment that is no text)"
    }

    /// What the server itself could not take apart comes as `dataType` and `data`, without the keys looked for here.
    private static func data(type: String, _ content: KeyedDecodingContainer<DataKey>?) -> DNSRecord.Data {
        switch type {
        case "A":
            guard let address = content?.lenientText(.ipAddress), DNSName.ipv4(address) != nil else { break }
            return .a(address)
        case "AAAA":
            guard let address = content?.lenientText(.ipAddress).flatMap(IPv6.canonical) else { break }
            return .aaaa(address)
        case "CNAME":
            guard let target = content?.lenientText(.cname) else { break }
            return .cname(DNSName.canonical(target))
        case "SRV":
            let word = 0...65_535
            guard let priority = content?.lenientInt(.priority), let weight = content?.lenientInt(.weight),
                let port = content?.lenientInt(.port), let target = content?.lenientText(.target),
                word.contains(priority), word.contains(weight), word.contains(port)
            else { break }
            return .srv(SRV(priority: priority, weight: weight, port: port, target: DNSName.canonical(target)))
        default: return .other(type: type)
        }
        return .unreadable(type: type)
    }
}
