import Core
import Curl

extension WriteAnswer {
    /// No answer came. Only a request of which no byte can have left is known to have done nothing.
    init(_ failure: HTTPFailure, of call: String) {
        self =
            failure.mayHaveBeenSent
            ? .unknown("\(call): \(failure.detail)") : .refused("\(call): nothing was sent, \(failure.detail)")
    }

    static let notHere = WriteAnswer.refused("nothing of this kind is written here")
}

/// What the status of an answer alone says about a write.
enum WriteVerdict {
    /// The body has the word.
    case told
    case notDone
    case unknown

    init(status: Int) {
        switch status {
        case 200..<300: self = .told
        // "Send the same there": it was not taken here. Any other redirect may be what follows a deed.
        case 307, 308: self = .notDone
        // The server gave up on a request that it may have had whole.
        case 408: self = .unknown
        case 400..<500: self = .notDone
        default: self = .unknown
        }
    }
}

/// The time of one write: the look before it and the request share it.
struct WriteTime {
    private let start = ContinuousClock.now
    private let whole: Duration

    init(_ timeout: Span) { whole = .microseconds(max(0, timeout.microseconds)) }

    var deadline: ContinuousClock.Instant { start + whole }

    /// What is left for the request that changes something; nil when it is so little that no answer could be expected.
    var left: Span? {
        let left = deadline - ContinuousClock.now
        return left > .zero && left >= whole / 4 ? Span(left) : nil
    }

    static let spent = WriteAnswer.refused("nothing was sent: the look before it took the time of the write")
}

extension RecordDraft {
    /// Whether nothing of its type stands at its name, and nothing that a record of its type could not stand beside.
    func fits(_ plane: Plane, among here: [DNSRecord]) -> Bool {
        let rule = RecordRule(
            plane: plane, name: name, wanted: data, ttl: ttl, mark: comment ?? "", formerEdges: [])
        return rule.judge(here).deed == .create
    }

    /// For a person.
    var told: String { "\(data) at \(name)" }
}
