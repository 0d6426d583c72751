package import Core

/// How a service fails at the one request that would change something. The reading right before it goes well.
package enum WriteFault: String, CaseIterable, Hashable, Sendable {
    /// The connection is reset, and nothing was done.
    case requestLost = "request-lost"
    /// It was done; the connection is reset before the answer.
    case answerLost = "answer-lost"
    /// It was done, and no answer ever comes.
    case answerHangs = "answer-hangs"
    /// It was done; the answer is a 200 that breaks off.
    case answerGarbled = "answer-garbled"
    /// It was done; something in between answers 502.
    case errorAfter = "error-after"
    /// 503, and nothing was done.
    case errorBefore = "error-before"
    /// 429 with a term, and nothing was done.
    case throttled
    /// The credential may read, and not write.
    case denied
    /// The plan allows no further record. Cloudflare alone counts.
    case overQuota = "over-quota"
    /// The server lost a race of its own and says so. Technitium alone does.
    case busy

    /// Where it can happen.
    package var planes: Set<Plane> {
        switch self {
        case .overQuota: [.publicDNS]
        case .busy: [.internalDNS]
        default: [.publicDNS, .internalDNS, .velocity]
        }
    }

    /// Whether the service did what it was asked, whatever the client hears.
    package var isDone: Bool {
        switch self {
        case .answerLost, .answerHangs, .answerGarbled, .errorAfter: true
        case .requestLost, .errorBefore, .throttled, .denied, .overQuota, .busy: false
        }
    }

    /// Whether the client can know what happened: in all of these nothing did.
    package var isTold: Bool {
        switch self {
        case .throttled, .denied, .overQuota, .busy: true
        case .requestLost, .answerLost, .answerHangs, .answerGarbled, .errorAfter, .errorBefore: false
        }
    }
}

/// How the three sinks behave at one moment.
package struct EdgeFaults: Equatable, Sendable {
    package var write: WriteFault?
    package var cloudflare: Set<CloudflareFault>
    package var technitium: Set<TechnitiumFault>
    package var velocity: Set<VelocityFault>

    package init(
        write: WriteFault? = nil, cloudflare: Set<CloudflareFault> = [], technitium: Set<TechnitiumFault> = [],
        velocity: Set<VelocityFault> = []
    ) {
        self.write = write
        self.cloudflare = cloudflare
        self.technitium = technitium
        self.velocity = velocity
    }

    package static var none: EdgeFaults { EdgeFaults() }
}
