import Core
import Platform
import Redis
import TestSupport

let password = "correct horse"
let queueName = "zpack-provision"

extension PrivateRedis {
    func observer(
        _ user: String? = nil, password: String? = nil, prefix: String = "bull", names: [String] = [queueName],
        database: Int = 0
    ) throws -> QueueObserver {
        QueueObserver(
            connection: try connection(user, password: password, database: database), prefix: prefix, names: names,
            timeout: .seconds(30), now: { Timestamp(seconds: 7) })
    }

    func connection(_ user: String? = nil, password: String? = nil, database: Int = 0) throws -> RedisConnection {
        try RedisConnection(
            RedisTarget(host: "127.0.0.1", port: port, database: database, user: user),
            password: password.map { Secret($0) })
    }
}

func jobs(_ ids: String...) -> [JobReference] { ids.map { JobReference(queue: queueName, id: $0) } }

extension QueueReading {
    /// The only queue of a reading.
    func queue() throws -> Queue {
        guard let answer = answers.first, answers.count == 1 else { throw Missing() }
        return try answer.queue.get()
    }

    struct Missing: Error {}
}
