import Core
import Synchronization

/// What Cloudflare has refused all of us for a while, and not one request: asking on would only make it longer.
///
/// Too many calls are refused for minutes, whatever they ask; refused credentials count towards a lock-out; and a zone whose
/// quota of records is used up takes no new one.
package final class CloudflareCircuit: Sendable {
    enum Part: CaseIterable, Sendable {
        /// Looks as well.
        case all
        case writes
        /// Of records that were not there.
        case creates
    }

    private struct Open: Sendable {
        var until: ContinuousClock.Instant
        var code: Unknown
        var why: String
    }

    /// Why nothing is asked or sent now, before it was.
    struct Refusal: Sendable {
        var code: Unknown
        var words: String
    }

    /// Over the limit everything is refused for so long, when the answer names no term.
    static let limited = Duration.seconds(300)
    /// Nobody mends a token, or a zone's quota, within less.
    static let refused = Duration.seconds(300)
    private static let longest = Duration.seconds(3600)

    private let open = Mutex<[Part: Open]>([:])

    package init() {}

    /// Takes in what an answer said; whatever else went wrong says nothing about the next request.
    ///
    /// - Parameter isWrite: who may look and not write is still let look.
    func note(_ fault: CloudflareFault, isWrite: Bool = false, at now: ContinuousClock.Instant = .now) {
        let (part, span): (Part, Duration)
        switch fault.code {
        case .rateLimited where fault.isForAll:
            (part, span) = (.all, min(fault.retryAfter ?? Self.limited, Self.longest))
        case .unauthorized where fault.isForAll: (part, span) = (.all, fault.isLockedOut ? Self.longest : Self.refused)
        case .forbidden where fault.isForAll: (part, span) = (isWrite ? .writes : .all, Self.refused)
        default:
            guard fault.isQuotaOfRecords else { return }
            (part, span) = (.creates, Self.refused)
        }
        open.withLock {
            // The longer term stands with its own reason.
            if let known = $0[part], known.until > now + span { return }
            $0[part] = Open(until: now + span, code: fault.code, why: fault.said)
        }
    }

    /// Why nothing of this sort is sent now; nil when it is.
    func obstacle(to part: Part, at now: ContinuousClock.Instant = .now) -> Refusal? {
        let parts: [Part] =
            switch part {
            case .all: [.all]
            case .writes: [.all, .writes]
            case .creates: [.all, .writes, .creates]
            }
        return open.withLock { open in
            for part in parts {
                guard let known = open[part], known.until > now else { continue }
                return Refusal(
                    code: known.code,
                    words: "Cloudflare refused another request (\(known.why)), and is left alone for "
                        + "\(Span(known.until - now))")
            }
            return nil
        }
    }
}
