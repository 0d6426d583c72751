import Core
import Curl

/// Why one endpoint gave no reading.
struct ProxmoxFault: Error {
    var code: Unknown
    /// Without the endpoint's name.
    var said: String
    /// True when another endpoint would say the same: the token or the request is at fault, not the node.
    var isFinal: Bool

    init(_ code: Unknown, _ said: String, isFinal: Bool = false) {
        self.code = code
        self.said = said
        self.isFinal = isFinal
    }

    init(_ failure: HTTPFailure, reading path: String) {
        self.init(
            failure.code, "\(path): \(failure.detail)",
            isFinal: failure.code == .notRead || failure.code == .configuration)
    }

    /// The verdict on an answer that is not 200.
    init(_ response: HTTPResponse, reading path: String, hiding secrets: [String]) {
        let reason = SafeText.clean(response.reason, limit: 120, hiding: secrets)
        let said = "\(path): \(response.status)" + (reason.isEmpty ? "" : " \(reason)")
        switch response.status {
        case 300..<400:
            self.init(.redirected, "\(said) (redirects are not followed: give the final address, with https)")
        case 401:
            self.init(
                .unauthorized, "\(said) (the token is wrong, expired or deleted, or its user is disabled)",
                isFinal: true)
        case 403:
            let needed = path == ProxmoxObserver.Path.status ? "Sys.Audit on /" : "the role PVEAuditor on /"
            self.init(.forbidden, "\(said) (the token needs \(needed))", isFinal: true)
        case 404: self.init(.notFound, said, isFinal: true)
        case 429: self.init(.rateLimited, said, isFinal: true)
        // 501 is "no such path": the same everywhere.
        case 501: self.init(.rejected, "\(said) (is this a Proxmox API?)", isFinal: true)
        case 500...: self.init(.serverError, said)
        case 400..<500: self.init(.rejected, said, isFinal: true)
        default: self.init(.malformed, said)
        }
    }
}
