import Core
import Postgres

/// Carries out one repair: those of operations in the ledger's own database, those of the edge at its services.
struct Repairer: Sendable {
    let ledger: RepairLedger
    let edge: EdgeRepairer
    let stewardship: any Stewardship
    /// Where a job is at this moment, by one look.
    let job: @Sendable (JobReference) async -> Observed<[QueueReading.Place]>
    /// How long one step may take; its end lies within the lease.
    let actDeadline: Span
    let now: @Sendable () -> Timestamp

    func run(_ intent: Intent, rules: @Sendable () -> PoliciesInForce) async -> RepairOutcome {
        if case .edgeRepublish(let grounds) = intent.act {
            return await edge.run(intent, grounds, rules: rules)
        }
        let leave = await stewardship.beginAct()
        var saga = RepairSaga(intent)
        var answer = RepairSaga.Answer.begun
        while true {
            let mayAct = leave.map { $0.lease.epoch == intent.epoch && $0.isValid() } ?? false
            switch saga.next(answer, mayAct: mayAct, under: rules(), at: now()) {
            case .step(let step): answer = await perform(step, intent, leave)
            case .end(let outcome):
                await leave?.end()
                return outcome
            }
        }
    }

    static func later(_ error: PostgresError) -> String { "nothing was written, it is tried again later: \(error)" }

    private func perform(_ step: RepairSaga.Step, _ intent: Intent, _ leave: ActLeave?) async -> RepairSaga.Answer {
        guard let lease = leave?.lease else { return .failed("there is no lease") }
        do throws(PostgresError) {
            switch step {
            case .claim:
                let obstacle = try await ledger.claim(intent, lease: lease, timeout: actDeadline)
                return obstacle.map(RepairSaga.Answer.obstacle) ?? .claimed
            case .look: return await look(intent)
            case .act:
                // The leave that both go by was given before the claim.
                let isDone = try await ledger.act(intent, lease: lease, fresh: actDeadline, timeout: actDeadline)
                return isDone ? .done : .moved
            case .check: return .seen(try await ledger.check(intent, lease: lease, timeout: actDeadline))
            case .refuse(let why):
                try await ledger.refuse(intent, why: why, lease: lease, timeout: actDeadline)
                return .refusalWritten
            }
        } catch {
            switch step {
            // Before its end is asked for, a transaction that fails leaves nothing behind.
            case .claim where !error.isCommitUnknown: return .obstacle(Repairer.later(error))
            case .act where error.code == .busy: return .obstacle(Repairer.later(error))
            default: return .failed("\(error)")
            }
        }
    }

    private func look(_ intent: Intent) async -> RepairSaga.Answer {
        guard let reference = intent.act.operation?.job else { return .failed("it names no job") }
        switch await job(reference) {
        case .absent: return .gone
        case .present: return .obstacle("job '\(reference.id)' is in queue '\(reference.queue)' again")
        case .unknown(let reason): return .failed(Words.unknown(reason))
        }
    }
}
