import Core
import Postgres

/// Carries out the steps of one ``EdgeSaga``: the ledger's in the database, the looks and writes at the service.
struct EdgeRepairer: Sendable {
    let ledger: EdgeLedger
    let reach: any EdgeReach
    let stewardship: any Stewardship
    let clock: any RoundClock
    /// How long a transaction of the ledger or a look may take.
    let timeout: Span

    /// … at most: a repair has many of them, and all of it has to end before the service manager kills the process. Only a
    /// request that changes something may take as long as leave is given for.
    static let longestCall = Span.seconds(8)

    /// - Parameter actDeadline: how long a request that changes something may take.
    init(
        ledger: EdgeLedger, reach: any EdgeReach, stewardship: any Stewardship, clock: any RoundClock, actDeadline: Span
    ) {
        self.ledger = ledger
        self.reach = reach
        self.stewardship = stewardship
        self.clock = clock
        timeout = min(actDeadline, EdgeRepairer.longestCall)
    }

    func run(_ intent: Intent, _ grounds: EdgeGrounds, rules: @Sendable () -> PoliciesInForce) async -> RepairOutcome {
        // What is left of a batch when leadership is lost waits for nothing, and is no attempt.
        guard await mayKeep(intent) != nil else { return .refused(EdgeRepairer.deposed) }
        // Before the claim: an attempt that has begun does not stand in the middle waiting for a quota, and what was not begun is
        // no attempt. One that was interrupted goes on at once.
        if intent.resumed == nil, let why = await reach.obstacle(to: grounds.change, within: timeout) {
            return .refused(why)
        }
        var saga = EdgeSaga(intent, grounds.change)
        var answer = intent.resumed.map { EdgeSaga.Answer.resumed(id: $0.record) } ?? .begun
        while true {
            switch saga.next(answer, under: rules(), at: clock.now()) {
            case .step(let step): answer = await perform(step, intent, grounds)
            case .end(let outcome): return outcome
            }
        }
    }

    private func perform(_ step: EdgeSaga.Step, _ intent: Intent, _ grounds: EdgeGrounds) async -> EdgeSaga.Answer {
        switch step {
        case .look: return .seen(await reach.look(at: grounds.change, timeout: timeout))
        case .check(let after):
            if after > .seconds(0) { await clock.sleep(until: clock.now() + after) }
            return .seen(await reach.look(at: grounds.change, timeout: timeout))
        case .write(let write): return await send(write, intent, isUndo: false)
        case .undo(let write): return await send(write, intent, isUndo: true)
        case .claim, .note, .announce, .stand, .close:
            do throws(PostgresError) {
                return try await keep(step, intent, grounds)
            } catch {
                // Before its end is asked for, a transaction that fails leaves nothing behind.
                if step == .claim, !error.isCommitUnknown { return .obstacle(Repairer.later(error)) }
                return .failed("\(error)")
            }
        }
    }

    /// Leave is asked for right before the request, then the leadership row, and the request ends before the leave does.
    ///
    /// In this order: who takes the row after it was asked acts only when a leave that was given before has ended. What was heard
    /// of the row last may be older than the epoch of somebody else, and the claim was a look at the service ago.
    private func send(_ write: EdgeWrite, _ intent: Intent, isUndo: Bool) async -> EdgeSaga.Answer {
        guard let leave = await stewardship.beginAct() else { return .mayNotAct(EdgeRepairer.mayNot) }
        let why = leave.lease.epoch == intent.epoch ? await obstacle(intent, isUndo, leave) : EdgeRepairer.deposed
        if let why = why ?? (leave.isValid() ? nil : EdgeRepairer.mayNot) {
            await leave.end()
            return .mayNotAct(why)
        }
        let answer = await reach.write(write, timeout: leave.left())
        // What was not answered may still be done: until its leave is over nobody may say that nothing of ours is under way.
        if case .unknown = answer {
            Task { [clock] in
                await clock.sleep(until: clock.now() + leave.left())
                await leave.end()
            }
        } else {
            await leave.end()
        }
        return .written(answer)
    }

    /// Why the request may not leave. A database that cannot be asked says no.
    private func obstacle(_ intent: Intent, _ isUndo: Bool, _ leave: ActLeave) async -> String? {
        do throws(PostgresError) {
            // Half of it is left for the request.
            let most = min(timeout, Span(microseconds: leave.left().microseconds / 2))
            switch try await ledger.allows(intent, isUndo: isUndo, leave.lease, timeout: most) {
            case .allowed: return nil
            case .late(let why): return why
            case .deposed:
                await stewardship.refused(leave.lease)
                return EdgeRepairer.deposed
            }
        } catch {
            return "the database could not be asked right before it: \(error)"
        }
    }

    private static let deposed = "this process does not lead any more"
    private static let mayNot = "this process may not act any more"

    /// The lease that the intent was decided under, while this process believes in it.
    private func mayKeep(_ intent: Intent) async -> Lease? {
        guard let lease = await stewardship.lease(), lease.epoch == intent.epoch else { return nil }
        return lease
    }

    private func keep(
        _ step: EdgeSaga.Step, _ intent: Intent, _ grounds: EdgeGrounds
    ) async throws(PostgresError) -> EdgeSaga.Answer {
        if case .stand = step {
            return try await ledger.stand(intent, grounds, timeout: timeout)
        }
        guard let lease = await mayKeep(intent) else {
            // A claim that is not sent leaves nothing behind.
            return step == .claim ? .obstacle(EdgeRepairer.deposed) : .failed(EdgeRepairer.deposed)
        }
        switch step {
        case .claim:
            let why = try await ledger.claim(intent, grounds, lease: lease, timeout: timeout)
            return why.map(EdgeSaga.Answer.obstacle) ?? .claimed
        case .announce(let write, let isUndo):
            let why = try await ledger.announce(
                intent, grounds, write, isUndo: isUndo, lease: lease, timeout: timeout)
            return why.map(EdgeSaga.Answer.obstacle) ?? .announced
        case .note(let answer, let id):
            try await ledger.note(intent, grounds, answer: answer, id: id, lease: lease, timeout: timeout)
            return .noted
        case .close(let outcome):
            if try await ledger.close(intent, outcome, lease: lease, timeout: timeout) { return .closed }
            await stewardship.refused(lease)
            return .failed("another controller leads, and will look")
        case .look, .check, .write, .undo, .stand: return .failed("no step of the ledger")
        }
    }
}
