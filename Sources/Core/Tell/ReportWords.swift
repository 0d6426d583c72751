/// The wording of a whole report, for every format that a person reads.
extension Words {
    package static let acceptedName = "accepted"
    package static let acceptedMeaning = "known, not counted"
    package static let unknownMeaning = "nothing is decided about these"
    package static let answerMeaning = "WAITS FOR YOUR ANSWER look at what is held first; this lets it run once"
    package static let nothingWritten = "nothing was written anywhere"

    package static func name(_ verdict: Verdict) -> String { spaced(verdict.rawValue) }
    package static func name(_ status: Coverage.Status) -> String { spaced(status.rawValue) }

    package static func name(_ word: InstanceStanding.Word) -> String {
        switch word {
        case .inSync: "in sync"
        case .drifted: "drifted"
        case .unknown: "unknown"
        case .suppressed: "suspended"
        case .excluded: "out of scope"
        }
    }

    /// Says the same without a colour.
    package static func sign(_ word: InstanceStanding.Word) -> String {
        switch word {
        case .inSync: "✓"
        case .drifted: "!"
        case .unknown: "?"
        case .suppressed: "‖"
        case .excluded: "–"
        }
    }

    package static func sign(_ status: Coverage.Status) -> String {
        switch status {
        case .complete: "✓"
        case .partial: "?"
        case .failed: "!"
        case .notConfigured: "–"
        }
    }

    /// The answer of a report: a word to see from afar, and what it means.
    package static func answer(_ report: Report) -> (word: String, sentence: String) {
        let open = report.decisions.count { $0.accepted == nil }
        switch report.exitStatus {
        case 2:
            let picture = report.isComplete ? "" : "; the picture is incomplete"
            return ("DRIFT", "\(count(open, "drift")) on \(place(report))\(picture)")
        case 3: return ("INCOMPLETE", "no drift found, but not everything could be read")
        default:
            if report.filter == nil { return ("IN SYNC", "everything that was looked at is as it should be") }
            if let vmid = report.filter?.vmid, report.instances.isEmpty {
                return ("NO DRIFT", "there is no row for VMID \(vmid)")
            }
            return ("NO DRIFT", "nothing that was asked for has drifted")
        }
    }

    /// The servers that the drifts before it are of: one whose drifts are all accepted is none of them, though it differs.
    private static func place(_ report: Report) -> String {
        let instances = Set(report.decisions.filter { $0.accepted == nil }.compactMap(\.drift.instance))
        return count(instances.count, "server")
    }

    package static func counts(_ report: Report) -> String {
        let s = report.summary
        var text =
            "\(count(s.instances, "instance")): \(s.inSync) in sync, \(s.drifted) drifted, \(s.unknown) unknown"
        if s.suppressed > 0 { text += ", \(s.suppressed) \(name(.suppressed))" }
        if s.excluded > 0 { text += ", \(s.excluded) \(name(.excluded))" }
        let accepted = report.decisions.count { $0.accepted != nil }
        if accepted > 0 { text += "; \(count(accepted, "drift")) accepted" }
        return text
    }

    /// What a filtered report leaves out; nil when it leaves nothing out.
    package static func filter(_ report: Report) -> String? {
        guard let filter = report.filter else { return nil }
        var parts: [String] = []
        if let vmid = filter.vmid { parts.append("VMID \(vmid)") }
        if let kind = filter.kind { parts.append("kind \(kind.text)") }
        if let level = filter.minLevel { parts.append("level \(level.rawValue) or more") }
        return "filtered: only drifts of \(parts.joined(separator: ", ")) are shown and counted"
    }

    /// Why a drift has its verdict: the guard's own words where it has some.
    package static func why(_ decision: Decision) -> String {
        var text = "\(decision.reason.rawValue): \(decision.detail ?? reason(decision.reason))"
        if let action = decision.action { text += "; action \(action.rawValue)" }
        if let policy = decision.policy { text += "; policy \(policy)" }
        if decision.pending.contains(.notSeenLongEnough) { text += "; the daemon would look again first" }
        return text
    }

    /// What an operator runs to let a plan run once.
    package static func approve(_ plan: String) -> String { "zlh-controller approve \(plan)" }

    package static func accepted(_ acceptance: Acceptance) -> String {
        "by \(acceptance.by) until \(acceptance.until): \(acceptance.reason)"
    }

    /// What a plane has many of, where nothing better names one.
    static func thing(on plane: Plane) -> String {
        switch plane {
        case .database: "row"
        case .proxmox: "guest"
        case .agents: "agent"
        case .publicDNS, .internalDNS: "record"
        case .velocity: "backend"
        case .queues: "queue"
        }
    }

    package static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func spaced(_ word: String) -> String { String(word.map { $0 == "_" ? " " : $0 }) }
}
