import Core

/// What whoever drives the processes asks of their leadership, and does to them.
extension LeadershipRun {
    /// Runs until `end`, in microseconds, or until there is news.
    mutating func advance(toNewsBefore end: Int64) {
        hasNews = false
        while !hasNews, violations.count < 5, let (at, item) = agenda.next(until: end) {
            now = max(now, at)
            happen(item)
        }
        if !hasNews { now = max(now, end) }
    }

    func standing(_ name: Int) -> LeadStanding { nodes[name].leadership.standing(at: nodes[name].local(now)) }

    /// What it took, while it believes in it.
    func lease(_ name: Int) -> SimulatedLease? {
        guard let epoch = Tenure(standing(name)).epoch else { return nil }
        return SimulatedLease(epoch: epoch, holder: nodes[name].leadership.token.holder)
    }

    /// Whether what was granted may still be sent, by the clock of whoever got it.
    func isValid(_ act: Int) -> Bool {
        acts[act].map { nodes[$0.node].local(now) < $0.permit.until } ?? false
    }

    mutating func end(_ act: Int, _ name: Int) {
        guard let ended = acts.removeValue(forKey: act), nodes[name].life == ended.life else { return }
        plan(.handle(.actEnded(ended.permit)), name, after: 10)
    }

    /// What was not answered may still be done until its time is over.
    mutating func endWhenOver(_ act: Int, _ name: Int) {
        guard let left = left(act), left > 0 else { return end(act, name) }
        plan(.answered(act: act), name, after: left)
    }

    mutating func stop(_ name: Int) { plan(.handle(.stopAsked), name, after: 0) }

    /// Dies and is started again after `span` microseconds.
    mutating func kill(_ name: Int, startingAfter span: Int64) {
        guard nodes[name].isUp else { return }
        counts.crashes += 1
        note("\(name) dies")
        nodes[name].crash()
        hasNews = true
        agenda.add(.fault(.start(name)), at: now + span)
    }

    /// The one that the row names, if it runs and acts.
    var acting: Int? {
        nodes.first { node in
            guard node.isUp, case .leading(stores.row.epoch, _) = standing(node.name) else { return false }
            return true
        }?.name
    }
}

/// The right to write: what the claim names.
struct SimulatedLease: Equatable {
    let epoch: Int64
    let holder: HolderID
}

extension LeadRecord {
    /// As each transaction of the ledger asks: epoch and holder are these, and the row is not closed.
    func holds(_ lease: SimulatedLease) -> Bool {
        epoch == lease.epoch && holder == lease.holder && !isClosed
    }
}

extension Tenure {
    /// As the daemon is told.
    init(_ standing: LeadStanding) {
        switch standing {
        case .leading(let epoch, _): self = .acting(epoch: epoch)
        case .waiting(let epoch, _): self = .waiting(epoch: epoch)
        default: self = .none(why: "it does not lead")
        }
    }
}
