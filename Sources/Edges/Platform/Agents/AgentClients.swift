import Core
package import Curl
import Glibc

/// The connections to all agents, in pools of a few hosts each, because libcurl does more for every request the more hosts one
/// of its handles has seen (37 µs of CPU at 1,000 hosts, 126 µs at 5,000). About one is kept to every host where the system lets
/// this process open so many files.
package final class AgentClients: Sendable {
    private static let hostsPerPool = 64
    /// Each is some 35 kB, and two descriptors by which libcurl could be woken.
    private static let mostPools = 256
    private static let filesPerPool = 2
    /// Descriptors for all but agents: the other planes, the database, Redis, files.
    private static let others = 256
    /// Connections are never so many that a larger limit would be of use.
    private static let enough = 65_536

    /// Seconds: a connection outlasts a cycle of the daemon. An agent that closes it earlier costs no more than a new one.
    private static let keptFor = 120
    /// Bytes. A status without a log is some hundred.
    private static let usualAnswer = 4 << 10

    private let client: HTTPClient
    private let room: Room
    /// How many pools there are. It never shrinks: with each other number nearly all hosts are in another pool than before, and
    /// their kept connections in none that would use them.
    private let pools = Locked(1)

    /// - Parameters:
    ///   - concurrency: how many agents are asked at once, in each of the two lanes.
    ///   - clocks: takes down what time each agent says it is.
    package init(concurrency: Int, clocks: ServiceClocks? = nil) {
        room = Room(files: AgentClients.files, concurrency: concurrency)
        client = HTTPClient(
            keeps: room.kept, keepsFor: AgentClients.keptFor, readsAtOnce: AgentClients.usualAnswer, clocks: clocks)
    }

    /// For tasks that do little but ask agents.
    package var executor: ClientExecutor { client.executor }

    /// Asks `address`, one of so many hosts.
    package func send(
        _ request: HTTPRequest, to address: UInt32, among hosts: Int
    ) async throws(HTTPFailure) -> HTTPResponse {
        let count = pools.withLock { count in
            count = max(count, room.pools(for: hosts))
            return count
        }
        return try await client.send(request, from: HTTPClient.Pool(address, of: count))
    }

    package func shutdown() { client.shutdown() }

    /// What the descriptors that this process may have are enough for.
    struct Room {
        /// Connections that are kept at most. Where there are more agents than that, nearly every poll needs a new connection,
        /// because the oldest is closed first; where more were kept, polls would be refused a socket.
        let kept: Int
        private let mostPools: Int

        init(files: Int, concurrency: Int) {
            let room = files - AgentClients.others - 2 * concurrency
            mostPools = max(1, min(AgentClients.mostPools, room / (hostsPerPool + filesPerPool)))
            kept = max(1, room - mostPools * filesPerPool)
        }

        /// A power of two, or the most that there is room for: so a fleet that grows host by host has its pools divided anew
        /// a few times only.
        func pools(for hosts: Int) -> Int {
            var pools = 1
            while pools < mostPools, pools * hostsPerPool < hosts { pools *= 2 }
            return min(pools, mostPools)
        }
    }

    /// How many files this process may open. The soft limit is for programs that use select(2): it is raised, once.
    private static let files: Int = {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < min(limit.rlim_max, rlim_t(enough)) {
            var wanted = limit
            wanted.rlim_cur = min(limit.rlim_max, rlim_t(enough))
            if unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &wanted) == 0 { limit = wanted }
        }
        return Int(min(limit.rlim_cur, rlim_t(enough)))
    }()
}
