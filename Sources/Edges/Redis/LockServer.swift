package import Core

/// What `doctor` wants to know of the Redis of the lock. Nothing of it is needed to lead, so a user may lack the right to ask.
package struct LockServer: Equatable, Sendable {
    /// Whether Redis may drop the lock's key before its time.
    package enum Eviction: Equatable, Sendable {
        /// It drops nothing: without a limit of memory, or because the policy says so.
        case never(policy: String)
        /// The lock has a TTL, so both `allkeys-…` and `volatile-…` may choose it.
        case possible(policy: String)
    }

    package var version: String?
    package var role: String?
    package var clock: Timestamp?
    package var eviction: Eviction?
    /// The commands that were refused, as an ACL names them.
    package var refused: [String]

    package init(
        version: String?, role: String?, clock: Timestamp?, eviction: Eviction?, refused: [String] = []
    ) {
        (self.version, self.role, self.clock) = (version, role, clock)
        (self.eviction, self.refused) = (eviction, refused)
    }

    static func read(_ session: RedisSession) throws(RedisError) -> LockServer {
        let replies = try session.pipeline([["INFO", "server"], ["INFO", "memory"], ["ROLE"], ["TIME"]])
        return LockServer(replies)
    }

    /// - Parameter replies: to INFO server, INFO memory, ROLE and TIME.
    init(_ replies: [RedisReply]) {
        let names = ["info", "info", "role", "time"]
        var refused: [String] = []
        for (name, reply) in zip(names, replies) where reply.error != nil && !refused.contains(name) {
            refused.append(name)
        }
        self.init(
            version: replies[0].field("redis_version"), role: replies[2].role, clock: replies[3].clock,
            eviction: LockServer.eviction(replies[1]), refused: refused)
    }

    private static func eviction(_ memory: RedisReply) -> Eviction? {
        guard let policy = memory.field("maxmemory_policy"),
            let limit = memory.field("maxmemory").flatMap({ Int64($0) })
        else { return nil }
        // "Setting maxmemory to zero results into no memory limits": then no policy is ever asked.
        return limit == 0 || policy == "noeviction" ? Eviction.never(policy: policy) : .possible(policy: policy)
    }
}

extension LeaderLock {
    /// What the Redis says of itself, for whoever only wants to know.
    package func server() async throws(RedisError) -> LockServer {
        try await connection.run(timeout: timeout) { session throws(RedisError) in try LockServer.read(session) }
    }
}
