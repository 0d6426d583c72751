import Core
import World

/// The steps of one change of the edge, each of which may be its process's last.
extension DaemonSimulation {
    mutating func stepEdge(_ index: Int) {
        guard let running = daemons[index].edge else { return }
        let (intent, grounds) = (running.intent, running.grounds)
        var machine = running.machine
        switch machine.next(running.answer, under: rules, at: clock(index)) {
        case .end(let outcome):
            note("\(index) ended \(intent.id) \(grounds.change.name): \(outcome)")
            daemons[index].edge = nil
            daemons[index].conduct.ended(intent, outcome, at: now)
            feed(.repaired(intent, outcome), index)
        case .step(let step):
            begin(step)
            daemons[index].edge?.machine = machine
            laws.follows(step, intent, isOwed: daemons[index].owesNote)
            if case .note = step { daemons[index].owesNote = false }
            if case .write = step, intent.resumed == nil, !daemons[index].hasWritten {
                let age = now - clocks.truth(index, of: intent.evidenceAt)
                laws.writes(intent, grounds.change, seen: daemons[index].seen, age: age, most: mostAge)
                daemons[index].hasWritten = true
            }
            let request = Request.edge(step, intent, grounds)
            switch step {
            case .look, .stand: send(request, nil, index)
            // What happens in between happens to the others.
            case .check(let after): send(request, nil, after: after, index)
            case .write, .undo: sendWrite(request, intent, index)
            case .claim, .note, .announce, .close:
                guard let lease = lease(index, intent.epoch) else {
                    let why = "this process does not lead any more"
                    daemons[index].edge?.answer = step == .claim ? .obstacle(why) : .failed(why)
                    return
                }
                send(request, lease, index)
            }
        }
    }

    /// Leave is asked for, then the leadership row.
    private mutating func sendWrite(_ request: Request, _ intent: Intent, _ index: Int) {
        if mode == .dryRun { violations.append("a write in a dry-run") }
        let act = bug == .actsWithoutLeave ? nil : lead.grant(index)
        guard let permit = act.flatMap({ lead.acts[$0]?.permit }), permit.epoch == intent.epoch else {
            if let act { lead.end(act, index) }
            if bug == .actsWithoutLeave { return send(request, nil, index) }
            daemons[index].edge?.answer = .mayNotAct("this process may not act any more")
            return
        }
        laws.granted(permit)
        daemons[index].hasSeenItDone = false
        daemons[index].edge?.act = act
        if bug == .writesUnasked { return sendWrite(request, isOurs: true, index) }
        guard case .edge(let step, _, let grounds) = request else { return }
        send(.leads(step, intent, grounds), SimulatedLease(epoch: permit.epoch, holder: permit.holder), index)
    }

    /// Right after the row was asked.
    mutating func sendWrite(_ request: Request, isOurs: Bool, _ index: Int) {
        guard let act = daemons[index].edge?.act, let permit = lead.acts[act]?.permit else { return }
        guard isOurs, lead.isValid(act) else {
            lead.end(act, index)
            daemons[index].edge?.act = nil
            daemons[index].edge?.answer = .mayNotAct("this process may not act any more")
            return
        }
        send(request, SimulatedLease(epoch: permit.epoch, holder: permit.holder), act: act, index)
    }

    mutating func perform(
        _ step: EdgeSaga.Step, _ intent: Intent, _ grounds: EdgeGrounds, _ lease: SimulatedLease, _ sent: Sent
    ) -> EdgeSaga.Answer {
        switch step {
        case .claim:
            let answer = ledger.claim(intent, grounds, lease, in: estate, at: now)
            if answer == .claimed { claimed(intent, lease) }
            return answer
        case .note(_, let id): return ledger.note(intent, id, lease, at: now)
        case .announce(_, let isUndo):
            return ledger.announce(intent, grounds, isUndo: isUndo, lease, in: estate, at: now)
        case .close(var outcome):
            if bug == .believesAnswers, case .notVerified = outcome { outcome = .verified }
            laws.closes(intent, outcome, hasSeenItDone: sent.hasSeenItDone)
            let answer = ledger.close(intent, outcome, lease, at: now)
            if case .unknown = outcome, answer == .closed { edgeWatch.gaveUp(intent, grounds, in: estate) }
            return answer
        case .stand:
            let desired = ledger.desired(estate, at: now)
            edgeWatch.asked(intent, grounds, in: estate)
            return grounds.answer(desired, settings: estate.settings)
        case .look, .check:
            if isSilent(grounds.change.plane) { return .seen(.unreadable("no answer")) }
            if let lag, grounds.change.plane == .publicDNS, now < lag.until {
                return .seen(lag.before.look(at: grounds.change, at: now))
            }
            return .seen(estate.look(at: grounds.change, faults: edgeFaults(), at: now))
        case .write(let write): return land(write, intent, grounds, sent, isUndo: false)
        case .undo(let write): return land(write, intent, grounds, sent, isUndo: true)
        }
    }

