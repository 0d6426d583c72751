import Core
import World

/// What a process sends to the database or to a service of the edge.
enum Request {
    case recall(epoch: Int64)
    case journal([JournalEntry], [Intent])
    case redeem(Redemption)
    case operation(RepairSaga.Step, Intent)
    case edge(EdgeSaga.Step, Intent, EdgeGrounds)
    /// Whether the leadership row still names it, right before that write.
    case leads(EdgeSaga.Step, Intent, EdgeGrounds)

    /// Nil for what goes to the database.
    var write: EdgeWrite? {
        switch self {
        case .edge(.write(let write), _, _), .edge(.undo(let write), _, _): write
        default: nil
        }
    }

    /// Of a claim.
    var claims: Intent? {
        switch self {
        case .edge(.claim, let intent, _), .operation(.claim, let intent): intent
        default: nil
        }
    }

    var isForDatabase: Bool {
        switch self {
        case .edge(.look, _, _), .edge(.check, _, _), .edge(.write, _, _), .edge(.undo, _, _): false
        case .operation(.look, _): false
        default: true
        }
    }

    /// What the process makes of it when nothing was sent, or when no answer came.
    func failed(isSent: Bool) -> Heard {
        switch self {
        case .recall: .recalled(nil)
        case .journal(_, let intents): .journaled(false, intents)
        case .redeem: .redeemed(false)
        // Who cannot ask does not write.
        case .leads(let step, let intent, let grounds): .leads(false, .edge(step, intent, grounds))
        case .operation: .operation(.failed(isSent ? "no answer" : "nothing was sent"))
        case .edge(let step, _, _):
            switch step {
            case .look, .check: .edge(.seen(.unreadable("no answer")))
            case .write, .undo:
                .edge(.written(isSent ? .unknown("no answer") : .refused("nothing was sent")))
            case .claim, .note, .announce, .stand, .close: .edge(.failed(isSent ? "no answer" : "nothing was sent"))
            }
        }
    }

    var told: String {
        switch self {
        case .recall(let epoch): "recall \(epoch)"
        case .journal(let entries, _): "journal \(entries.map { "\($0.outcome.rawValue) \($0.drift.kind.rawValue)" })"
        case .redeem(let redemption): "takes up \(redemption.approval)"
        case .operation(let step, let intent): "\(step) of \(intent.id)"
        case .edge(let step, let intent, _): "\(step) of \(intent.id)"
        case .leads(let step, let intent, _): "whether it leads, for \(step) of \(intent.id)"
        }
    }
}

/// An answer that has come.
enum Heard {
    case recalled(Memory?)
    case journaled(Bool, [Intent])
    case redeemed(Bool)
    case operation(RepairSaga.Answer)
    case edge(EdgeSaga.Answer)
    /// And the write that waits for it.
    case leads(Bool, Request)
}

/// A request on its way: it arrives though its process is frozen, dead or deposed by then.
struct Sent {
    let number: Int
    let index: Int
    let life: Int
    let request: Request
    /// What its transaction names; nil where none was asked for.
    let lease: SimulatedLease?
    /// The leave that it was sent by; nil for what changes nothing outside.
    let act: Int?
    var arrivesAt: Timestamp
    /// It has not left its process, which stands still.
    var isHeld = false
    /// The look right before it was made when it was to be sent; it is not made again.
    var isCompared = false
    /// For a removal: what should stand there did when it was sent.
    var leavesRight = false
    var isAnswerLost = false
    /// What its process had seen when it was sent.
    var hasSeenItDone = false
    /// The process dies when it has arrived.
    var isDeadly = false
    /// Its process has been told that no answer comes, and it is still on its way.
    var isGivenUp = false
}

extension DaemonSimulation {
    /// What becomes of one I/O.
    enum Fate: Equatable {
        /// It works, and the answer comes.
        case done
        /// Nothing is sent.
        case before
        /// It has its effect, and the answer is lost.
        case lost
        /// The process dies before it.
        case dead
        /// The process dies when it is sent.
        case deadSent
        /// The process dies when it is answered.
        case deadAnswered
    }

