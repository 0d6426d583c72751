import Core
import Postgres

/// Carries out one repair: claim, act, check. Nothing here decides; it only may refuse.
struct Repairer: Sendable {
    let ledger: RepairLedger
    let stewardship: any Stewardship
    /// How long one step may take; its end lies within the lease.
    let actDeadline: Span
    let now: @Sendable () -> Timestamp

    func run(_ intent: Intent, policies: PolicySet) async -> RepairOutcome {
        if let why = staleness(intent, policies) { return .refused(why) }
        guard let leave = await stewardship.beginAct() else { return .refused(Repairer.notLeading) }
        let outcome =
            leave.lease.epoch == intent.epoch
            ? await run(intent, leave: leave, policies: policies) : .refused(Repairer.notLeading)
        await leave.end()
        return outcome
    }

    private func run(_ intent: Intent, leave: ActLeave, policies: PolicySet) async -> RepairOutcome {
        let lease = leave.lease
        do {
            if let why = try await ledger.claim(intent, lease: lease, timeout: actDeadline) { return .refused(why) }
        } catch {
            // Whether the claim was committed is read by the next recall; nothing was done by it.
            return .unknown("the claim failed: \(error)")
        }
        guard leave.isValid() else { return await refuse(intent, Repairer.notLeading, lease) }
        if let why = staleness(intent, policies) { return await refuse(intent, why, lease) }
        var trouble: String?
        do {
            guard try await ledger.act(intent, lease: lease, timeout: actDeadline) else {
                return await refuse(intent, "the operation moved before it could be marked", lease)
            }
        } catch {
            // It may have been done: only a fresh read can tell.
            trouble = "\(error)"
        }
        do {
            return try await ledger.check(intent, lease: lease, timeout: actDeadline)
        } catch {
            return .unknown(trouble ?? "it could not be read back: \(error)")
        }
    }

    private static let notLeading = "this process may not act any more"

    private func staleness(_ intent: Intent, _ policies: PolicySet) -> String? {
        let age = now() - intent.evidenceAt
        if age > policies.brakes.evidenceMaxAge {
            return "the evidence is older than \(policies.brakes.evidenceMaxAge)"
        }
        return intent.policies == policies.hash ? nil : "the policies have changed since it was decided"
    }

    private func refuse(_ intent: Intent, _ why: String, _ lease: Lease) async -> RepairOutcome {
        do {
            try await ledger.refuse(intent, why: why, lease: lease, timeout: actDeadline)
            return .refused(why)
        } catch {
            return .unknown("\(why); and that could not be written down: \(error)")
        }
    }
}
