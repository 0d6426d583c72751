import Core
import World

/// One step of one process: an I/O, or what follows from one.
extension DaemonSimulation {
    mutating func step(_ index: Int) {
        daemons[index].busyUntil = now
        if let from = daemons[index].actsFrom, from.at <= now {
            daemons[index].actsFrom = nil
            if ledger.epoch == from.epoch { daemons[index].hear(.acting(epoch: from.epoch), at: now) }
            return
        }
        if daemons[index].saga != nil { return stepSaga(index) }
        if daemons[index].edge != nil { return stepEdge(index) }
        if !daemons[index].todo.isEmpty {
            let effect = daemons[index].todo.removeFirst()
            return carryOut(effect, index)
        }
        if let due = daemons[index].timers.indices.filter({ daemons[index].timers[$0].at <= now }).first {
            let timer = daemons[index].timers.remove(at: due)
            feed(.woke(timer.wake), index)
            return
        }
        if let alarm = daemons[index].alarm, alarm <= now {
            daemons[index].alarm = nil
            feed(.woke(.cycle), index)
        }
    }

    mutating func feed(_ event: Event, _ index: Int) {
        let effects = daemons[index].controller.handle(event, at: now)
        // Asked here: it may stand still before it carries them out.
        for case .wake(.cycle, let moment) in effects where moment < now {
            violations.append("a round was due in the past")
        }
        daemons[index].todo += effects
    }

    mutating func carryOut(_ effect: Effect, _ index: Int) {
        switch effect {
        case .observe(let look): feed(.observed(observe(look)), index)
        case .wake(.cycle, let moment):
            daemons[index].alarm = moment
        case .wake(let wake, let moment): daemons[index].timers.append((moment, wake))
        case .tell(let outcome):
            daemons[index].timers = []
            counts.rounds += 1
            if case .report(let report) = outcome { daemons[index].last = report }
        case .recall(let epoch):
            let fate = fate(index)
            guard fate != .dead else { return }
            let memory =
                fate == .before ? nil : ledger.recall(epoch: epoch, holder: index, in: estate, at: now)
            if fate == .lost { crashOrLose(index) }
            feed(.recalled(fate == .done ? memory : nil), index)
        case .journal(let entries, let epoch, _, let intents):
            if entries.isEmpty { violations.append("an empty journal was written") }
            let blind = Set(daemons[index].last?.coverage.filter { $0.status == .failed }.map(\.plane) ?? [])
            for entry in entries where entry.outcome == .closed && blind.contains(entry.drift.kind.plane) {
                violations.append("\(entry.drift.kind.rawValue) was closed by a round that did not see its plane")
            }
            for entry in entries
            where entry.outcome == .closed && entry.drift.kind == .operationStale && blind.contains(.queues) {
                violations.append("operation.stale was closed by a round that did not see the queues")
            }
            violations += SimulatedOperator.faults(
                entries, daemons[index].last, known: ledger.open, policies, total: estate.instances.count)
            for entry in entries where entry.outcome == .opened {
                let drift = daemons[index].last?.decisions.first { $0.drift.id == entry.drift.id }?.drift
                if let doubt = drift.flatMap(lasting.doubt) { violations.append(doubt) }
                if let kind = drift?.kind, History.needs(kind) != nil { counts.lasted += 1 }
            }
            let fate = fate(index)
            guard fate != .dead else { return }
            let isWritten = fate != .before && ledger.write(entries, epoch: epoch, holder: index, at: now)
            note("\(index) journal \(entries.map(\.outcome.rawValue)) \(fate)")
            if fate == .lost { crashOrLose(index) }
            feed(.journaled(isWritten && fate == .done, then: intents), index)
        case .redeem(let redemption, let epoch):
            let fate = fate(index)
            guard fate != .dead else { return }
            if mode == .dryRun { violations.append("a dry-run takes up an approval") }
            let isWritten = fate != .before && ledger.redeem(redemption, epoch: epoch, holder: index, at: now)
            note("\(index) takes up \(redemption.approval): \(isWritten) \(fate)")
            if isWritten { person.takenUp(redemption, daemons[index].last) }
            if fate == .lost { crashOrLose(index) }
            feed(.redeemed(isWritten && fate == .done), index)
        case .repair(let intent):
            if mode == .dryRun { violations.append("a repair in a dry-run") }
            violations += person.faults(intent, daemons[index].last, policies)
            guard case .edgeRepublish(let grounds) = intent.act else {
                daemons[index].saga = (intent, RepairSaga(intent), .begun)
                return
            }
            let answer = intent.resumed.map { EdgeSaga.Answer.resumed(id: $0.record) } ?? .begun
            daemons[index].edge = (intent, grounds, EdgeSaga(intent, grounds.change), answer)
        }
    }

    mutating func stepSaga(_ index: Int) {
        guard let running = daemons[index].saga else { return }
        let intent = running.intent
        var (machine, answer) = (running.machine, running.answer)
        let mayAct = daemons[index].tenure == .acting(epoch: intent.epoch)
        let move = machine.next(answer, mayAct: mayAct, policies: policies, at: now)
        switch move {
        case .end(let outcome):
            note("\(index) ended \(intent.id): \(outcome)")
            daemons[index].saga = nil
            feed(.repaired(intent, outcome), index)
            return
        case .step(let step):
            let fate = fate(index)
            note("\(index) \(step) of \(intent.id): \(fate)")
            guard fate != .dead else { return }
            answer = fate == .before ? .failed("nothing was sent") : perform(step, intent, index)
            if fate == .lost {
                answer = .failed("no answer")
                crashOrLose(index)
                if daemons[index].isDead { return }
            }
            daemons[index].saga = (intent, machine, answer)
            // It may stand still between any two steps.
            if script == nil, !isCalm, chance.chance(percent: 20) {
                daemons[index].busyUntil = now + .seconds(Int64(chance.below(200)))
            }
        }
    }

    mutating func perform(_ step: RepairSaga.Step, _ intent: Intent, _ index: Int) -> RepairSaga.Answer {
        let epoch = intent.epoch
        switch step {
        case .claim: return ledger.claim(intent, epoch: epoch, holder: index, in: estate, at: now)
        case .act: return ledger.act(intent, epoch: epoch, holder: index, in: &estate, at: now)
        case .check: return .seen(ledger.look(intent, epoch: epoch, holder: index, in: estate, at: now))
        case .refuse:
            ledger.refuse(intent, epoch: epoch, holder: index, at: now)
            return .refusalWritten
        }
    }

    enum Fate: Equatable {
        /// It worked, and the answer came.
        case done
        /// Nothing was sent.
        case before
        /// It had its effect, and the answer was lost.
        case lost
        /// The process died before it.
        case dead
    }

    mutating func fate(_ index: Int) -> Fate {
        if let fate = scriptedFate(index) { return fate }
        if isCalm { return .done }
        switch chance.below(hasEdge ? 40 : 14) {
        case 0: return .before
        case 1, 2: return .lost
        case 3:
            crash(index)
            return .dead
        default: return .done
        }
    }

    mutating func crashOrLose(_ index: Int) {
        if let script {
            if script.isDeadly { crash(index) }
            return
        }
        if chance.chance(percent: 40) { crash(index) } else { counts.lostAnswers += 1 }
    }

    mutating func crash(_ index: Int) {
        counts.crashes += 1
        note("\(index) died")
        daemons[index].crash()
    }
}
