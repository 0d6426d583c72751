package import Core
import Redis

/// What the server says about itself: which process it is, its role, its clock, who is connected.
struct ServerReading {
    var runID: String
    var role: String
    var time: Timestamp
    /// Nil where CLIENT LIST is not allowed: then nothing is known of workers.
    var clients: [String]?

    static func read(_ session: RedisSession) throws(RedisError) -> ServerReading {
        let replies = try session.pipeline([["INFO", "server"], ["ROLE"], ["TIME"], ["CLIENT", "LIST"]])
        for reply in replies.prefix(3) { if let error = reply.error { throw error } }
        guard replies[0].text != nil, let role = replies[1].role, let time = replies[2].clock else {
            throw RedisError(.protocol, "INFO, ROLE or TIME has no sense in it")
        }
        return ServerReading(
            runID: replies[0].field("run_id") ?? "", role: role, time: time, clients: names(replies[3]))
    }

    /// The `name=` of each client that has one. Names hold no spaces.
    private static func names(_ reply: RedisReply) -> [String]? {
        reply.text.map { text in
            text.split(whereSeparator: \.isNewline).compactMap { line in
                line.split(separator: " ").first { $0.hasPrefix("name=") }.map { String($0.dropFirst(5)) }
            }
            .filter { !$0.isEmpty }
        }
    }
}

/// What `doctor` wants to know of the Redis of the queues.
package struct QueueServerFacts: Equatable, Sendable {
    package var version: String
    /// `noeviction` is the only one with which queues are safe; nil where INFO does not say.
    package var evictionPolicy: String?
    package var clock: Timestamp
    /// Connections of workers by the queue that they consume, whether it is configured or not; nil where CLIENT LIST is not
    /// allowed.
    package var workers: [String: Int]?

    static func read(_ session: RedisSession, prefix: String) throws(RedisError) -> QueueServerFacts {
        let server = try ServerReading.read(session)
        let replies = try session.pipeline([["INFO", "server"], ["INFO", "memory"]])
        for reply in replies { if let error = reply.error { throw error } }
        return QueueServerFacts(
            version: replies[0].field("redis_version") ?? "of an unknown version",
            evictionPolicy: replies[1].field("maxmemory_policy"),
            clock: server.time,
            workers: server.clients.map { clients in
                Dictionary(
                    clients.compactMap { QueueKeys.queue(ofWorker: $0, prefix: prefix) }.map { ($0, 1) },
                    uniquingKeysWith: +)
            })
    }
}
