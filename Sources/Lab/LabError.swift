/// What goes wrong in the laboratory itself.
package struct LabError: Error, CustomStringConvertible {
    package enum Code: String, Sendable {
        case cannotListen = "cannot_listen"
        case notStarted = "not_started"
    }

    package var code: Code
    package var message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