    /// Sends it, or not; the answer comes later.
    mutating func send(
        _ request: Request, _ lease: SimulatedLease?, act: Int? = nil, after: Span = .seconds(0), _ index: Int
    ) {
        let fate = fate(index)
        note("\(index) \(request.told): \(fate)")
        guard fate != .dead else { return crash(index) }
        guard fate != .before else {
            if let act { lead.end(act, index) }
            return answer(request.failed(isSent: false), index, after: .milliseconds(5))
        }
        numbers += 1
        daemons[index].awaits = numbers
        var sent = Sent(
            number: numbers, index: index, life: daemons[index].life, request: request, lease: lease, act: act,
            arrivesAt: now + after)
        sent.isAnswerLost = fate == .lost
        if case .edge(.write(.remove), _, let grounds) = request { sent.leavesRight = estate.isRight(grounds.change) }
        sent.hasSeenItDone = daemons[index].hasSeenItDone
        sent.isDeadly = fate == .deadAnswered
        if script == nil, !isCalm { delay(&sent) }
        if let act, !sent.isHeld {
            _ = lead.sent(act)
            if request.write != nil { laws.sent(lead.acts[act], lead) }
        }
        if fate == .lost, script == nil, !isCalm, request.write != nil, !sent.isHeld, lags.chance(percent: 50) {
            // The connection breaks, and what was sent on it arrives before its leave is over.
            sent.isGivenUp = true
            let left = act.flatMap { lead.left($0) } ?? 1
            sent.arrivesAt = now + Span(microseconds: 5000 + Int64(lags.below(Int(max(1, left - 5000)))))
            answer(request.failed(isSent: true), index, after: .milliseconds(3))
        }
        sending.append(sent)
        if fate == .deadSent { crash(index) }
    }

    /// On a way that takes its time; the process may stand still with it in its hands, or once it is sent.
    private mutating func delay(_ sent: inout Sent) {
        let isWrite = sent.request.write != nil
        if isWrite, chance.chance(percent: 20), let act = sent.act, let left = lead.left(act) {
            // Slow, and within its leave by the clock of whoever sends.
            sent.arrivesAt = sent.arrivesAt + Span(microseconds: Int64(chance.below(Int(max(1, left)))))
        } else if !isWrite, !sent.request.isForDatabase, chance.chance(percent: 20) {
            // A service may take its time to be looked at.
            sent.arrivesAt = sent.arrivesAt + .milliseconds(Int64(1 + chance.below(8000)))
            // And somebody else may lead by then, though nobody stood still.
            if case .edge(.look, _, _) = sent.request, chance.chance(percent: 50) {
                lead.agenda.add(.fault(.wipeRedis), at: lead.now + Int64(1 + chance.below(100_000)))
            }
        } else {
            sent.arrivesAt = sent.arrivesAt + .milliseconds(Int64(1 + chance.below(80)))
        }
        guard chance.chance(percent: isWrite ? 40 : 6), !lead.isFrozen(sent.index) else { return }
        // Now and then for no longer than the lease lives.
        let ttl = Int(lead.times.ttl.microseconds)
        let end = lead.now + Int64(chance.below(ttl * (chance.chance(percent: 30) ? 1 : 10)))
        lead.freeze(sent.index, until: end)
        switch chance.below(3) {
        case 0: return
        case 1:
            guard let write = sent.request.write, estate.objection(to: write, at: now) == nil else { break }
            sent.isCompared = true
        default: break
        }
        sent.isHeld = true
        if case .edge(_, let intent, let grounds) = sent.request, isWrite, chance.chance(percent: 60),
            let what = EdgeMischief.cross(intent, grounds, &estate, &chance, at: now)
        {
            note("meanwhile \(what)")
        }
        sent.arrivesAt = begin(at: end) + .milliseconds(1)
    }

    func begin(at lead: Int64) -> Timestamp { started + Span(microseconds: lead) }

    mutating func answer(_ heard: Heard, _ index: Int, after: Span) {
        daemons[index].heard = (now + after, heard)
    }

    /// When something arrives next, and which.
    var arriving: (at: Timestamp, place: Int)? {
        guard
            let place = sending.indices.min(by: {
                (sending[$0].arrivesAt, sending[$0].number) < (sending[$1].arrivesAt, sending[$1].number)
            })
        else { return nil }
        return (max(now, sending[place].arrivesAt), place)
    }

