import Core

/// The fields of one record that are asked for, in the types that they usually have.
struct PlainRecord {
    private var id, name, type, content, comment: String?
    private var ttl, priority: Int?
    private var isProxied: Bool?
    private var service: Service?
    private var seen = Seen()
    /// Whether a field is of another type, or there twice; those that only some types of record need are apart.
    private var isOdd = false
    private var isContentOdd = false
    private var isServiceOdd = false

    private struct Service {
        var priority, weight, port: Int?
        var target: String?
        var seen = Seen()
    }

    private enum Field: UInt16 {
        case id, name, type, content, comment, ttl, priority, proxied, data
        case weight, port, target

        init?(_ key: String) {
            switch key {
            case "id": self = .id
            case "name": self = .name
            case "type": self = .type
            case "content": self = .content
            case "comment": self = .comment
            case "ttl": self = .ttl
            case "priority": self = .priority
            case "proxied": self = .proxied
            case "data": self = .data
            case "weight": self = .weight
            case "port": self = .port
            case "target": self = .target
            default: return nil
            }
        }
    }

    /// The fields that were met, to notice one that comes again.
    private struct Seen {
        private var fields: UInt16 = 0

        /// False when it was met before.
        mutating func insert(_ field: Field) -> Bool {
            let bit: UInt16 = 1 << field.rawValue
            defer { fields |= bit }
            return fields & bit == 0
        }
    }

    /// Nil when what is next is no plain object.
    init?(_ json: inout PlainJSON) {
        var row = PlainRecord()
        let isRead: Void? = json.object { json, key in
            guard let field = Field(key) else { return json.pass() }
            if !row.seen.insert(field) { row.isOdd = true }
            switch field {
            case .id: return PlainRecord.set(&row.id, &json, &row.isOdd)
            case .name: return PlainRecord.set(&row.name, &json, &row.isOdd)
            case .type: return PlainRecord.set(&row.type, &json, &row.isOdd)
            case .content: return PlainRecord.set(&row.content, &json, &row.isContentOdd)
            case .comment: return PlainRecord.set(&row.comment, &json, &row.isOdd)
            case .ttl: return PlainRecord.set(&row.ttl, &json, &row.isOdd)
            case .priority: return PlainRecord.set(&row.priority, &json, &row.isServiceOdd)
            case .proxied: return PlainRecord.set(&row.isProxied, &json, &row.isOdd)
            case .data: return row.readData(&json)
            case .weight, .port, .target: return json.pass()
            }
        }
        guard isRead != nil else { return nil }
        self = row
    }

    private init() {}

    /// Nil when it has to be read with more patience.
    var record: CloudflareRecord? {
        guard !isOdd, let id, !id.isEmpty, let name, !name.isEmpty, let type else { return nil }
        let kind = type.uppercased()
        guard !CloudflareRecord.isOfConcern(kind) || !(isContentOdd || isServiceOdd) else { return nil }
        let data = CloudflareRecord.data(type: kind, isProxyKnown: true, content: nonEmpty(content), srv: srv)
        return CloudflareRecord(
            record: DNSRecord(
                id: id, name: DNSName.canonical(name), data: data, ttl: ttl ?? 1, comment: nonEmpty(comment),
                isProxied: isProxied ?? false))
    }

    private var srv: SRV? {
        guard let service else {
            return CloudflareRecord.srv(content: nonEmpty(content) ?? "", priority: priority)
        }
        return nonEmpty(service.target).flatMap {
            CloudflareRecord.srv(service.priority, service.weight, service.port, $0)
        }
    }

    private func nonEmpty(_ text: String?) -> String? { text == "" ? nil : text }

    private mutating func readData(_ json: inout PlainJSON) -> Void? {
        guard json.isAtObject() else {
            guard let value = json.value() else { return nil }
            if case .null = value {} else { isServiceOdd = true }
            return ()
        }
        var data = Service()
        var isOdd = false
        let isRead: Void? = json.object { json, key in
            guard let field = Field(key) else { return json.pass() }
            if !data.seen.insert(field) { isOdd = true }
            switch field {
            case .priority: return PlainRecord.set(&data.priority, &json, &isOdd)
            case .weight: return PlainRecord.set(&data.weight, &json, &isOdd)
            case .port: return PlainRecord.set(&data.port, &json, &isOdd)
            case .target: return PlainRecord.set(&data.target, &json, &isOdd)
            default: return json.pass()
            }
        }
        service = data
        isServiceOdd = isServiceOdd || isOdd
        return isRead
    }

    // A field that is null is as good as none, here as for the patient reader.

    private static func set(_ field: inout String?, _ json: inout PlainJSON, _ isOdd: inout Bool) -> Void? {
        json.value().map { value in
            switch value {
            case .text(let text): field = text
            case .null: break
            default: isOdd = true
            }
        }
    }

    private static func set(_ field: inout Int?, _ json: inout PlainJSON, _ isOdd: inout Bool) -> Void? {
        json.value().map { value in
            switch value {
            case .number(let digits):
                field = Int(digits)
                if field == nil { isOdd = true }
            case .null: break
            default: isOdd = true
            }
        }
    }

    private static func set(_ field: inout Bool?, _ json: inout PlainJSON, _ isOdd: inout Bool) -> Void? {
        json.value().map { value in
            switch value {
            case .truth(let flag): field = flag
            case .null: break
            default: isOdd = true
            }
        }
    }
}
