import Core
import Curl

/// Why Technitium gave no listing.
struct TechnitiumFault: Error {
    var code: Unknown
    var said: String
    /// Whether asking again can help; how long to wait at least, when it said so.
    var isTransient = false
    var retryAfter: Duration?

    init(_ code: Unknown, _ said: String) {
        self.code = code
        self.said = said
    }

    init(_ failure: HTTPFailure) {
        self.init(failure.code, failure.detail)
        isTransient = failure.code == .connectionLost
    }

    /// The verdict on an answer that is not what was asked for; `remark` is nil when its body is no JSON of this API.
    ///
    /// - Parameter need: the permission on the zone that the call takes.
    init(
        _ response: HTTPResponse, saying remark: TechnitiumRemark?, need: String = "View", hiding secrets: [String]
    ) {
        if let remark, remark.status != "ok" {
            self.init(remark, need, hiding: secrets)
            return
        }
        // Not the API's own words: a proxy in between, or something else that listens there.
        let unknown: Unknown
        var said = "status \(response.status)"
        switch response.status {
        case 200:
            unknown = .malformed
            said += ", but the body is not the JSON of this API"
        case 300..<400:
            unknown = .redirected
            said += " (if the server redirects to HTTPS, dns.internal.url has to say https)"
        case 401: unknown = .unauthorized
        case 403: unknown = .forbidden
        case 404:
            unknown = .notFound
            said += " (nothing of this API is at dns.internal.url; it ends in /api)"
        case 429: unknown = .rateLimited
        case 400..<500: unknown = .rejected
        case 500...: unknown = .serverError
        default: unknown = .malformed
        }
        self.init(unknown, said)
        if unknown == .serverError || unknown == .rateLimited {
            let seconds = response.headers["Retry-After"].flatMap(Lenient.int)
            retryAfter = seconds.map { .seconds(max(0, $0)) }
            // Who throttles without a term gives nothing to wait for.
            isTransient = unknown == .serverError || retryAfter != nil
        }
    }

    /// There are no error codes: the status decides, then fragments of the text, as the server's source writes them.
    private init(_ remark: TechnitiumRemark, _ need: String, hiding secrets: [String]) {
        let text = SafeText.clean(remark.message, hiding: secrets)
        let status = SafeText.clean(remark.status, limit: 40, hiding: secrets)
        let lower = text.lowercased()
        switch remark.status {
        case "invalid-token":
            self.init(.unauthorized, "\(status), \(text) (the token is not accepted)")
        case "2fa-required":
            self.init(.unauthorized, "\(status), \(text) (an API token needs no second factor: create one)")
        case "error" where lower.contains("no such zone"):
            self.init(.notFound, text)
        case "error" where lower.contains("access was denied"):
            self.init(.forbidden, "\(text) (the token's user needs \(need) on the zone)")
        case "error" where lower.contains("access blocked"):
            self.init(.rateLimited, text)
        case "error":
            self.init(.rejected, text.isEmpty ? "error, without a word why" : text)
        default:
            self.init(.malformed, "the answer's status is '\(status)', which this API does not know")
        }
    }
}