    mutating func arrive(_ sent: Sent) {
        let index = sent.index
        let isThere = daemons[index].life == sent.life && !daemons[index].isDead
        // What a frozen process held back died with it.
        if sent.isHeld, !isThere { return }
        if sent.isHeld, let act = sent.act { _ = lead.sent(act) }
        var heard = sent.request.failed(isSent: true)
        if !sent.request.isForDatabase || lead.reachesDatabase(index) {
            ledger.row = lead.stores.row
            heard = perform(sent)
        }
        note("\(index) \(sent.request.told) arrives\(sent.isHeld ? " late" : "")")
        guard isThere, daemons[index].awaits == sent.number else { return }
        if sent.isDeadly { return crash(index) }
        var span = Span.milliseconds(script != nil ? 0 : Int64(1 + chance.below(20)))
        if sent.isAnswerLost {
            counts.lostAnswers += 1
            heard = sent.request.failed(isSent: true)
            if script == nil, !isCalm, let intent = sent.request.claims, chance.chance(percent: 50) {
                ledger.stall(intent, until: now + .seconds(Int64(3 + chance.below(40))))
            }
            span = script == nil ? .seconds(2) : .seconds(0)
        } else if let act = sent.act, sent.request.write != nil, !lead.isValid(act), chance.chance(percent: 50) {
            // Who wakes after its time finds the time-out first, or the answer.
            heard = sent.request.failed(isSent: true)
        }
        answer(heard, index, after: span)
    }

    private mutating func perform(_ sent: Sent) -> Heard {
        let lease = sent.lease ?? SimulatedLease(epoch: -1, holder: lead.nodes[sent.index].leadership.token.holder)
        switch sent.request {
        case .recall:
            var memory = ledger.recall(lease, in: estate, at: now)
            if bug == .forgetsOpenAttempts { memory?.interrupted = [] }
            return .recalled(memory)
        case .journal(let entries, let intents):
            return .journaled(ledger.write(entries, lease, at: now), intents)
        case .redeem(let redemption):
            let isWritten = ledger.redeem(redemption, lease, at: now)
            if isWritten { person.takenUp(redemption, daemons[sent.index].last) }
            return .redeemed(isWritten)
        case .operation(let step, let intent): return .operation(perform(step, intent, lease, sent.index))
        case .leads(let step, let intent, let grounds):
            return .leads(ledger.holds(lease), .edge(step, intent, grounds))
        case .edge(let step, let intent, let grounds):
            return .edge(perform(step, intent, grounds, lease, sent))
        }
    }

    /// An answer that its process has not heard yet is heard.
    mutating func hear(_ heard: Heard, _ index: Int) {
        (daemons[index].heard, daemons[index].awaits) = (nil, nil)
        switch heard {
        case .recalled(let memory): feed(.recalled(memory), index)
        case .journaled(let isWritten, let intents): feed(.journaled(isWritten, then: intents), index)
        case .redeemed(let isWritten): feed(.redeemed(isWritten), index)
        case .operation(let answer): daemons[index].saga?.answer = answer
        case .leads(let isOurs, let request): sendWrite(request, isOurs: isOurs, index)
        case .edge(let answer):
            daemons[index].edge?.answer = answer
            if case .seen(let sight) = answer, let change = daemons[index].edge?.grounds.change {
                daemons[index].hasSeenItDone = change.isDone(sight)
                daemons[index].seen = sight
            }
            if case .written = answer { daemons[index].owesNote = true }
            if let act = daemons[index].edge?.act {
                if case .written(.unknown) = answer, bug != .forgetsWhatIsUnderWay {
                    lead.endWhenOver(act, index)
                } else {
                    lead.end(act, index)
                }
            }
            daemons[index].edge?.act = nil
        }
    }

    mutating func fate(_ index: Int) -> Fate {
        if let fate = scriptedFate() { return fate }
        if isCalm { return .done }
        switch chance.below(hasEdge ? 60 : 20) {
        case 0: return .before
        case 1: return .lost
        case 2: return .dead
        case 3: return chance.chance(percent: 50) ? .deadSent : .deadAnswered
        default: return .done
        }
    }

    mutating func crash(_ index: Int) {
        counts.crashes += 1
        note("\(index) died")
        lead.kill(index, startingAfter: script == nil ? Int64(1 + chance.below(120)) * 1_000_000 : 5_000_000)
        daemons[index].die()
    }
}
