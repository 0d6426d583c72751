import Core

// What the simulation is made of.

extension TellSimulation {
    /// One controller as far as it tells: what it would lose in a crash.
    struct Teller {
        var line: OutboxLine
        var request: (sending: Sending, claim: (message: Int64, number: Int64))?
        var arrived: (answer: SinkAnswer, allowance: SinkAllowance?)?
        /// Whether Discord has refused the last message for what it says.
        var isForContent = false
        var dueAt: Timestamp
        var isDead = false
        /// What it believes.
        var leads = false
        /// It has been told to wait so long.
        var limitedUntil: Timestamp?
    }

    static func decision(_ drift: OpenDrift, isAccepted: Bool) -> Decision {
        let found = Drift(
            kind: drift.kind, subject: Subject(vmid: drift.vmid, hostname: drift.hostname), desired: "d", observed: "o",
            evidence: Evidence(plane: drift.kind.plane, observedAt: drift.since), instance: nil)
        let accepted = Acceptance(driftID: drift.id, reason: "known", until: drift.since + .minutes(100_000), by: "eva")
        return Decision(
            drift: found, verdict: drift.verdict, reason: drift.reason, detail: nil, policy: nil, action: drift.action,
            level: drift.level, execution: .executable, pending: [],
            accepted: isAccepted ? accepted : nil)
    }
}
