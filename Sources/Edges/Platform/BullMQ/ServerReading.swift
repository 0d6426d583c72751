import Core
import Redis

/// What the server says about itself: which process it is, its role, its clock, who is connected.
struct ServerReading {
    var runID: String
    var role: String
    var time: Timestamp
    /// Those with a name. Nil where CLIENT LIST is not allowed: then nothing is known of workers.
    var clients: [Client]?

    struct Client: Equatable {
        var name: String
        /// The one that it has selected; nil where the server does not say.
        var database: Int?
    }

    static func read(_ session: RedisSession) throws(RedisError) -> ServerReading {
        let replies = try session.pipeline([["INFO", "server"], ["ROLE"], ["TIME"], ["CLIENT", "LIST"]])
        for reply in replies.prefix(3) { if let error = reply.error { throw error } }
        guard replies[0].text != nil, let role = replies[1].role, let time = replies[2].clock else {
            throw RedisError(.protocol, "INFO, ROLE or TIME has no sense in it")
        }
        return ServerReading(
            runID: replies[0].field("run_id") ?? "", role: role, time: time,
            clients: replies[3].text.map { $0.split(whereSeparator: \.isNewline).compactMap(Client.init) })
    }
}

extension ServerReading.Client {
    /// One line of CLIENT LIST; nil for a client without a name. Names hold no spaces.
    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        func value(_ field: String) -> Substring? { fields.first { $0.hasPrefix(field) }?.dropFirst(field.count) }
        guard let name = value("name="), !name.isEmpty else { return nil }
        self.init(name: String(name), database: value("db=").flatMap { Int($0) })
    }

    /// Whether it may look at a database. The names of queues are those of one database: in another one they are other queues.
    func isIn(_ database: Int) -> Bool { self.database.map { $0 == database } ?? true }
}
