import Core
import Testing

@testable import Platform

/// What can go wrong when something is to be changed.
enum SinkFault: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case refused = "connection refused"
    case lookFails = "the look before fails"
    case lookElsewhere = "the look before is of another place"
    case changed = "the look before shows another state"
    case slowLook = "the look before takes the time"
    case hang = "hang"
    case lostAnswer = "reset before the answer"
    case resetInBody = "reset in the answer"
    case slowDrip = "slow drip"
    case serverError = "5xx"
    case requestTimeout = "408"
    case unauthorized = "401"
    case forbidden = "403"
    case notFound = "404"
    case gone = "gone meanwhile"
    case exists = "there already"
    case tooMany = "429"
    case quota = "quota"
    case invalid = "not accepted"
    case busy = "busy"
    case redirect = "307"
    case otherPage = "303"
    case empty = "empty 200"
    case malformed = "another page, 200"
    case wrongType = "wrong type"
    case oversize = "oversize"

    var testDescription: String { rawValue }
}

/// What is said of the write.
enum Verdict: String, Sendable {
    case done, refused, moved, unknown

    init(_ answer: WriteAnswer) {
        self =
            switch answer {
            case .done: .done
            case .refused, .turnedAway: .refused
            case .moved: .moved
            case .unknown: .unknown
            }
    }
}

/// What the server does instead of answering well.
enum Misconduct: Sendable {
    /// To the request that changes something.
    case write(Serving)
    /// Refuses connections from then on.
    case writeRefused
    /// To each read.
    case read(Serving)
    case reads(@Sendable (_ call: FormServer.Call, _ verb: Verb) -> String)
}

/// One fault at one sink.
enum SinkCell: Sendable {
    /// - Parameter except: where a write has another verdict than the rest.
    case said(Verdict, Misconduct, except: [Verb: Verdict] = [:])
    case cannotHappen(String)
}

/// One service, as a server that answers reads well.
protocol SinkWitness: Sendable {
    var name: String { get }
    var verbs: [Verb] { get }
    /// How many reads come before the request that changes something.
    func reads(_ verb: Verb) -> Int
    func hand(at port: UInt16) -> any EdgeHand
    func write(_ verb: Verb) -> EdgeWrite
    /// What a read is answered when all is well.
    func reading(_ call: FormServer.Call, _ verb: Verb) -> String
    func isChange(_ call: FormServer.Call) -> Bool
    /// A switch without a default: a fault without a cell does not compile.
    func cell(_ fault: SinkFault) -> SinkCell
}

enum Sinks {
    static let all: [any SinkWitness] = [CloudflareSink(), TechnitiumSink(), VelocitySink()]
}

extension FormServer.Call {
    var method: String { String(head.split(separator: " ").first ?? "") }
}
