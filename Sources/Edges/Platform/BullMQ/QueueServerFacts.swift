package import Core
import Redis

/// What `doctor` wants to know of the Redis of the queues.
package struct QueueServerFacts: Equatable, Sendable {
    /// The connections of workers that consume one queue.
    package struct Workers: Equatable, Sendable {
        package var prefix: String
        package var queue: String
        /// Nil where the server does not say.
        package var database: Int?
        package var connections: Int
    }

    package var version: String
    /// `noeviction` is the only one with which queues are safe; nil where INFO does not say.
    package var evictionPolicy: String?
    package var clock: Timestamp
    /// The database that is read.
    package var database: Int
    /// By the queue that they consume, of whatever prefix and database: nil where CLIENT LIST is not allowed.
    package var workers: [Workers]?

    static func read(_ session: RedisSession, database: Int) throws(RedisError) -> QueueServerFacts {
        let server = try ServerReading.read(session)
        let replies = try session.pipeline([["INFO", "server"], ["INFO", "memory"]])
        for reply in replies { if let error = reply.error { throw error } }
        return QueueServerFacts(
            version: replies[0].field("redis_version") ?? "of an unknown version",
            evictionPolicy: replies[1].field("maxmemory_policy"),
            clock: server.time, database: database, workers: server.clients.map(workers))
    }

    private static func workers(_ clients: [ServerReading.Client]) -> [Workers] {
        var found: [Workers] = []
        for client in clients {
            guard let (prefix, queue) = QueueKeys.worker(client.name) else { continue }
            let known = found.firstIndex { ($0.prefix, $0.queue) == (prefix, queue) && $0.database == client.database }
            if let known {
                found[known].connections += 1
            } else {
                found.append(Workers(prefix: prefix, queue: queue, database: client.database, connections: 1))
            }
        }
        return found.sorted {
            ($0.queue, $0.prefix, $0.database ?? -1) < ($1.queue, $1.prefix, $1.database ?? -1)
        }
    }
}
