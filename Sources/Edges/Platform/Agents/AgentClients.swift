import Core
package import Curl
import Glibc

/// The connections to all agents, in pools of a few hosts each, because libcurl does more for every request the more hosts one
/// of its handles has seen (37 µs of CPU at 1,000 hosts, 126 µs at 5,000). One is kept to every host where the system lets this
/// process open so many files.
package final class AgentClients: Sendable {
    private static let hostsPerPool = 64

    /// Connections that are kept at most: three quarters of the files that this process may open. Where there are more agents
    /// than that, nearly every poll needs a new connection, because the oldest is closed first. The soft limit of open files is
    /// for programs that use select(2): it is raised, once.
    private static let kept: Int = {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return 64 }
        if limit.rlim_cur < limit.rlim_max {
            var wanted = limit
            wanted.rlim_cur = min(limit.rlim_max, 65_536)
            if unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &wanted) == 0 { limit = wanted }
        }
        return max(64, Int(min(limit.rlim_cur, 65_536)) / 4 * 3)
    }()

    /// Seconds: a connection outlasts a cycle of the daemon. An agent that closes it earlier costs no more than a new one.
    private static let keptFor = 120

    private let client = HTTPClient(keeps: AgentClients.kept, keepsFor: AgentClients.keptFor)

    package init() {}

    /// For tasks that do little but ask agents.
    package var executor: ClientExecutor { client.executor }

    /// Asks `address`, one of so many hosts: from the same pool as long as there are about as many of them.
    package func send(
        _ request: HTTPRequest, to address: UInt32, among hosts: Int
    ) async throws(HTTPFailure) -> HTTPResponse {
        try await client.send(request, from: Self.pool(of: address, among: hosts))
    }

    static func pool(of address: UInt32, among hosts: Int) -> HTTPClient.Pool {
        let count = max(1, (hosts + hostsPerPool - 1) / hostsPerPool)
        return HTTPClient.Pool(Int(address) % count, of: count)
    }

    package func shutdown() { client.shutdown() }
}
