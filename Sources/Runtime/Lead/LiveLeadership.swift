package import Core
internal import Postgres
package import Redis
package import Settings

/// Leadership of one installation, with connections of its own to Redis and the database.
package struct LiveLeadership: Sendable {
    package let loop: LeadershipLoop
    package let token: LockToken
    package let times: LeadTimes
    /// How this process works, and what it heard of how the leader does.
    package let stances: StanceBook?
    private let lock: LeaderLock
    private let redis: RedisConnection
    private let database: PostgresConnection

    /// Does not connect yet. Each start is a holder of its own, so that what a former process sent is never taken for ours.
    package init(_ configuration: Configuration, stances: StanceBook? = nil) throws(Installation.SetupError) {
        guard let redis = configuration.redis else {
            throw Installation.SetupError(description: "redis: is missing; the lock of lock.key lives there")
        }
        var password: Secret<String>?
        if let source = redis.password {
            do throws(SecretError) {
                password = try source.resolve()
            } catch {
                throw Installation.SetupError(description: "redis.password: \(error)")
            }
        }
        let url = redis.url
        do throws(RedisError) {
            self.redis = try RedisConnection(
                RedisTarget(host: url.host, port: url.port, database: url.database, user: url.user),
                password: password)
        } catch {
            throw Installation.SetupError(description: "redis: \(error)")
        }
        database = try Installation.database(configuration.postgres)
        self.stances = stances
        var source = SystemRandomNumberGenerator()
        token = LockToken(id: configuration.id, holder: HolderID(using: &source))
        times = LeadTimes(ttl: configuration.lock.ttl, actDeadline: configuration.lock.actDeadline)
        lock = LeaderLock(connection: self.redis, key: configuration.lock.key, token: token, times: times)
        let edges = LeadEdges(
            lock: lock,
            row: LeadershipRow(
                connection: database, holder: token.holder, times: times, stance: { stances?.stance },
                heard: { stances?.hear($0) }))
        loop = LeadershipLoop(token: token, times: times) { effect in await edges.perform(effect) }
    }

    /// Who has the lock now, for whoever only wants to know.
    package func holder() async throws(RedisError) -> LockHolder { try await lock.holder() }

    /// What the Redis of the lock says of itself.
    func server() async throws(RedisError) -> LockServer { try await lock.server() }

    /// Closes the connections, once the loop has ended.
    package func close() async {
        await redis.close()
        await database.close()
    }
}
