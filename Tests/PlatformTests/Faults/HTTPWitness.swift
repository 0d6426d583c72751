import Core

/// A fault in what is said, which is of another kind at each observer.
enum AnswerFault {
    case truncatedList, lostPage, duplicates, staleCopy, wrongPlace, wrongType
}

/// An observer of an HTTP API: what HTTP itself does wrong means the same to all of them.
protocol HTTPWitness: Witness {
    /// How the API refuses; by the status alone, unless it has a way of its own.
    var unauthorized: Serving { get }
    var forbidden: Serving { get }
    var notFound: Serving { get }
    /// A switch without a default, as ``Witness/cell(_:)``.
    func cell(of fault: AnswerFault) -> Cell
}

extension HTTPWitness {
    var unauthorized: Serving { .http401 }
    var forbidden: Serving { .http403 }
    var notFound: Serving { .http404 }

    func cell(_ fault: Fault) -> Cell {
        switch fault {
        case .refused: .unknown(.refused, .nobody)
        case .hang: .unknown(.timeout, .hangs)
        case .resetInBody: .unknown(.connectionLost, .httpReset)
        case .slowDrip: .unknown(.timeout, .httpDrip)
        case .serverError: .unknown(.serverError, .http503)
        case .unauthorized: .unknown(.unauthorized, unauthorized)
        case .forbidden: .unknown(.forbidden, forbidden)
        case .notFound: .unknown(.notFound, notFound)
        case .tooMany: .unknown(.rateLimited, .http429)
        case .empty: .unknown(.malformed, .httpEmpty)
        case .malformed: .unknown(.malformed, .httpPage)
        case .oversize: .unknown(.oversize, .httpOversize)
        case .truncatedList: cell(of: .truncatedList)
        case .lostPage: cell(of: .lostPage)
        case .duplicates: cell(of: .duplicates)
        case .staleCopy: cell(of: .staleCopy)
        case .wrongPlace: cell(of: .wrongPlace)
        case .wrongType: cell(of: .wrongType)
        }
    }
}
