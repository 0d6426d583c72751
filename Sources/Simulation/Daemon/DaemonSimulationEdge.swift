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
            begin(step)
            // The look comes so much later; what happens meanwhile happens to the others.
            if case .check(let after) = step { now = now + after }
            if case .claim = step { daemons[index].hasSeenItDone = false }
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
            if script == nil, !isCalm, chance.chance(percent: 10) {
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
        case .close(let outcome):
            if outcome == .verified, !daemons[index].hasSeenItDone {
                violations.append("\(intent.id) was called done, and no look had shown it")
            }
            return ledger.close(intent, outcome, holder: index, at: now)
        case .stand:
            let desired = ledger.desired(estate, at: now)
            return grounds.answer(desired, settings: estate.settings, at: now)
        case .look: return .seen(estate.look(at: grounds.change, faults: edgeFaults(), at: now))
        case .check:
            let sight = estate.look(at: grounds.change, faults: edgeFaults(), at: now)
            daemons[index].hasSeenItDone = grounds.change.isDone(sight)
            return .seen(sight)
        case .write(let write): return send(write, intent, grounds, index, isUndo: false)
        case .undo(let write): return send(write, intent, grounds, index, isUndo: true)
        }
    }

    private mutating func send(
        _ write: EdgeWrite, _ intent: Intent, _ grounds: EdgeGrounds, _ index: Int, isUndo: Bool
    ) -> EdgeSaga.Answer {
        let isInTime = daemons[index].leaveUntil.map { now < $0 } ?? true
        guard daemons[index].tenure == .acting(epoch: intent.epoch), isInTime else { return .mayNotAct }
        if mode == .dryRun { violations.append("a write in a dry-run") }
        ledger.checkWrite(intent, at: now)
        let before = estate
        let answer = estate.apply(write, faults: edgeFaults(), at: now)
        edgeWatch.wrote(write, grounds, from: before, to: estate, isUndo: isUndo)
        return .written(answer)
    }

    private mutating func edgeFaults() -> EdgeFaults {
        if script != nil || isCalm || !chance.chance(percent: 25) { return .none }
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

    // MARK: Scripts

    /// From the first claim on, I/Os are counted.
    private mutating func begin(_ step: EdgeSaga.Step) {
        if case .claim = step { script?.hasBegun = true }
    }

    /// Nil where chance decides.
    mutating func scriptedFate(_ index: Int) -> Fate? {
        guard let script else { return nil }
        guard script.hasBegun else { return .done }
        self.script?.steps += 1
        let step = script.steps + 1
        if let interference = script.interference, interference.before == step { interfere(interference.what) }
        guard let fate = script.fates[step] else { return .done }
        self.script?.isDeadly = fate == .diedAfter
        switch fate {
        case .notSent: return .before
        case .answerLost, .diedAfter: return .lost
        case .diedBefore:
            crash(index)
            return .dead
        }
    }

    private mutating func interfere(_ what: Script.Interference) {
        guard let row = estate.instances.first(where: { $0.vmid.number == 5001 }) else { return }
        note("\(what)")
        switch what {
        case .suspended:
            estate.billing.append(BillingRow(customer: "c-1", status: .suspended, serverState: .allowed))
        case .deleted: estate.instances.removeAll { $0.key == row.key }
        case .readdressed:
            if let index = estate.instances.firstIndex(where: { $0.key == row.key }) {
                estate.instances[index].port = 25_999
            }
        case .undone:
            let host = "mc-paper-5001.\(estate.zone.name)"
            for record in estate.zone.records where record.name.hasSuffix(host) { estate.zone.remove(id: record.id) }
            estate.internalZone.remove { $0.name.hasSuffix(host) }
            estate.proxy.restart()
        }
    }

    /// Runs until two rounds in a row found nothing to do, and then holds what is there against what should be.
    mutating func runToRest() {
        lead(0)
        let end = now + .minutes(120)
        var quiet = 0
        var rounds = 0
        while now < end, quiet < 2 {
            if daemons[0].isDead {
                now = now + .seconds(5)
                restart(0)
                quiet = 0
            }
            guard let (index, at) = next() else { break }
            now = max(now, at)
            step(index)
            if counts.rounds > rounds, !daemons[0].isDead, daemons[0].edge == nil, daemons[0].todo.isEmpty {
                rounds = counts.rounds
                // An attempt that nothing is seen of is looked at for a while before it ends.
                let isQuiet =
                    daemons[0].last?.decisions.contains { $0.verdict == .repair } == false
                    && !ledger.attempts.contains { $0.state == "open" }
                quiet = isQuiet && (script?.hasBegun ?? true) ? quiet + 1 : 0
            }
        }
        edgeWatch.rest(estate)
        violations += ledger.violations + edgeWatch.violations
        if quiet < 2 { violations.append("it never came to rest") }
        if ledger.attempts.contains(where: { $0.state == "open" }) { violations.append("an attempt was left open") }
        violations += wrongs()
    }

    /// What of the one server's edge is not as it should be; nothing of ours may be left of one that is not wanted.
    private func wrongs() -> [String] {
        guard let row = estate.instances.first(where: { $0.vmid.number == 5001 }), estate.billing.isEmpty else {
            return []
        }
        var wrongs: [String] = []
        for (plane, records) in [
            (Plane.publicDNS, estate.zone.records.map(\.decoded)),
            (Plane.internalDNS, estate.internalZone.records.map(\.decoded)),
        ] {
            for rule in EdgeWish.rules(for: row, in: plane, settings: estate.settings) {
                if case .right = rule.judge(records).finding { continue }
                wrongs.append("\(plane.rawValue) \(rule.name) is not right")
            }
        }
        let backends = estate.proxy.backends.filter { $0.name == row.hostname }
        if backends != [EdgeWish.backend(for: row, settings: estate.settings)] {
            wrongs.append("the backend is \(backends)")
        }
        return wrongs
    }
}
