import Core
import World

/// The steps of one change of the edge, each of which may be its process's last.
extension DaemonSimulation {
    mutating func stepEdge(_ index: Int) {
        guard let running = daemons[index].edge else { return }
        let (intent, grounds) = (running.intent, running.grounds)
        var machine = running.machine
        switch machine.next(running.answer, policies: policies, at: now) {
        case .end(let outcome):
            note("\(index) ended \(intent.id) \(grounds.change.name): \(outcome)")
            daemons[index].edge = nil
            feed(.repaired(intent, outcome), index)
        case .step(let step):
            // The look comes so much later; what happens meanwhile happens to the others.
            if case .check(let after) = step { now = now + after }
            let fate = fate(index)
            note("\(index) \(step) of \(intent.id): \(fate)")
            guard fate != .dead else { return }
            var answer = fate == .before ? missed(step) : perform(step, intent, grounds, index)
            if fate == .lost {
                answer = lost(step)
                crashOrLose(index)
                if daemons[index].isDead { return }
            }
            daemons[index].edge = (intent, grounds, machine, answer)
            // It may stand still between any two steps.
            if !isCalm, chance.chance(percent: 10) {
                daemons[index].busyUntil = now + .seconds(Int64(chance.below(120)))
            }
        }
    }

    private mutating func perform(
        _ step: EdgeSaga.Step, _ intent: Intent, _ grounds: EdgeGrounds, _ index: Int
    ) -> EdgeSaga.Answer {
        switch step {
        case .claim: return ledger.claim(intent, grounds, holder: index, in: estate, at: now)
        case .note(_, let id): return ledger.note(intent, id, holder: index, at: now)
        case .close(let outcome): return ledger.close(intent, outcome, holder: index, at: now)
        case .stand:
            let desired = ledger.desired(estate, at: now)
            return grounds.fall(desired, settings: estate.settings).map(EdgeSaga.Answer.fallen) ?? .stands
        case .look, .check: return .seen(estate.look(at: grounds.change, faults: edgeFaults(), at: now))
        case .write(let write), .undo(let write): return send(write, intent, grounds, index)
        }
    }

    private mutating func send(
        _ write: EdgeWrite, _ intent: Intent, _ grounds: EdgeGrounds, _ index: Int
    ) -> EdgeSaga.Answer {
        let isInTime = daemons[index].leaveUntil.map { now < $0 } ?? true
        guard daemons[index].tenure == .acting(epoch: intent.epoch), isInTime else { return .mayNotAct }
        if mode == .dryRun { violations.append("a write in a dry-run") }
        ledger.checkWrite(intent, at: now)
        let before = estate
        let desired = ledger.desired(estate, at: now)
        let isWanted = grounds.fall(desired, settings: estate.settings) == nil
        let answer = estate.apply(write, faults: edgeFaults(), at: now)
        edgeWatch.wrote(write, grounds, from: before, to: estate, isWanted: isWanted)
        return .written(answer)
    }

    private mutating func edgeFaults() -> EdgeFaults {
        if isCalm || !chance.chance(percent: 25) { return .none }
        return EdgeFaults(write: chance.pick(WriteFault.allCases))
    }

    private func missed(_ step: EdgeSaga.Step) -> EdgeSaga.Answer {
        switch step {
        case .look, .check: .seen(.unreadable("nothing was sent"))
        case .write, .undo: .written(.refused("nothing was sent"))
        case .claim, .note, .stand, .close: .failed("nothing was sent")
        }
    }

    private func lost(_ step: EdgeSaga.Step) -> EdgeSaga.Answer {
        switch step {
        case .look, .check: .seen(.unreadable("no answer"))
        case .write, .undo: .written(.unknown("no answer"))
        case .claim, .note, .stand, .close: .failed("no answer")
        }
    }
}
