import Core
import World

/// What happens that people are to be told of.
extension TellSimulation {
    /// A round of the daemon, as far as messages go: drifts open, change, are repaired, and end.
    mutating func drift() {
        if script != nil { return tellStory(round: rounds) }
        var entries: [JournalEntry] = []
        if isCalm {
            let isOver = now >= calmAt + Self.calls
            if isOver { violations += heard.missing(in: book) }
            for drift in open.values.sorted(by: { $0.id < $1.id })
            where isOver || !Stage(drift.verdict, drift.reason).needsPerson {
                entries.append(JournalEntry(.closed, drift))
            }
        } else {
            let many = chance.chance(percent: 3) ? 10 + chance.below(300) : chance.below(3)
            let kind = chance.pick(DriftKind.allCases) ?? .publicAMissing
            for _ in 0..<many {
                let number = chance.below(many > 10 ? 2000 : 12)
                let id = "d\(number)-\(kind.rawValue)"
                guard open[id] == nil, !entries.contains(where: { $0.drift.id == id }) else { continue }
                var drift = OpenDrift(
                    id: id, kind: kind, vmid: VMID(5000 + number), externalID: nil, hostname: "mc-\(number)",
                    level: kind.level, action: kind.action, verdict: .repair, reason: .policyMatched, since: now)
                if kind.level > .automatic { (drift.verdict, drift.reason) = (.manual, .noAction) }
                if chance.chance(percent: 15) { accepted.insert(id) }
                entries.append(JournalEntry(.opened, drift, detail: "seen"))
            }
            for drift in open.values.sorted(by: { $0.id < $1.id }) {
                var drift = drift
                switch chance.below(12) {
                case _ where drift.incident == nil && chance.chance(percent: 20):
                    // The acceptance ends; nothing else has changed.
                    accepted.remove(drift.id)
                    entries.append(JournalEntry(.changed, drift, detail: "seen"))
                case 0: entries.append(JournalEntry(.closed, drift))
                case 1:
                    (drift.verdict, drift.reason) =
                        chance.pick([
                            (.held, .quarantined), (.held, .contested), (.held, .paused), (.repair, .policyMatched),
                        ])
                        ?? (.held, .paused)
                    entries.append(JournalEntry(.changed, drift, detail: "changed"))
                case 2:
                    let outcome: RepairOutcome = chance.chance(percent: 70) ? .verified : .notVerified("no")
                    book.note(outcome, of: .edgeRepublish, drift: drift.id)
                    if outcome == .verified { news.happened(in: drift.incident, book) }
                default: break
                }
            }
        }
        take(entries)
    }

    mutating func take(_ entries: [JournalEntry]) {
        var entries = entries
        guard !entries.isEmpty else { return }
        for entry in entries { open[entry.drift.id] = entry.outcome == .closed ? nil : entry.drift }
        var decisions: [String: Decision] = [:]
        for entry in entries where entry.outcome != .closed {
            decisions[entry.drift.id] = Self.decision(entry.drift, isAccepted: accepted.contains(entry.drift.id))
        }
        groups.assign(&entries, &open, decisions: decisions, Self.notify, at: now)
        book.note(entries, at: now)
        for entry in entries {
            if entry.outcome == .closed { accepted.remove(entry.drift.id) }
            if entry.joins { news.happened(in: entry.drift.incident, book) }
            if entry.outcome != .closed, !accepted.contains(entry.drift.id), entry.drift.incident == nil {
                violations.append("nobody is told of \(entry.drift.id), which nobody has accepted")
            }
        }
    }
}
