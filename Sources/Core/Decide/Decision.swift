/// What is right to do about one drift, and why: exactly one verdict and one reason.
package struct Decision: Equatable, Sendable {
    package var drift: Drift
    package var verdict: Verdict
    package var reason: Reason
    /// What the reason saw, for a person; nil where the reason says it all.
    package var detail: String?
    /// When what holds it ends by itself; nil where that does not depend on time.
    package var heldUntil: Timestamp?
    package var policy: String?
    package var action: Action?
    /// The level of what would be done; never more than the kind's own, but for a Level 1 kind that a policy lifts to 2.
    package var level: Level
    package var execution: Execution
    package var pending: [Pending]
    package var accepted: Acceptance?
    /// What an operator has answered to the plan that it is part of, where one is asked.
    package var approval: ApprovalStanding?
    /// The one cause that it shares with many others.
    package var commonCause: CommonCause?
    /// Whether a restart of the proxy is why it is gone, so that nobody is said to undo it.
    package var isForgotten = false
    /// Whether the proxy may still fill its own list.
    package var isSettling = false
    /// Whether nothing holds it but that its guest's addresses were not read, where it would be repaired or asked about otherwise.
    package var isUnread = false
    /// Whether it is held for want of its guest's turn alone, which comes later: nothing is known anew of how it stands.
    package var isLeftOut = false
    /// Whether an answer that is asked for now covers it, too, though something else holds it before that.
    package var isAsked = false

    package init(
        drift: Drift, verdict: Verdict, reason: Reason, detail: String?, policy: String?, action: Action?, level: Level,
        execution: Execution, pending: [Pending], accepted: Acceptance?
    ) {
        self.drift = drift
        self.verdict = verdict
        self.reason = reason
        self.detail = detail
        self.policy = policy
        self.action = action
        self.level = level
        self.execution = execution
        self.pending = pending
        self.accepted = accepted
    }
}
