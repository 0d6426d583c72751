import Core
import Platform
import Redis

/// Job 1 of queue `q`.
struct QueueWitness: Witness {
    let name = "queues"

    private static func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }
    private static func server(role: String = "master") -> String {
        bulk("# Server\r\nrun_id:abc\r\n") + "*3\r\n" + bulk(role) + ":0\r\n*0\r\n" + "*2\r\n" + bulk("1767225600")
            + bulk("5") + bulk("id=1 name=bull:q\n")
    }
    private static let none = "$-1\r\n"

    /// What is said of the queue: whether it exists, how much waits, and in which of its three lists the job is, twice.
    private static func queue(exists: Int = 1, waiting: Int = 1, in lists: Set<Int> = [0]) -> String {
        let counts = ":\(waiting)\r\n:0\r\n:0\r\n" + String(repeating: ":0\r\n", count: 3)
        let search =
            String(repeating: none, count: 3)
            + (0..<3).map { ":\($0 == 0 ? waiting : 0)\r\n" + (lists.contains($0) ? ":0\r\n" : none) }.joined()
        return ":\(exists)\r\n:0\r\n\(none)\(counts)*0\r\n*0\r\n*0\r\n*0\r\n*0\r\n\(none)" + search + search
    }

    private static func all(_ reply: String) -> Serving { .says(String(repeating: reply + "\r\n", count: 80)) }

    var healthy: Serving { .says(Self.server() + Self.queue()) }

    func cell(_ fault: Fault) -> Cell {
        switch fault {
        case .refused: .unknown(.refused, .nobody)
        case .hang: .unknown(.timeout, .hangs)
        case .resetInBody: .unknown(.connectionLost, .resets(after: "$100\r\nrun_id"))
        case .slowDrip: .unknown(.timeout, .drips(after: "$100000\r\n"))
        case .serverError: .unknown(.loading, Self.all("-LOADING Redis is loading the dataset in memory"))
        case .unauthorized: .unknown(.unauthorized, Self.all("-NOAUTH Authentication required."))
        case .forbidden: .unknown(.forbidden, Self.all("-NOPERM this user has no permissions to run the command"))
        case .notFound: .unknown(.rejected, Self.all("-ERR unknown command 'INFO'"))
        case .tooMany: .unknown(.rejected, Self.all("-ERR max number of clients reached"))
        case .empty: .unknown(.malformed, Self.all("*0"))
        case .truncatedList:
            .unknown(
                .listTooLong,
                .says(Self.server() + Self.queue(waiting: QueueObserver.longestSearch + 1, in: [])))
        case .lostPage: .cannotHappen("lists are searched by the server itself, not read page by page")
        case .duplicates: .seen(.says(Self.server() + Self.queue(in: [0, 2])))
        case .staleCopy: .unknown(.replica, .says(Self.server(role: "slave") + Self.queue(in: [])))
        case .wrongPlace: .unknown(.queueMissing, .says(Self.server() + Self.queue(exists: 0, waiting: 0, in: [])))
        case .malformed: .unknown(.malformed, .says("HTTP/1.1 400 Bad Request\r\n\r\n"))
        case .wrongType: .unknown(.malformed, Self.all(":1"))
        case .oversize: .unknown(.oversize, .floods(after: "$900000000\r\n"))
        }
    }

    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen {
        let job = JobReference(queue: "q", id: "1")
        var looks: [PlaneFact<Queues>] = []
        for port in ports {
            let observer = QueueObserver(
                connection: try RedisConnection(RedisTarget(host: "127.0.0.1", port: Int(port))), prefix: "bull",
                names: ["q"], timeout: timeout, now: { Timestamp(seconds: 7) })
            looks.append(await observer.read(jobs: [job]).judged { Queues.judge($0) })
        }
        var facts = Facts(desired: .none, isConfirming: looks.count > 1)
        facts.queues = Looks(of: looks)
        return Seen(facts.job(job))
    }
}
