import Core
import Curl

/// Why Cloudflare gave no page.
struct CloudflareFault: Error {
    var code: Unknown
    var said: String
    /// Whether asking again can help; how long to wait at least, when it said so.
    var isTransient = false
    var retryAfter: Duration?
    /// Whether Cloudflare said it, and not of this one record alone.
    var isForAll = false
    /// Whether the zone takes no further record.
    var isQuotaOfRecords = false
    /// Whether so many refused credentials came from here that none is looked at for a while.
    var isLockedOut = false

    /// Whether it is no answer to what was asked: whatever were asked would be refused by now, a look as well, which is told as a zone
    /// that cannot be read. Who may look and not write is told by what comes of the repairs alone, so those count as in vain.
    var turnsAway: Bool { isForAll && [.rateLimited, .unauthorized].contains(code) }

    init(_ code: Unknown, _ said: String) {
        self.code = code
        self.said = said
    }

    init(_ failure: HTTPFailure) {
        self.init(failure.code, failure.detail)
        isTransient = failure.code == .connectionLost
    }

    /// The verdict on an answer that is not what was asked for; `errors` is nil when its body is no JSON of Cloudflare's.
    ///
    /// - Parameter need: the permission that the call takes.
    init(
        _ response: HTTPResponse, _ errors: [CloudflareEnvelope.Fault]?, zoneID: String, need: String = "DNS Read",
        hiding secrets: [String]
    ) {
        isLockedOut = errors?.contains { $0.code == 10502 } ?? false
        isQuotaOfRecords = errors?.contains { $0.code == 81045 } ?? false
        var said = "\(response.status)"
        var known: Unknown?
        if let errors {
            for fault in errors.prefix(5) {
                known = known ?? CloudflareFault.classify(fault, status: response.status)
                said += ", " + CloudflareFault.text(of: fault, hiding: secrets)
            }
        } else {
            said += ", and the body is not the JSON of this API"
        }
        // A refusal with a code that is not known here may be of that record.
        isForAll = known != nil || errors == nil || response.status == 401 || response.status == 429
        switch (response.status, known) {
        case (429, _), (_, .rateLimited): code = .rateLimited
        case (_, let known?): code = known
        case (300..<400, _): code = .redirected
        case (401, _): code = .unauthorized
        case (403, _): code = .forbidden
        case (404, _): code = .notFound
        case (500..., _): code = .serverError
        case (400..<500, _): code = .rejected
        default: code = errors == nil ? .malformed : .rejected
        }
        switch code {
        case .rateLimited:
            let seconds = response.headers["Retry-After"].flatMap(Lenient.int)
            if let seconds, seconds >= 0 {
                said += ", Retry-After \(seconds) s"
                retryAfter = .seconds(seconds)
            }
            // Over the limit every call is refused for minutes: without a term there is nothing to wait for.
            isTransient = retryAfter != nil
        case .serverError:
            isTransient = true
            retryAfter = response.headers["Retry-After"].flatMap(Lenient.int).map { .seconds(max(0, $0)) }
        case .notFound: said += " (zone_id \(zoneID) names no zone that this token can see)"
        case .unauthorized: said += " (the token is not accepted)"
        case .forbidden: said += " (the token needs \(need) on the zone, from this address)"
        default: break
        }
        self.said = said
    }

    /// The codes met in practice.
    private static func classify(_ fault: CloudflareEnvelope.Fault, status: Int) -> Unknown? {
        switch fault.code {
        case 6003, 6103, 6111, 9106, 9107, 10502: .unauthorized
        // 9109 is an unknown token, or a known one from a place that it is not for.
        case 9109: fault.message.contains("location") ? .forbidden : .unauthorized
        // 10000 is also what a missing permission on the zone looks like.
        case 10000: status == 401 ? .unauthorized : .forbidden
        case 7000, 7003: .notFound
        case 971, 10100, 10429: .rateLimited
        default: nil
        }
    }

    private static func text(of fault: CloudflareEnvelope.Fault, hiding secrets: [String]) -> String {
        var text = "\(fault.code) \(SafeText.clean(fault.message, hiding: secrets))"
        for cause in fault.chain.prefix(5) {
            text += ": \(cause.code) \(SafeText.clean(cause.message, hiding: secrets))"
        }
        return text
    }
}
