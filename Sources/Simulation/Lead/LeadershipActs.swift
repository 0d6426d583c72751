import Core
import World

/// One act: a permit, a claim in the database, a request that lands somewhere that knows no epochs.
struct SimulatedAct {
    let permit: ActPermit
    let node: Int
    let life: Int
    let begun: Int64
    /// It was sent past its permit, by a process that stood still after its last look.
    var isFrozen = false
    /// Its process was not running at some time between its leave and the request.
    var hasStoodStill = false
}

extension LeadershipRun {
    mutating func tryToAct(_ name: Int) {
        plan(.tryToAct, name, after: 1000 + Int64(chance.below(Int(times.ttl.microseconds) / 5)))
        guard let act = grant(name) else { return }
        if !isCalm, chance.chance(percent: weather.lostBefore) {
            return plan(.answered(act: act), name, after: nodes[name].real(times.callTimeout))
        }
        agenda.add(.claim(name, life: nodes[name].life, act: act), at: now + delay())
    }

    /// Leave for one act, held against what was really answered.
    ///
    /// - Returns: its number; nil when there is no leave.
    mutating func grant(_ name: Int) -> Int? {
        let local = nodes[name].local(now)
        guard let permit = nodes[name].leadership.beginAct(at: local) else { return nil }
        if permit.until > nodes[name].lockUntil { violate("\(name): an act may outlive the lock's lease") }
        if permit.until > nodes[name].rowUntil { violate("\(name): an act may outlive the row's lease") }
        if permit.until - local > times.actDeadline { violate("\(name): an act may take longer than its deadline") }
        let act = number()
        acts[act] = SimulatedAct(permit: permit, node: name, life: nodes[name].life, begun: now)
        return act
    }

    mutating func claim(_ number: Int, _ name: Int, _ life: Int) {
        guard let act = acts[number], nodes[name].life == life else { return }
        guard stores.isDatabaseUp, !nodes[name].isCutOff else {
            return plan(.answered(act: number), name, after: delay())
        }
        let isOurs = stores.claims(act.permit)
        if isOurs, stores.taken.keys.contains(where: { $0 > act.permit.epoch }) {
            violate("\(name): a claim with epoch \(act.permit.epoch) succeeded after a newer one was taken")
        }
        if !isOurs { counts.claimsRefused += 1 }
        plan(.claimed(act: number, isOurs), name, after: delay())
    }

    mutating func claimed(_ number: Int, _ isOurs: Bool, _ name: Int) {
        guard let act = acts[number] else { return }
        if isOurs { return plan(.check(act: number), name, after: 10) }
        plan(.handle(.claimRefused(epoch: act.permit.epoch)), name, after: 10)
        plan(.answered(act: number), name, after: 20)
    }

    mutating func check(_ number: Int, _ name: Int) {
        guard let act = acts[number] else { return }
        let mayBeSent = nodes[name].local(now) < act.permit.until
        plan(mayBeSent ? .sendAct(act: number) : .answered(act: number), name, after: 10)
    }

    mutating func sendAct(_ number: Int, _ name: Int) {
        guard let left = sent(number) else { return }
        // It lands at any moment up to its deadline: that is what the deadline is for.
        let soon = Int64(500 + chance.below(20_000))
        let spent = left <= 0 ? soon : chance.chance(percent: 20) ? left : min(left, soon)
        agenda.add(.lands(act: number), at: now + spent)
    }

    /// The bytes leave.
    ///
    /// - Returns: how long, in microseconds, until the permit ends.
    mutating func sent(_ number: Int) -> Int64? {
        guard var act = acts[number] else { return nil }
        let left = nodes[act.node].real(act.permit.until - nodes[act.node].local(now))
        act.isFrozen = left <= 0
        act.hasStoodStill = nodes[act.node].frozenUntil > act.begun
        acts[number] = act
        firstSent[act.permit.epoch] = firstSent[act.permit.epoch] ?? now
        newestActing = max(newestActing, act.permit.epoch)
        return left
    }

    /// Holds it against whoever acts by then.
    mutating func landed(_ act: SimulatedAct) {
        counts.acts += 1
        if newestActing > act.permit.epoch { judgeOverlap(act) }
    }

    mutating func land(_ number: Int) {
        guard let act = acts[number] else { return }
        landed(act)
        if nodes[act.node].life == act.life {
            plan(.answered(act: number), act.node, after: delay())
        } else {
            acts[number] = nil
        }
    }

    /// A request of an older epoch landed after a newer one had begun to act.
    private mutating func judgeOverlap(_ act: SimulatedAct) {
        if act.isFrozen {
            counts.frozenWindows += 1
            return note("\(act.node): a request that was checked before a pause lands late")
        }
        let deadline = times.actDeadline.microseconds
        let tookTooLong = now - act.begun > deadline
        let waitedTooLittle = firstSent.contains { epoch, sent in
            guard epoch > act.permit.epoch, let taken = stores.taken[epoch] else { return false }
            return !taken.afterClosed && sent - taken.at < deadline
        }
        if weather.clocksAreWrong, tookTooLong || waitedTooLittle {
            counts.clockWindows += 1
            return note("\(act.node): a request lands late by a wrong clock")
        }
        violate(
            "\(act.node): an act of epoch \(act.permit.epoch) landed after epoch \(newestActing) had begun to act")
    }

    mutating func endAct(_ number: Int, _ name: Int) {
        guard let act = acts.removeValue(forKey: number) else { return }
        plan(.handle(.actEnded(act.permit)), name, after: 10)
    }
}
