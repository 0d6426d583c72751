package import Core

/// A request that brought no answer.
package struct HTTPFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// `timeout`, `refused`, `unreachable`, `tls`, `connectionLost`, `oversize`, `malformed`; `notRead` when it was
    /// cancelled or the client was shut down; `configuration` when the request could not be made at all; `internalFault`
    /// when this process lacked what it takes.
    package var code: Unknown
    /// For a person. Holds no URL, no header, no body and no duration: the same fault gives the same text.
    package var detail: String
    /// Whether any byte of the request may have reached the server. A write that failed so has an unknown outcome.
    package var mayHaveBeenSent: Bool

    package init(_ code: Unknown, _ detail: String, mayHaveBeenSent: Bool = false) {
        self.code = code
        self.detail = detail
        self.mayHaveBeenSent = mayHaveBeenSent
    }

    package var description: String { "\(code.rawValue): \(detail)" }
}

extension HTTPFailure {
    static let cancelled = "the request was cancelled"
    static let outOfMemory = HTTPFailure(.internalFault, "memory ran out")
    static let stopped = HTTPFailure(.notRead, "the HTTP client is shut down")
}