    /// It arrives at the service, which knows of no epochs.
    private mutating func land(
        _ write: EdgeWrite, _ intent: Intent, _ grounds: EdgeGrounds, _ sent: Sent, isUndo: Bool
    ) -> EdgeSaga.Answer {
        let act = sent.act.flatMap { lead.acts[$0] }
        if let act { lead.landed(act) }
        // Too late by its own leave: only a process that stood still sends that, or one whose clock is wrong.
        let isLate =
            sent.isGivenUp
            || act.map { $0.isFrozen || lead.weather.clocksAreWrong && lead.stores.row.epoch != $0.permit.epoch }
                ?? false
        laws.landed(sent, act, lead, isUndo: isUndo)
        ledger.checkWrite(intent, isLate: isLate, at: now)
        if isSilent(grounds.change.plane) {
            return .written(sent.isCompared ? .unknown("no answer") : .refused("it could not be read before"))
        }
        if isRefused { return .written(.refused("403")) }
        let before = estate
        var answer =
            sent.isCompared || bug == .comparesNothing
            ? estate.land(write, at: now) : estate.apply(write, faults: edgeFaults(), at: now)
        if bug == .sendsTwice, case .unknown = answer {
            laws.landed(sent, act, lead, isUndo: isUndo)
            answer = estate.apply(write, at: now)
        }
        edgeWatch.wrote(
            write, grounds, from: before, to: estate, isUndo: isUndo, isBlind: sent.isCompared,
            isLate: isLate && !ledger.isOpen(intent), leavesRight: sent.leavesRight)
        if estate != before {
            note("\(write) is done")
            lagBehind(before)
            fallSilent(after: grounds)
        }
        if hasRival, !isCalm, estate != before, chance.chance(percent: 80) {
            (estate.zone, estate.internalZone, estate.proxy) = (before.zone, before.internalZone, before.proxy)
            note("somebody undoes it at once")
        }
        return .written(answer)
    }

    private mutating func edgeFaults() -> EdgeFaults {
        if script != nil || isCalm || !chance.chance(percent: 25) { return .none }
        return EdgeFaults(write: chance.pick(WriteFault.allCases))
    }

    // MARK: Scripts

    /// From the first claim on, I/Os are counted.
    private mutating func begin(_ step: EdgeSaga.Step) {
        if case .claim = step { script?.hasBegun = true }
    }

    /// Nil where chance decides.
    mutating func scriptedFate() -> Fate? {
        guard let script else { return nil }
        guard script.hasBegun else { return .done }
        self.script?.steps += 1
        let step = script.steps + 1
        if let interference = script.interference, interference.before == step { interfere(interference.what) }
        if let silence = script.silence, silence.before == step { fallSilent(for: silence.lasts) }
        return switch script.fates[step] {
        case nil: .done
        case .notSent: .before
        case .answerLost: .lost
        case .diedBefore: .dead
        case .diedAfter: .deadAnswered
        }
    }

    /// Whether the script has the service refuse what it is asked now.
    private var isRefused: Bool { script.map { $0.refuses?.contains($0.steps) ?? false } ?? false }

    /// What a change made does not show at once.
    private mutating func lagBehind(_ before: Estate) {
        let byChance = script == nil && !isCalm && lags.chance(percent: 15)
        guard let span = script?.lag ?? (byChance ? Span.seconds(Int64(1 + lags.below(20))) : nil) else { return }
        // What it shows until then is what it showed before the first of several changes.
        let shown = lag.flatMap { now < $0.until ? $0.before : nil } ?? before
        lag = (shown, now + span)
    }

