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
        guard let info = replies[0].text, let role = replies[1].list?.first?.text, let time = time(replies[2]) else {
            throw RedisError(.protocol, "INFO, ROLE or TIME has no sense in it")
        }
        return ServerReading(
            runID: field("run_id", in: info) ?? "", role: role, time: time, clients: names(replies[3]))
    }

    /// `name:value` in an answer of INFO.
    static func field(_ name: String, in info: String) -> String? {
        for line in info.split(whereSeparator: \.isNewline) where line.hasPrefix(name + ":") {
            return String(line.dropFirst(name.utf8.count + 1))
        }
        return nil
    }

    /// TIME: seconds and microseconds, as two strings.
    private static func time(_ reply: RedisReply) -> Timestamp? {
        guard let parts = reply.list, parts.count == 2, let seconds = parts[0].text.flatMap({ Int64($0) }),
            let part = parts[1].text.flatMap({ Int64($0) }), (0..<4_102_444_800).contains(seconds),
            (0..<1_000_000).contains(part)
        else { return nil }
        return Timestamp(microseconds: seconds * 1_000_000 + part)
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
            version: replies[0].text.flatMap { ServerReading.field("redis_version", in: $0) }
                ?? "of an unknown version",
            evictionPolicy: replies[1].text.flatMap { ServerReading.field("maxmemory_policy", in: $0) },
            clock: server.time,
            workers: server.clients.map { clients in
                Dictionary(
                    clients.compactMap { QueueKeys.queue(ofWorker: $0, prefix: prefix) }.map { ($0, 1) },
                    uniquingKeysWith: +)
            })
    }
}
