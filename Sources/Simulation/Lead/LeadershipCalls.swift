import Core
import World

extension LeadershipRun {
    mutating func start(_ name: Int) {
        nodes[name].start(&chance)
        note("\(name) starts as \(nodes[name].leadership.token.holder)")
        plan(.handle(.woke), name, after: 0)
        hasNews = true
        if !isHosted { plan(.tryToAct, name, after: 1000) }
    }

    mutating func take(_ step: Step, _ name: Int) {
        switch step {
        case .handle(let event): handle(event, name)
        case .wake(let alarm):
            // By a clock that has changed its speed since, the moment may not have come.
            nodes[name].alarms.removeAll { $0 == alarm }
            handle(.woke, name)
        case .send(let call): send(call, name)
        case .answer(let call, let event):
            guard let asked = nodes[name].calls.removeValue(forKey: call) else { return }
            record(event, asked, name)
            handle(event, name)
        case .timeout(let call):
            guard let asked = nodes[name].calls.removeValue(forKey: call) else { return }
            handle(asked.effect.failed("no answer in time"), name)
        case .tryToAct: tryToAct(name)
        case .claimed(let act, let isOurs): claimed(act, isOurs, name)
        case .check(let act): check(act, name)
        case .sendAct(let act): sendAct(act, name)
        case .answered(let act): endAct(act, name)
        }
    }

    private mutating func handle(_ event: LeadEvent, _ name: Int) {
        let local = nodes[name].local(now)
        let before = nodes[name].leadership.standing(at: local)
        let effects = nodes[name].leadership.handle(event, at: local)
        let after = nodes[name].leadership.standing(at: local)
        if before.withoutCountdown != after.withoutCountdown {
            note("\(name): \(event) -> \(Words.standing(after, at: local))")
            if case .lost = after { counts.losses += 1 }
            if case .foreign = after { counts.foreign += 1 }
            if case .waiting = after, !isCalm, chance.chance(percent: weather.stopsWhoWaits) {
                agenda.add(.fault(.stop(name)), at: now + 1000)
                agenda.add(.fault(.start(name)), at: now + times.ttl.microseconds)
            }
        }
        // Time alone changes a standing, too: it is held against what was told last.
        if isHosted, after.withoutCountdown != nodes[name].told {
            nodes[name].told = after.withoutCountdown
            nodes[name].standings.append(after)
            hasNews = true
        }
        for effect in effects {
            switch effect {
            case .wake(let moment):
                if nodes[name].alarms.contains(where: { $0 <= moment }) { break }
                nodes[name].alarms.append(moment)
                plan(.wake(moment), name, after: nodes[name].real(moment - local) + 1000)
            case .ended:
                note("\(name) has stopped")
                nodes[name].crash()
                ended(name)
            default:
                if !nodes[name].mayCall(at: local) { violate("\(name) calls without rest") }
                let call = number()
                nodes[name].calls[call] = LeadNode.Call(effect: effect, asked: local)
                plan(.send(call: call), name, after: 10)
            }
        }
    }

    private mutating func send(_ call: Int, _ name: Int) {
        guard let asked = nodes[name].calls[call] else { return }
        plan(.timeout(call: call), name, after: nodes[name].real(times.callTimeout))
        if !isCalm, chance.chance(percent: weather.lostBefore) {
            counts.callsLost += 1
            return note("\(name): \(asked.effect) is lost on its way")
        }
        var spent = delay()
        // A takeover waits for the claims that hold the row.
        if case .takeRow = asked.effect, !isCalm, chance.chance(percent: weather.slowTakes) {
            spent = Int64(chance.below(Int(times.callTimeout.microseconds)))
        }
        agenda.add(.arrives(name, nodes[name].leadership.token, call: call, asked.effect), at: now + spent)
    }

    /// What a process has sent arrives, though it may have crashed since.
    mutating func arrive(_ effect: LeadEffect, _ call: Int, _ name: Int, _ token: LockToken) {
        let epoch = stores.row.epoch
        let isReached = !(effect.isForDatabase ? nodes[name].isCutOff : nodes[name].isCutOffRedis)
        guard isReached,
            let answer = stores.perform(effect, by: token, ttl: times.ttl, redis: nodes[name].redis, at: now)
        else {
            // Nobody there: refused at once, or swallowed.
            if chance.chance(percent: 50) {
                plan(.answer(call: call, effect.failed("connection refused")), name, after: delay())
            }
            return
        }
        if stores.row.epoch != epoch {
            counts.takeovers += 1
            note("\(name) takes the row with epoch \(stores.row.epoch)")
        }
        if !isCalm, chance.chance(percent: weather.lostAfter) {
            counts.callsLost += 1
            return note("\(name): the answer to \(effect) is lost")
        }
        plan(.answer(call: call, answer), name, after: delay())
    }

    /// What an answer is worth, counted here from what was asked and heard.
    private mutating func record(_ event: LeadEvent, _ asked: LeadNode.Call, _ name: Int) {
        switch event {
        case .lock(.acquired), .lock(.renewed): nodes[name].lockUntil = asked.asked + times.ttl
        case .lock(.refused): nodes[name].lockUntil = Moment(microseconds: .min)
        case .row(.taken): nodes[name].rowUntil = asked.asked + times.ttl
        case .row(.read(let row)):
            let isOurs = row.holder == nodes[name].leadership.token.holder && !row.isClosed
            nodes[name].rowUntil = isOurs ? asked.asked + times.ttl : Moment(microseconds: .min)
        default: break
        }
    }
}

extension LeadEffect {
    var isForDatabase: Bool {
        switch self {
        case .readRow, .takeRow, .closeRow: true
        default: false
        }
    }

    func failed(_ why: String) -> LeadEvent {
        switch self {
        case .acquireLock, .renewLock, .releaseLock: .lock(.failed(why))
        default: .row(.failed(why))
        }
    }
}
