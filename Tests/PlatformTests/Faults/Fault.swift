import Core
import Testing

/// What can go wrong between asking and being told. For Redis and PostgreSQL, which have no status codes, their
/// own word for it.
enum Fault: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case refused = "refused"
    case hang = "hang"
    case resetInBody = "reset in the body"
    case slowDrip = "slow drip"
    case serverError = "5xx"
    case unauthorized = "401"
    case forbidden = "403"
    case notFound = "404"
    case tooMany = "429"
    case empty = "empty 200"
    case truncatedList = "truncated list"
    case lostPage = "lost page"
    case duplicates = "duplicates"
    case staleCopy = "stale copy"
    case wrongPlace = "wrong place"
    case malformed = "malformed"
    case wrongType = "wrong type"
    case oversize = "oversize"

    var testDescription: String { rawValue }
}

/// How a server behaves.
indirect enum Serving: Sendable {
    case nobody
    case hangs
    case resets(after: String)
    case drips(after: String)
    /// The same for every request.
    case answers(String)
    /// By the request line's target and the number of the request, from 1.
    case answersBy(@Sendable (_ target: String, _ number: Int) -> String)
    /// At once, without waiting for a request; then nothing.
    case says(String)
    /// The head, and then more for as long as somebody takes it.
    case floods(after: String)
    /// So for targets that begin with this one, and healthy for the others. Nobody is there once the permissions were told.
    case at(String, Serving, others: @Sendable (_ target: String) -> String)
    /// A real PostgreSQL, and what is wrong with it or with the way to it.
    case database(DatabaseScene)
}

/// One fault at one observer.
enum Cell: Sendable {
    /// What the thing that is asked for then is: not known, and why.
    case unknown(Unknown, Serving)
    /// Seen in the first look and missing in the second one, which is the faulty one.
    case unknownInSecondLook(Unknown, first: Serving, second: Serving)
    /// What the thing that is asked for then is: not known, so that whatever waits for it is held, and by which guard.
    case held(Reason, Serving)
    /// The fault takes nothing away: the thing is seen.
    case seen(Serving)
    /// Nothing is asked at all.
    case notAsked(Unknown)
    case cannotHappen(String)
}

/// One observer with one thing to look for, which its healthy server shows.
protocol Witness: Sendable {
    var name: String { get }
    var healthy: Serving { get }
    /// A switch without a default: a fault without a cell does not compile.
    func cell(_ fault: Fault) -> Cell
    /// Looks once at each port and judges: why the thing is not known, or nil when it is seen. Absence is a failed test.
    func look(at ports: [UInt16], timeout: Span, isPermitted: Bool) async throws -> Seen
}

enum Seen: Equatable, Sendable {
    case present
    case absent
    case unknown(Unknown)
    case held(Reason)

    init<Value>(_ observed: Observed<Value>) {
        switch observed {
        case .present: self = .present
        case .absent: self = .absent
        case .unknown(let reason): self = .unknown(reason)
        }
    }
}

enum Witnesses {
    static let all: [any Witness] = [
        ProxmoxWitness(), NodeWitness.interfaces, NodeWitness.tasks, AgentWitness(), CloudflareWitness(),
        TechnitiumWitness(), VelocityWitness(), QueueWitness(), DatabaseWitness(),
    ]
}
