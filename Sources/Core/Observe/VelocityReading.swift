/// What the bridge of a Velocity proxy answered. Decoded, not yet believed; ``ProxyList`` judges it.
package struct VelocityReading: Equatable, Sendable {
    package struct Backend: Hashable, Sendable {
        /// Canonical; Velocity itself compares names without regard to case.
        package var name: String
        /// As the bridge wrote it, without a leading slash.
        package var address: String
        package var port: Int

        package init(name: String, address: String, port: Int) {
            self.name = DNSName.canonical(name)
            self.address = address
            self.port = port
        }
    }

    /// Scheme, host and port.
    package var endpoint: String
    /// Nil when the answer has no list: what is registered can then not be told.
    package var servers: [Backend]?
    /// Entries that could not be understood.
    package var unreadableRows: Int
    package var startedAt: Timestamp

    package init(endpoint: String, servers: [Backend]?, unreadableRows: Int = 0, startedAt: Timestamp) {
        self.endpoint = endpoint
        self.servers = servers
        self.unreadableRows = unreadableRows
        self.startedAt = startedAt
    }
}
