import Core
import World

/// One step of one process: an I/O, or what follows from one.
extension DaemonSimulation {
    mutating func step(_ index: Int) {
        if let heard = daemons[index].heard { return hear(heard.what, index) }
        if daemons[index].saga != nil { return stepSaga(index) }
        if daemons[index].edge != nil { return stepEdge(index) }
        if daemons[index].isStopping {
            daemons[index].hasStopped = true
            return lead.stop(index)
        }
        if !daemons[index].todo.isEmpty {
            let effect = daemons[index].todo.removeFirst()
            return carryOut(effect, index)
        }
        if !daemons[index].isInRound, !daemons[index].tenures.isEmpty {
            let tenure = daemons[index].tenures.removeFirst()
            note("\(index) hears \(tenure)")
            return feed(.tenure(tenure), index)
        }
        if let due = daemons[index].timers.indices.filter({ daemons[index].timers[$0].at <= now }).first {
            let timer = daemons[index].timers.remove(at: due)
            feed(.woke(timer.wake), index)
            return
        }
        if let alarm = daemons[index].alarm, alarm <= now {
            daemons[index].alarm = nil
            setClock(index)
            daemons[index].before = daemons[index].controller
            (daemons[index].isInRound, daemons[index].changed) = (true, nil)
            (daemons[index].repaired, daemons[index].hasBegunNew) = ([], false)
            daemons[index].conduct.begins(rate: rate, at: now)
            feed(.woke(.cycle), index)
        }
    }

    /// By chance: the database says that something has changed, be it true or not.
    private mutating func stir(_ index: Int, percent: Int) {
        guard script == nil, !isCalm, stirring.chance(percent: percent) else { return }
        let vmid = stirring.pick(estate.instances)?.key.vmid
        let changed = stirring.chance(percent: 20) ? .everything : Changed.instances(Set([vmid].compactMap { $0 }))
        note("\(index) hears of a change")
        daemons[index].changed = changed.joined(daemons[index].changed)
        feed(.desiredChanged(changed), index)
    }

    mutating func feed(_ event: Event, _ index: Int) {
        let time = clock(index)
        let effects = daemons[index].controller.handle(event, at: time)
        // Asked here: it may stand still before it carries them out.
        for case .wake(.cycle, let moment) in effects where moment < time {
            violations.append("a round was due in the past")
        }
        if tears(effects, index) { return }
        guard effects.contains(.giveWay) else {
            daemons[index].todo += effects
            return
        }
        // Whatever the round has asked for ends with it.
        note("\(index) gives its round up")
        counts.givenUp += 1
        (daemons[index].timers, daemons[index].isInRound) = ([], false)
        daemons[index].todo = effects
    }

    mutating func carryOut(_ effect: Effect, _ index: Int) {
        switch effect {
        case .observe(let look):
            let round = daemons[index].controller.cycle
            stir(index, percent: 2)
            guard daemons[index].isInRound, daemons[index].controller.cycle == round else { return }
            feed(.observed(observe(look, index)), index)
        case .giveWay: break
        case .wake(.cycle, let moment):
            daemons[index].alarm = self.moment(index, moment)
        case .wake(let wake, let moment): daemons[index].timers.append((self.moment(index, moment), wake))
        case .tell(let outcome):
            daemons[index].timers = []
            daemons[index].isInRound = false
            counts.rounds += 1
            edgeWatch.settle(estate)
            if bug == .writesInVain { ledger.writeInVain(at: now) }
            if case .report(let report) = outcome { daemons[index].last = report }
            daemons[index].conduct.told(outcome)
        case .recall(let epoch):
            guard let lease = lease(index, epoch) else { return feed(.recalled(nil), index) }
            send(.recall(epoch: epoch), lease, index)
        case .journal(let entries, let epoch, _, let intents):
            judge(entries, index)
            guard let lease = lease(index, epoch) else { return feed(.journaled(false, then: intents), index) }
            send(.journal(entries, intents), lease, index)
        case .redeem(let redemption, let epoch):
            if mode == .dryRun { violations.append("a dry-run takes up an approval") }
            guard let lease = lease(index, epoch) else { return feed(.redeemed(false), index) }
            send(.redeem(redemption), lease, index)
        case .repair(let intent):
            if mode == .dryRun { violations.append("a repair in a dry-run") }
            stir(index, percent: 5)
            let own = daemons[index].repaired
            if daemons[index].hasBegunNew, daemons[index].controller.putsOff(intent, own: Set(own.compactMap(\.self))) {
                note("\(index) puts \(intent.id) off")
                counts.putOff += 1
                return feed(.postponed(intent), index)
            }
            daemons[index].repaired.append(intent.drift.vmid)
            if intent.resumed == nil { daemons[index].hasBegunNew = true }
            violations += person.faults(intent, daemons[index].last, policies)
            violations += daemons[index].conduct.faults(intent, policies, rate: rate, at: now)
            daemons[index].forgetChange()
            guard case .edgeRepublish(let grounds) = intent.act else {
                daemons[index].saga = (intent, RepairSaga(intent), .begun, lead.grant(index))
                return
            }
            let answer = intent.resumed.map { EdgeSaga.Answer.resumed(id: $0.record) } ?? .begun
            daemons[index].edge = (intent, grounds, EdgeSaga(intent, grounds.change), answer, nil)
        }
    }

