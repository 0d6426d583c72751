import Core
import World

/// What a fault makes of a request that would change something.
struct WriteSpoiling {
    let fault: WriteFault
    let plane: LabPlane

    /// The answer when the request never reaches the plane; nil when it does.
    var instead: LabAnswer? {
        switch fault {
        case .requestLost: .nothing(.resetAtOnce)
        case .errorBefore: HTTPFault.status(503).spoil(LabAnswer(status: 200))
        case .throttled:
            plane == .cloudflare
                ? CloudflarePlane.tooMany(for: .seconds(30)) : HTTPFault.status(429).spoil(LabAnswer(status: 200))
        case .denied: denial
        case .busy:
            plane == .technitium
                ? TechnitiumPlane.said("error", "Cannot set records. Please try again.") : nil
        case .overQuota, .answerLost, .answerHangs, .answerGarbled, .errorAfter: nil
        }
    }

    /// What becomes of the answer when the plane did what it was asked.
    func spoil(_ answer: LabAnswer) -> LabAnswer {
        var spoiled = answer
        switch fault {
        case .answerLost: spoiled = .nothing(.resetAtOnce)
        case .answerHangs: spoiled = .nothing(.never)
        case .answerGarbled: spoiled.delivery = .truncated
        case .errorAfter: spoiled = HTTPFault.status(502).spoil(answer)
        case .requestLost, .errorBefore, .throttled, .denied, .overQuota, .busy: break
        }
        return spoiled
    }

    private var denial: LabAnswer {
        switch plane {
        case .cloudflare: .refusal(.init(403, 10000, "Authentication error"))
        case .technitium: TechnitiumPlane.said("error", "Access was denied.")
        default: LabAnswer(status: 403, headers: [("content-type", "text/plain")], body: Array("Forbidden".utf8))
        }
    }
}
