/// Why a call could not begin, or did not wait to its end, before the other side had a say. Each edge makes its own
/// error of it.
package struct BlockingError: Error, Equatable, Sendable {
    package enum Code: Equatable, Sendable {
        /// The process has no thread or descriptor to give.
        case exhausted
        /// The host name has no address.
        case noAddress
        case timeout
        case cancelled
    }

    package var code: Code
    /// One line, safe to show: an errno, or the host name.
    package var cause: String

    package init(_ code: Code, _ cause: String) {
        self.code = code
        self.cause = cause
    }
}
