/// The pages of one whole-zone listing of Cloudflare. Decoded, not yet believed; ``Zone`` judges it.
package struct ZoneReading: Equatable, Sendable {
    package struct Page: Equatable, Sendable {
        package var number: Int
        package var totalPages: Int
        package var totalCount: Int
        /// What the service says is on this page.
        package var count: Int
        package var records: [DNSRecord]

        package init(number: Int, totalPages: Int, totalCount: Int, count: Int, records: [DNSRecord]) {
            self.number = number
            self.totalPages = totalPages
            self.totalCount = totalCount
            self.count = count
            self.records = records
        }
    }

    /// Scheme, host and port.
    package var endpoint: String
    package var pages: [Page]
    package var startedAt: Timestamp

    package init(endpoint: String, pages: [Page], startedAt: Timestamp) {
        self.endpoint = endpoint
        self.pages = pages
        self.startedAt = startedAt
    }
}
