import Core
import Foundation

/// The answer to a request about one record: the envelope, and in it the record, or only its id.
struct CloudflareChange: Decodable {
    var success: Bool
    var errors: [CloudflareEnvelope.Fault]
    /// Nil when there is none, or none that makes sense.
    var record: DNSRecord?
    var id: String?

    private enum Key: String, CodingKey { case success, errors, result }
    private enum ResultKey: String, CodingKey { case id }

    init(from decoder: any Decoder) throws {
        let envelope = try decoder.container(keyedBy: Key.self)
        success = try envelope.decode(Bool.self, forKey: .success)
        errors = try envelope.decodeIfPresent([CloudflareEnvelope.Fault].self, forKey: .errors) ?? []
        guard success else { return }
        if case .success(let row) = Result(catching: { try envelope.decode(CloudflareRecord.self, forKey: .result) }) {
            record = row.record
        }
        if case .success(let result) = Result(catching: {
            try envelope.nestedContainer(keyedBy: ResultKey.self, forKey: .result)
        }) {
            id = result.lenientText(.id)
        }
    }

    /// Nil when it is no JSON of Cloudflare's.
    static func decode(_ body: [UInt8]) -> CloudflareChange? {
        guard case .success(let change) = Result(catching: { try WholeJSON.decode(CloudflareChange.self, body) }) else {
            return nil
        }
        return change
    }

    /// The record is not what it was taken for: gone (81044), or something stands there already.
    static let conflicts: Set<Int> = [81044, 81053, 81054, 81057, 81058]
}

/// What is sent for one record. An SRV record is its `data`, whole; `content` alone is not accepted for it.
struct CloudflareForm: Encodable {
    struct Service: Encodable {
        var priority: Int
        var weight: Int
        var port: Int
        var target: String
    }

    private var type: String?
    private var name: String?
    private var content: String?
    private var data: Service?
    private var ttl: Int
    private var proxied: Bool?
    private var comment: String?

    /// - Parameter isNew: with its name and type. What is already there keeps both, and loses its comment only by an empty one.
    /// - Returns: nil for a type that is never written.
    init?(_ draft: RecordDraft, isNew: Bool) {
        switch draft.data {
        case .a(let address):
            // The address ends up in a record that everybody sees: no other text gets there.
            guard DNSName.ipv4(address) != nil else { return nil }
            (type, content, proxied) = ("A", address, draft.isProxied)
        case .srv(let srv):
            type = "SRV"
            data = Service(priority: srv.priority, weight: srv.weight, port: srv.port, target: srv.target)
        case .aaaa, .cname, .other, .unreadable: return nil
        }
        ttl = draft.isProxied ? 1 : draft.ttl
        comment = draft.comment ?? (isNew ? nil : "")
        name = draft.name
        if !isNew { (type, name) = (nil, nil) }
    }

    var bytes: Result<[UInt8], any Error> {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Result { Array(try encoder.encode(self)) }
    }
}
