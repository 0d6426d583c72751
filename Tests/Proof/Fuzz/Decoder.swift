import Core

/// Every decoder of foreign or written bytes, and what has to hold of whatever it is given.
///
/// Beside "no crash, no hang": bytes that are no document are never read, and what a well-formed document shows as absent
/// (one thing that each seed of the corpus shows as present) is absent for a second reader of the same bytes as well, which
/// demands a whole listing. A document that repeats a member of an object is left out of the second: it has no one meaning.
package enum Decoder: String, CaseIterable, Sendable {
    case proxmoxResources = "proxmox-resources"
    case proxmoxStatus = "proxmox-status"
    case proxmoxPermissions = "proxmox-permissions"
    case proxmoxInterfaces = "proxmox-interfaces"
    case proxmoxTasks = "proxmox-tasks"
    case cloudflare
    case cloudflareChange = "cloudflare-change"
    case technitium
    case technitiumSession = "technitium-session"
    case agent
    case versions
    case velocity
    case discord
    case redis
    case ledger
    case values
    case policies
    case configuration
    case fixture

    /// What one input came to.
    package enum Outcome: Equatable, Sendable {
        /// Refused, with an error of its own type.
        case refused
        /// Read, and the thing that the seeds show was there, or nothing is concluded from its not being there.
        case read
        /// Read, and that thing is believed to be gone; or what something else would follow from: a write that was done, a right
        /// that is there.
        case gone
        case violated(String)
    }

    package func outcome(_ bytes: [UInt8]) -> Outcome {
        switch self {
        case .policies: PolicyProof.outcome(bytes)
        case .configuration: ConfigurationProof.outcome(bytes)
        case .fixture: FixtureProof.outcome(bytes)
        case .redis: RedisProof.outcome(bytes)
        case .discord: DiscordProof.outcome(bytes)
        case .ledger: LedgerProof.outcome(bytes)
        case .values: ValueProof.outcome(bytes)
        default: json(bytes)
        }
    }

    private func json(_ bytes: [UInt8]) -> Outcome {
        let outcome: Outcome
        do {
            outcome = try AnswerProof.reading(of: self, bytes)
        } catch {
            return .refused
        }
        // Only what was read has to be well-formed: that keeps the second reader out of most inputs.
        guard outcome != .refused else { return .refused }
        guard let tree = JSONTree(bytes) else { return .violated("what is no JSON document was read") }
        if case .violated = outcome { return outcome }
        if outcome == .gone, !tree.isAmbiguous, let why = AnswerProof.objection(of: self, to: tree) {
            return .violated("believed to be gone, although \(why)")
        }
        return outcome
    }
}

extension Decoder {
    static let moment = Timestamp(seconds: 1_772_366_400)
}
