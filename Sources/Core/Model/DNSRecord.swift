/// One record of a zone in canonical form: names lower case and without a trailing dot.
package struct DNSRecord: Equatable, Sendable {
    package enum Data: Hashable, Sendable {
        case a(String)
        case aaaa(String)
        case cname(String)
        case srv(SRV)
        /// A type that is never ours. Its content is not kept: it may be anything, a secret in a TXT among it.
        case other(type: String)
        /// Of a type that could be ours, but its content makes no sense.
        case unreadable(type: String)
    }

    /// The service's id of the record, for messages and compare-before-write.
    package var id: String
    package var name: String
    package var data: Data
    /// Seconds; 1 is Cloudflare's "automatic".
    package var ttl: Int
    package var comment: String?
    package var isProxied: Bool
    package var isDisabled: Bool

    package init(
        id: String, name: String, data: Data, ttl: Int, comment: String?, isProxied: Bool = false,
        isDisabled: Bool = false
    ) {
        self.id = id
        self.name = name
        self.data = data
        self.ttl = ttl
        self.comment = comment
        self.isProxied = isProxied
        self.isDisabled = isDisabled
    }
}

/// The data of an SRV record. `target` is canonical; "." means that the service is not offered.
package struct SRV: Hashable, Sendable, CustomStringConvertible {
    package var priority: Int
    package var weight: Int
    package var port: Int
    package var target: String

    package init(priority: Int, weight: Int, port: Int, target: String) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }

    package var description: String { "\(priority) \(weight) \(port) \(target)" }
}

extension DNSRecord.Data: CustomStringConvertible {
    package var description: String {
        switch self {
        case .a(let address): "A \(address)"
        case .aaaa(let address): "AAAA \(address)"
        case .cname(let target): "CNAME \(target)"
        case .srv(let data): "SRV \(data)"
        case .other(let type): type
        case .unreadable(let type): "\(type) (unreadable)"
        }
    }
}