    /// What no journal may say, whatever the round saw.
    private mutating func judge(_ entries: [JournalEntry], _ index: Int) {
        let report = daemons[index].last
        if entries.isEmpty { violations.append("an empty journal was written") }
        let blind = Set(report?.coverage.filter { $0.status == .failed }.map(\.plane) ?? [])
        for entry in entries where entry.outcome == .closed && blind.contains(entry.drift.kind.plane) {
            violations.append("\(entry.drift.kind.rawValue) was closed by a round that did not see its plane")
        }
        for entry in entries
        where entry.outcome == .closed && entry.drift.kind == .operationStale && blind.contains(.queues) {
            violations.append("operation.stale was closed by a round that did not see the queues")
        }
        let begun = SimulatedOperator.begun(entries, report, known: ledger.open)
        let most = max(
            policies.brakes.massChangeFloor,
            (report?.summary.instances ?? 0) * policies.brakes.massChangePercent / 100)
        violations += SimulatedOperator.faults(begun, known: ledger.open, policies, most: most)
        violations += daemons[index].conduct.faults(begun, most: most)
        for entry in entries where entry.outcome == .opened {
            let drift = report?.decisions.first { $0.drift.id == entry.drift.id }?.drift
            if let drift {
                let seen = clocks.truth(index, of: drift.evidence.observedAt)
                if let doubt = lasting.doubt(drift, seen: seen, slack: clockSlack) { violations.append(doubt) }
            }
            if let kind = drift?.kind, History.needs(kind) != nil { counts.lasted += 1 }
        }
    }

    /// What each transaction of the ledger names: asked of leadership right before it is sent.
    func lease(_ index: Int, _ epoch: Int64) -> SimulatedLease? {
        lead.lease(index).flatMap { $0.epoch == epoch ? $0 : nil }
    }

    mutating func stepSaga(_ index: Int) {
        guard let running = daemons[index].saga else { return }
        let (intent, act) = (running.intent, running.act)
        var machine = running.machine
        let permit = act.flatMap { lead.acts[$0]?.permit }
        let mayAct = permit?.epoch == intent.epoch && act.map(lead.isValid) ?? false
        switch machine.next(running.answer, mayAct: mayAct, under: rules, at: clock(index)) {
        case .end(let outcome):
            note("\(index) ended \(intent.id): \(outcome)")
            daemons[index].saga = nil
            if let act { lead.end(act, index) }
            daemons[index].conduct.ended(intent, outcome, at: now)
            feed(.repaired(intent, outcome), index)
        case .step(let step):
            daemons[index].saga?.machine = machine
            if step == .claim { script?.hasBegun = true }
            if step == .act {
                if !mayAct { violations.append("\(intent.id) acts though its leave is over") }
                let age = now - clocks.truth(index, of: intent.evidenceAt)
                if age > mostAge { violations.append("\(intent.id) acts on evidence of \(age)") }
            }
            guard let permit else {
                daemons[index].saga?.answer = .failed("there is no lease")
                return
            }
            send(
                .operation(step, intent), SimulatedLease(epoch: permit.epoch, holder: permit.holder), index)
        }
    }

    mutating func claimed(_ intent: Intent, _ lease: SimulatedLease) {
        laws.claimed(lease, lead)
        laws.claimed(intent, ledger, policies, slack: clockSlack, at: now)
    }

    /// How much longer something is than a process counts whose clock goes wrong: until the next round asks what time it is.
    var clockSlack: Span { lead.weather.clocksAreWrong ? Round.deadline : .seconds(0) }

    /// How old evidence may be: by a clock at half speed it is half as old.
    var mostAge: Span {
        let age = policies.brakes.evidenceMaxAge.microseconds
        return Span(microseconds: lead.weather.clocksAreWrong ? 2 * age : age)
    }

    /// How fast the clock of a process may run.
    private var rate: Int64 { lead.weather.clocksAreWrong ? 2 : 1 }

    mutating func perform(
        _ step: RepairSaga.Step, _ intent: Intent, _ lease: SimulatedLease, _ index: Int
    ) -> RepairSaga.Answer {
        switch step {
        case .claim:
            let answer = ledger.claim(intent, lease, in: estate, at: now)
            if answer == .claimed { claimed(intent, lease) }
            return answer
        case .look:
            queueTruth.looksAgain(intent, at: now)
            return look(for: intent)
        case .act:
            let answer = ledger.act(
                intent, lease, fresh: lead.times.actDeadline, in: &estate, at: now)
            if answer == .done {
                let seen = clocks.truth(index, of: intent.evidenceAt)
                violations += queueTruth.faults(
                    intent, seen: seen, estate.queueHouse, within: lead.times.actDeadline, at: now)
                let age = Span(microseconds: (now - seen).microseconds - 10_000_000)
                if age > mostAge { violations.append("an act on evidence of \(now - seen)") }
            }
            return answer
        case .check: return .seen(ledger.look(intent, lease, in: estate, at: now))
        case .refuse:
            ledger.refuse(intent, lease, at: now)
            return .refusalWritten
        }
    }

    private func look(for intent: Intent) -> RepairSaga.Answer {
        guard let job = intent.act.operation?.job else { return .failed("it names no job") }
        let queue = estate.queueHouse.queues.first { $0.name == job.queue }
        guard queue?.hasKeys == true else { return .failed("its queue is gone") }
        return estate.queueHouse.has(job) ? .obstacle("its job is there again") : .gone
    }
}
