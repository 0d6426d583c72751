import Core
package import Curl
import Glibc

/// The HTTP clients of all agents: one for at most a thousand hosts, because one libcurl handle gets slow with the number of
/// distinct hosts (37 µs of CPU for a request at 1,000 hosts, 126 µs at 5,000). Each keeps a connection to every host of its own
/// where the system lets this process open so many files.
package final class AgentClients: Sendable {
    private static let hostsPerClient = 1000

    /// Connections that one client keeps. The soft limit of open files is for programs that use select(2): it is raised, once.
    private static let kept: Int = {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return 64 }
        if limit.rlim_cur < limit.rlim_max {
            var wanted = limit
            wanted.rlim_cur = min(limit.rlim_max, 65_536)
            if unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &wanted) == 0 { limit = wanted }
        }
        // Half of them for all else, the other half for some ten thousand agents; hosts are not dealt out evenly.
        return min(2 * hostsPerClient, max(64, Int(min(limit.rlim_cur, 65_536)) / 2 / 10))
    }()

    /// Seconds: a connection outlasts a cycle of the daemon. An agent that closes it earlier costs no more than a new one.
    private static let keptFor = 120

    private let clients = Locked<[HTTPClient]>([])

    package init() {}

    /// The client that asks `address`, one and the same as long as their number does not pass another thousand.
    package func client(for address: UInt32, among hosts: Int) -> HTTPClient {
        let wanted = max(1, (hosts + Self.hostsPerClient - 1) / Self.hostsPerClient)
        return clients.withLock { clients in
            while clients.count < wanted {
                clients.append(HTTPClient(keeps: AgentClients.kept, keepsFor: AgentClients.keptFor))
            }
            return clients[Int(address) % wanted]
        }
    }

    package func shutdown() {
        for client in clients.withLock({ $0 }) { client.shutdown() }
    }
}
