/// The values of a record as we write it.
package struct RecordDraft: Equatable, Sendable {
    /// Canonical and full.
    package let name: String
    /// Only an address record or a service record is ever written.
    package let data: DNSRecord.Data
    /// Seconds.
    package let ttl: Int
    package let comment: String?
    /// Both only when a record is put back as it was.
    package let isProxied: Bool
    package let isDisabled: Bool

    package init(
        name: String, data: DNSRecord.Data, ttl: Int, comment: String?, isProxied: Bool = false,
        isDisabled: Bool = false
    ) {
        self.name = name
        self.data = data
        self.ttl = ttl
        self.comment = comment
        self.isProxied = isProxied
        self.isDisabled = isDisabled
    }

    /// As a record stands.
    ///
    /// - Parameter ttl: another one than its own, in seconds.
    package init(_ record: DNSRecord, ttl: Int? = nil) {
        self.init(
            name: record.name, data: record.data, ttl: ttl ?? record.ttl, comment: record.comment,
            isProxied: record.isProxied, isDisabled: record.isDisabled)
    }

    /// Whether it can take the place of a record: a record keeps its name and its type.
    package func canReplace(_ record: DNSRecord) -> Bool {
        guard record.name == name else { return false }
        return switch (record.data, data) {
        case (.a, .a), (.srv, .srv): true
        default: false
        }
    }

    /// Whether a record is exactly this. The TTL is not compared: a service rounds it, and one RRset has one.
    package func isExactly(_ record: DNSRecord) -> Bool {
        record.name == name && record.data == data && (record.comment ?? "") == (comment ?? "")
            && record.isProxied == isProxied && record.isDisabled == isDisabled
    }
}
