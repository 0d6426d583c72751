/// One attempt at a repair, step by step: claim, look, act, check. It only orders and refuses; what is done is the ledger's.
///
/// A step that may have had its effect is never repeated: a fresh read says what became of it.
package struct RepairSaga: Sendable {
    package enum Step: Equatable, Sendable {
        /// Write down that it begins, if everything still is as it was judged.
        case claim
        /// Whether the operation's job is still in no queue: it may have been put back since the round looked, and the row says nothing
        /// of that.
        case look
        case act
        /// Read what the act left behind, and end the attempt by it.
        case check
        /// End the attempt: nothing was done.
        case refuse(why: String)
    }

    package enum Answer: Equatable, Sendable {
        case begun
        case claimed
        /// Its queue does not have the job.
        case gone
        /// Of a claim, a look or an act: it certainly was not done, or is not to be.
        case obstacle(String)
        case done
        /// The act's own comparison found that something had moved.
        case moved
        case seen(RepairOutcome)
        case refusalWritten
        /// No answer, or an error: the step may have had its effect.
        case failed(String)
    }

    package enum Move: Equatable, Sendable {
        case step(Step)
        case end(RepairOutcome)
    }

    private let intent: Intent
    private var asked: Step?
    private var trouble: String?

    package init(_ intent: Intent) { self.intent = intent }

    /// - Parameter mayAct: whether this process holds leave to act under the intent's epoch, at this very moment.
    package mutating func next(
        _ answer: Answer, mayAct: Bool, under rules: PoliciesInForce, at now: Timestamp
    ) -> Move {
        switch (asked, answer) {
        case (nil, .begun):
            if let why = obstacle(mayAct, rules, now) { return .end(.refused(why)) }
            return ask(.claim)
        case (.claim, .claimed): return ask(.look)
        case (.look, .obstacle(let why)): return ask(.refuse(why: why))
        case (.look, .failed(let why)): return ask(.refuse(why: "its job could not be looked for again: \(why)"))
        case (.look, .gone):
            // A pause of this process may lie between any two steps.
            if let why = obstacle(mayAct, rules, now) { return ask(.refuse(why: why)) }
            return ask(.act)
        case (.claim, .obstacle(let why)): return .end(.refused(why))
        case (.claim, .failed(let why)): return .end(.unknown("the claim was not answered: \(why)"))
        case (.act, .done): return ask(.check)
        // Claimed a moment ago and not to be done now: a fresh read says how it stands. It counts as an attempt, since a
        // function that always says no would otherwise be asked in every round for ever.
        case (.act, .moved): return ask(.check)
        // Nobody has said no: somebody else holds the row, and later it may be free.
        case (.act, .obstacle(let why)): return ask(.refuse(why: why))
        case (.act, .failed(let why)):
            trouble = "the act was not answered: \(why)"
            return ask(.check)
        case (.check, .seen(let outcome)): return .end(outcome)
        case (.check, .failed(let why)): return .end(.unknown(trouble ?? "it could not be read back: \(why)"))
        case (.refuse(let why), .refusalWritten): return .end(.refused(why))
        case (.refuse(let why), .failed(let more)):
            return .end(.unknown("\(why); and that could not be written down: \(more)"))
        default: return .end(.unknown("an answer came that belongs to no step"))
        }
    }

    private mutating func ask(_ step: Step) -> Move {
        asked = step
        return .step(step)
    }

    private func obstacle(_ mayAct: Bool, _ rules: PoliciesInForce, _ now: Timestamp) -> String? {
        mayAct ? rules.obstacle(to: intent, at: now) : "this process may not act any more"
    }
}
