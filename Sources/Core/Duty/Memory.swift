/// What a controller remembers from round to round. It comes back from the database after a restart.
package struct Memory: Equatable, Sendable {
    /// How often a drift was repaired in vain.
    package struct Tries: Equatable, Sendable {
        package var attempts: Int
        package var endedAt: Timestamp

        package init(attempts: Int, endedAt: Timestamp) {
            self.attempts = attempts
            self.endedAt = endedAt
        }
    }

    package var open: [String: OpenDrift]
    package var tries: [String: Tries]
    /// Attempts at the edge that have begun and not ended: a look at the service says how they stand.
    package var interrupted: [Intent]
    /// The incidents of these drifts, and those that were over a short while ago.
    package var incidents: IncidentGroups
    /// When the repairs of the last minute began, whoever began them.
    package var spent: [Timestamp]

    package init(
        open: [OpenDrift] = [], tries: [String: Tries] = [:], interrupted: [Intent] = [],
        incidents: IncidentGroups = IncidentGroups(), spent: [Timestamp] = []
    ) {
        self.interrupted = interrupted
        self.spent = spent
        self.open = Dictionary(open.map { ($0.id, $0) }) { first, _ in first }
        self.tries = tries
        self.incidents = incidents
    }

    /// Open drifts of the kinds that not every round can tell.
    var lasting: [OpenDrift] { open.values.filter { $0.kind.isToldByDaemons } }

    /// Nothing that holds a repair back lies ahead of `now`.
    mutating func turnBack(to now: Timestamp) {
        for (id, tries) in tries where tries.endedAt > now { self.tries[id]?.endedAt = now }
        for (id, drift) in open where drift.since > now { open[id]?.since = now }
    }

    /// Takes in what a round decided.
    ///
    /// - Parameter notifications: who is told of what; what opens, or is to be told from now on, gets its incident by them.
    /// - Returns: what has changed: nothing for a quiet round. A drift that is not seen any more has ended only where the
    ///   round could have seen it.
    package mutating func absorb(_ report: Report, telling notifications: [Notification] = []) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var found: Set<String> = []
        for decision in report.decisions {
            let isFirst = found.insert(decision.drift.id).inserted
            let known = open[decision.drift.id]
            var drift = OpenDrift(decision, since: known?.since ?? report.generatedAt)
            drift.wouldRepair = known?.wouldRepair ?? false
            drift.incident = known?.incident
            if let known {
                // Nobody was asked about it: how it stood stands. Told anew at each turn, it would be news without end, and new each
                // time to the brake on mass changes.
                // Seen to work, and there again: if it ends now, that repair is not why.
                let isBack = known.isRepaired
                if decision.isLeftOut {
                    guard isBack else { continue }
                    var back = known
                    back.isRepaired = false
                    entries.append(JournalEntry(.changed, back, detail: decision.told))
                    open[known.id] = back
                    continue
                }
                let isChanged = known.stands(otherwiseThan: drift)
                // It was accepted until now, or another policy has made it somebody's business.
                let isOwed = isFirst && drift.incident == nil && decision.isFor(notifications)
                guard isChanged || isBack || isOwed else { continue }
                if isChanged { drift.wouldRepair = decision.isHeldByAcceptance }
                let isQuarantine = isChanged && drift.reason == .quarantined
                entries.append(JournalEntry(isQuarantine ? .quarantined : .changed, drift, detail: decision.told))
            } else {
                drift.wouldRepair = decision.isHeldByAcceptance
                entries.append(JournalEntry(.opened, drift, detail: decision.told))
            }
            open[drift.id] = drift
        }
        let endings = Endings(report)
        for drift in open.values.sorted(by: { $0.id < $1.id })
        where !found.contains(drift.id) && endings.show(drift)
            // What is gone may have been repaired: its attempt is looked at first, and the round after that says so.
            && !interrupted.contains(where: { $0.drift.id == drift.id })
        {
            entries.append(JournalEntry(.closed, drift))
            open[drift.id] = nil
            tries[drift.id] = nil
        }
        guard !entries.isEmpty else { return [] }
        let decisions = Dictionary(report.decisions.map { ($0.drift.id, $0) }) { first, _ in first }
        incidents.assign(&entries, &open, decisions: decisions, notifications, at: report.generatedAt)
        return entries
    }
}

extension Decision {
    /// Whether somebody is to be told.
    fileprivate func isFor(_ notifications: [Notification]) -> Bool {
        accepted == nil && notifications.contains { $0.isAbout(drift.kind, level) }
    }

    /// Whether nothing but that somebody accepts it is in the way: when that ends it is new to the brake on mass changes, which has not
    /// counted it before.
    fileprivate var isHeldByAcceptance: Bool { accepted != nil && verdict == .repair }

    /// What an entry says beside verdict and reason, and whose it is where it has no host name.
    var told: String {
        let seen = detail.map { "\(drift.observed); \($0)" } ?? drift.observed
        return drift.subject.about.map { "\($0): \(seen)" } ?? seen
    }
}