    private mutating func interfere(_ what: Script.Interference) {
        note("\(what)")
        if what == .retried { return retried() }
        if what == .requeued { return requeued() }
        guard let row = estate.instances.first(where: { $0.vmid.number == 5001 }) else { return }
        let host = "mc-paper-5001.\(estate.zone.name)"
        switch what {
        case .suspended:
            estate.billing.append(BillingRow(customer: "c-1", status: .suspended, serverState: .allowed))
        case .deleted: estate.instances.removeAll { $0.key == row.key }
        case .readdressed:
            if let index = estate.instances.firstIndex(where: { $0.key == row.key }) {
                estate.instances[index].port = 25_999
            }
        case .undone:
            for record in estate.zone.records where record.name.hasSuffix(host) { estate.zone.remove(id: record.id) }
            estate.internalZone.remove { $0.name.hasSuffix(host) }
            estate.proxy.restart()
        case .reused, .succeeded:
            guard let index = estate.instances.firstIndex(where: { $0.key == row.key }) else { return }
            estate.instances[index].key = InstanceKey(vmid: row.vmid, externalID: ExternalID(high: 7, low: 7))
            if what == .reused { estate.instances[index].hostname = "mc-forge-5001" }
        case .adopted:
            for var record in estate.zone.records(at: host) where record.type == "A" {
                (record.content, record.comment) = ("192.0.2.99", "theirs")
                estate.zone.replace(record)
            }
        case .restored:
            estate.billing.append(BillingRow(customer: "c-1", status: .suspended, serverState: .allowed))
            guard let old = drawn.zone.records(at: host).first(where: { $0.type == "A" }) else { return }
            var again = old
            again.id = String(repeating: "d", count: 32)
            _ = try? estate.zone.create(again)
        case .paused:
            ledger.pauses.append(
                Pause(vmid: nil, since: now, until: now + .minutes(10), why: "a person", by: "somebody"))
        case .retried, .requeued: break
        }
    }

    /// Runs until two rounds in a row found nothing to do, and then holds what is there against what should be.
    mutating func runToRest() {
        let end = now + .minutes(120)
        var quiet = 0
        var rounds = 0
        while now < end, quiet < 2 {
            let due = next()
            if advanceLead(to: due?.at ?? end) { continue }
            guard let due else { break }
            take(due.what)
            if daemons[0].isDead { quiet = 0 }
            if counts.rounds > rounds, !daemons[0].isDead, daemons[0].edge == nil, daemons[0].todo.isEmpty,
                daemons[0].awaits == nil
            {
                rounds = counts.rounds
                // An attempt that nothing is seen of is looked at for a while before it ends.
                let isQuiet =
                    daemons[0].last?.decisions.contains { $0.verdict == .repair } == false
                    && !ledger.attempts.contains { $0.state == "open" } && !isSilent
                    && !ledger.pauses.contains { $0.until > now }
                quiet = isQuiet && (script?.hasBegun ?? true) ? quiet + 1 : 0
            }
        }
        finish()
        if quiet < 2 { violations.append("it never came to rest") }
        if ledger.attempts.contains(where: { $0.state == "open" }) { violations.append("an attempt was left open") }
        violations += wrongs() + deadOperations()
    }

    /// Operations whose job is gone and that are still called live, or that were ended more than once.
    private func deadOperations() -> [String] {
        let left = estate.operations.filter { $0.isLive && !estate.queueHouse.has($0.job) }
        var wrongs = left.map { "\($0.id) is still \($0.status.rawValue), and nobody works on it" }
        if !estate.operations.isEmpty, ledger.acts.count > estate.operations.count {
            wrongs.append("\(ledger.acts.count) acts on one operation")
        }
        return wrongs
    }

    /// What of the one server's edge is not as it should be; nothing of ours may be left of one that is not wanted.
    private func wrongs() -> [String] {
        // Of another server under its VMID no guest is there.
        guard let row = estate.instances.first(where: { $0.vmid.number == 5001 }), estate.billing.isEmpty,
            row.key.externalID != ExternalID(high: 7, low: 7)
        else { return [] }
        var wrongs: [String] = []
        for (plane, records) in [
            (Plane.publicDNS, estate.zone.records.map(\.decoded)),
            (Plane.internalDNS, estate.internalZone.records.map(\.decoded)),
        ] {
            for rule in EdgeWish.rules(for: row, in: plane, settings: estate.settings) {
                let judgement = rule.judge(records)
                // What is somebody else's stays as it is.
                if case .right = judgement.finding { continue } else if judgement.foreign != nil { continue }
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
