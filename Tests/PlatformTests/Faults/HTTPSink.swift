/// A fault that each service has words of its own for.
enum SinkWord {
    case unauthorized, forbidden, notFound, gone, exists, quota, invalid, busy, malformed, empty, wrongType
}

/// What HTTP itself does wrong means the same at all sinks.
protocol HTTPSink: SinkWitness {
    /// A read of the right shape that is of another zone, or no list.
    var elsewhere: Serving { get }
    /// A read that shows something else than what the write was made from.
    func changed(_ call: FormServer.Call, _ verb: Verb) -> String
    /// A switch without a default, as ``SinkWitness/cell(_:)``.
    func cell(of word: SinkWord) -> SinkCell
}

extension HTTPSink {
    func cell(_ fault: SinkFault) -> SinkCell {
        switch fault {
        case .refused: .said(.refused, .writeRefused)
        case .lookFails: .said(.refused, .read(.http503))
        case .lookElsewhere: .said(.refused, .read(elsewhere))
        case .changed: .said(.moved, .reads { changed($0, $1) })
        case .slowLook: .said(.refused, .read(.hangs))
        case .hang: .said(.unknown, .write(.hangs))
        case .lostAnswer: .said(.unknown, .write(.resets(after: "")))
        case .resetInBody: .said(.unknown, .write(.httpReset))
        case .slowDrip: .said(.unknown, .write(.httpDrip))
        case .serverError: .said(.unknown, .write(.http503))
        case .requestTimeout: .said(.unknown, .write(.answers(answer("408 Request Timeout"))))
        case .tooMany: .said(.refused, .write(.answers(answer("429 Too Many Requests", headers: ["Retry-After: 30"]))))
        case .redirect:
            .said(.refused, .write(.answers(answer("307 Elsewhere", headers: ["Location: http://127.0.0.1:1/"]))))
        case .otherPage:
            .said(.unknown, .write(.answers(answer("303 See Other", headers: ["Location: http://127.0.0.1:1/"]))))
        case .oversize: .said(.unknown, .write(.httpOversize))
        case .unauthorized: cell(of: .unauthorized)
        case .forbidden: cell(of: .forbidden)
        case .notFound: cell(of: .notFound)
        case .gone: cell(of: .gone)
        case .exists: cell(of: .exists)
        case .quota: cell(of: .quota)
        case .invalid: cell(of: .invalid)
        case .busy: cell(of: .busy)
        case .malformed: cell(of: .malformed)
        case .empty: cell(of: .empty)
        case .wrongType: cell(of: .wrongType)
        }
    }
}
