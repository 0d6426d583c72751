import Core
package import Curl

/// The HTTP clients of all agents: one for at most a thousand hosts, because one libcurl handle gets slow with the number of
/// distinct hosts (37 µs of CPU for a request at 1,000 hosts, 126 µs at 5,000).
package final class AgentClients: Sendable {
    private static let hostsPerClient = 1000

    private let clients = Locked<[HTTPClient]>([])

    package init() {}

    /// The client that asks `address`, one and the same as long as their number does not pass another thousand.
    package func client(for address: UInt32, among hosts: Int) -> HTTPClient {
        let wanted = max(1, (hosts + Self.hostsPerClient - 1) / Self.hostsPerClient)
        return clients.withLock { clients in
            while clients.count < wanted { clients.append(HTTPClient()) }
            return clients[Int(address) % wanted]
        }
    }

    package func shutdown() {
        for client in clients.withLock({ $0 }) { client.shutdown() }
    }
}
