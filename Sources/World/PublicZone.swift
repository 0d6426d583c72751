package import Core

/// One record as Cloudflare keeps it.
package struct ZoneRecord: Equatable, Sendable {
    /// 32 lower-case hexadecimal digits.
    package var id: String
    /// The full name, lower case, without a trailing dot.
    package var name: String
    package var type: String
    /// As the service shows it. For an SRV record it follows from `srv`.
    package var content: String
    package var srv: SRV?
    /// Of an MX record.
    package var priority: Int?
    package var ttl: Int
    package var comment: String?
    package var isProxied: Bool
    package var tags: [String]
    package var createdAt: Timestamp
    package var modifiedAt: Timestamp

    package init(
        id: String, name: String, type: String, content: String, srv: SRV? = nil, priority: Int? = nil, ttl: Int = 60,
        comment: String? = nil, isProxied: Bool = false, tags: [String] = [], createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.type = type
        // Without the priority: that is how the service writes it since 2021 at least.
        self.content = srv.map { "\($0.weight) \($0.port) \($0.target)" } ?? content
        self.srv = srv
        self.priority = priority
        self.ttl = ttl
        self.comment = comment
        self.isProxied = isProxied
        self.tags = tags
        self.createdAt = createdAt
        self.modifiedAt = createdAt
    }

    /// As a reader understands it.
    package var decoded: DNSRecord {
        let data: DNSRecord.Data =
            switch type {
            case "A": DNSName.ipv4(content) == nil ? .unreadable(type: "A") : .a(content)
            case "AAAA": .aaaa(content)
            case "CNAME": .cname(DNSName.canonical(content))
            case "SRV": srv.map { .srv($0.canonical) } ?? .unreadable(type: "SRV")
            default: .other(type: type)
            }
        return DNSRecord(
            id: id, name: DNSName.canonical(name), data: data, ttl: ttl, comment: comment, isProxied: isProxied)
    }
}

extension SRV {
    fileprivate var canonical: SRV {
        SRV(priority: priority, weight: weight, port: port, target: DNSName.canonical(target))
    }
}

/// The public zone as it really is.
package struct PublicZone: Equatable, Sendable {
    package var id: String
    package var name: String
    /// In the order in which they were made.
    package private(set) var records: [ZoneRecord]
    /// What was removed lately: a stale copy still shows it.
    package private(set) var removed: [ZoneRecord] = []
    /// How many records a plan allows.
    package var quota: Int
    /// The most that one page holds, whatever is asked for.
    package var largestPage: Int

    package init(id: String, name: String, records: [ZoneRecord], quota: Int = 1000, largestPage: Int = 5000) {
        self.id = id
        self.name = name
        self.records = records
        self.quota = quota
        self.largestPage = largestPage
    }

    package func records(at name: String) -> [ZoneRecord] { records.filter { $0.name == name } }

    package mutating func add(_ record: ZoneRecord) { records.append(record) }

    @discardableResult
    package mutating func remove(id: String) -> Bool {
        guard let index = records.firstIndex(where: { $0.id == id }) else { return false }
        removed.append(records.remove(at: index))
        return true
    }

    @discardableResult
    package mutating func replace(_ record: ZoneRecord) -> Bool {
        guard let index = records.firstIndex(where: { $0.id == record.id }) else { return false }
        records[index] = record
        return true
    }

    /// An earlier state: what was made last is missing, what was removed is still there.
    package var staleRecords: [ZoneRecord] {
        let newest = records.max { $0.createdAt < $1.createdAt }?.id
        return records.filter { $0.id != newest } + removed
    }
}
