import Core

/// What one process has reported, and what came of its repairs: counted here from what it says, not from what it remembers.
struct DaemonConduct {
    /// In how many reports in a row each drift was.
    private var shown: [String: Int] = [:]
    /// What came to nothing before anything was done, under which epoch and when.
    private var refused: [String: (epoch: Int64, at: Timestamp)] = [:]
    /// When what it had begun came to its end.
    private var begun: [Timestamp] = []
    /// When the ledger first refused one for the budget in this batch, and in one before it.
    private var refusedAt: Timestamp?
    private var overAt: Timestamp?

    /// What became repairable without anybody's leave since the count began, by plane.
    private var released: [Plane: Set<String>] = [:]
    private var countsFrom: Timestamp?

    /// A round begins. A count of what is much lasts a cycle, however many rounds are in it.
    ///
    /// - Parameter rate: how fast its clock may run: all times are true ones.
    mutating func begins(rate: Int64, at now: Timestamp) {
        if let refusedAt { (overAt, self.refusedAt) = (refusedAt, nil) }
        if let countsFrom, now - countsFrom < Span(microseconds: SimulatedDaemon.cycle.microseconds / rate) { return }
        (countsFrom, released) = (now, [:])
    }

    mutating func told(_ outcome: Outcome) {
        guard case .report(let report) = outcome else {
            shown = [:]
            return
        }
        shown = report.decisions.reduce(into: [:]) { $0[$1.drift.id] = shown[$1.drift.id, default: 0] + 1 }
        refused = refused.filter { shown[$0.key] != nil }
    }

    mutating func ended(_ intent: Intent, _ outcome: RepairOutcome, at now: Timestamp) {
        if outcome == .overBudget {
            refusedAt = refusedAt ?? now
            return
        }
        if case .refused = outcome {
            refused[intent.drift.id] = (intent.epoch, now)
        } else {
            refused[intent.drift.id] = nil
            if intent.resumed == nil { begun.append(now) }
        }
    }

    /// What is wrong with beginning a repair now.
    func faults(_ intent: Intent, _ policies: PolicySet, rate: Int64, at now: Timestamp) -> [String] {
        // What was interrupted has begun long ago; it goes on by looking.
        guard intent.resumed == nil, let policy = policies.policy(for: intent.drift.kind, vmid: intent.drift.vmid)
        else { return [] }
        var faults: [String] = []
        if shown[intent.drift.id, default: 0] < policy.after.looks {
            faults.append("\(intent.id) is of a drift that \(shown[intent.drift.id, default: 0]) reports in a row show")
        }
        let pause = Span(microseconds: policy.retry.backoff.microseconds / rate)
        if let last = refused[intent.drift.id], last.epoch == intent.epoch, now - last.at < pause {
            faults.append("\(intent.id) is asked for \(now - last.at) after it was refused")
        }
        // The ledger refuses it as well, when it is asked.
        // A process may be off by so much without noticing, and set right in between.
        let minute = Span(microseconds: (Span.minutes(1).microseconds - SteadyTime.mostApart.microseconds) / rate)
        if let overAt, overAt > now - minute, refusedAt == nil {
            faults.append("\(intent.id) is asked for \(now - overAt) after the ledger said that the budget is spent")
        }
        if begun.count(where: { $0 > now - minute }) >= intent.budget {
            faults.append("\(intent.id) is asked for after \(intent.budget) in a minute")
        }
        return faults
    }

    /// What is wrong with what may be repaired from now on: rounds follow each other within seconds where rows change, and much may
    /// not pass in steps that are each too small for the brake.
    ///
    /// - Parameter most: how many of one plane may begin in a cycle.
    mutating func faults(_ begun: [OpenDrift], most: Int) -> [String] {
        for drift in begun { released[drift.kind.plane, default: []].insert(drift.id) }
        return Set(begun.map(\.kind.plane)).sorted { $0.rawValue < $1.rawValue }.compactMap { plane in
            let count = released[plane]?.count ?? 0
            return count > most ? "\(count) new repairs of \(plane.rawValue) in the rounds of a cycle" : nil
        }
    }
}
