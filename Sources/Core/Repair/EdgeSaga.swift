/// One attempt at one change of the edge: claim, look, write, look again, ask whether it still is wanted, and take our own effect
/// back when it is not. It only orders and refuses; who carries it out is somebody else.
///
/// A write is sent once. What became of it is never guessed: a fresh read says it, now or after a restart, when the attempt goes
/// on from its check.
package struct EdgeSaga: Sendable {
    package enum Step: Equatable, Sendable {
        /// Write down that it begins, if the database still wants what was decided.
        case claim
        /// Read the name right before the act.
        case look
        case write(EdgeWrite)
        /// Write down what the service answered; for a person, and for whoever has to go on from here.
        case note(answer: String, id: String?)
        /// Write down what is about to be sent after the first request, if nothing speaks against it: the next removal, or the
        /// withdrawal of our own effect.
        case announce(EdgeWrite, isUndo: Bool)
        /// Read the name after the act, so long after the step before.
        case check(after: Span)
        /// Ask the database whether what was published is still wanted.
        case stand
        /// Take back our own effect.
        case undo(EdgeWrite)
        /// Write down how it ended.
        case close(RepairOutcome)
    }

    package enum Answer: Equatable, Sendable {
        case begun
        /// Goes on with an attempt that was interrupted: what it may have written is looked at. The id is that of the record
        /// that the service said it made.
        case resumed(id: String?)
        case claimed
        case obstacle(String)
        case seen(EdgeSight)
        case written(WriteAnswer)
        /// Nothing was sent: this process may not act, or nothing may rest any more on what it knows.
        case mayNotAct(String)
        case noted
        case announced
        case stands
        case fallen(String)
        /// It has fallen, and something else is wanted of the server, or under its VMID.
        case replaced(String)
        /// It has fallen, and is not to be taken back at this moment: somebody has paused it.
        case held(String)
        /// Nobody can say whether it has: a row that it rests on cannot be understood.
        case unclear(String)
        case closed
        /// No answer of the ledger, or an error.
        case failed(String)
    }

    package enum Move: Equatable, Sendable {
        case step(Step)
        case end(RepairOutcome)
    }

    /// How long the fresh read may take to show what was done: services copy a change before they list it.
    package static let patience: [Span] = [.seconds(0), .seconds(1), .seconds(2), .seconds(4)]
    /// After so long what was sent has either been done or never will be.
    package static let late = Span.minutes(10)
    /// How long an attempt stays open whose service cannot be read, and that others of a server that is wanted wait for.
    package static let longest = Span.minutes(30)
    /// How long it does where nobody wants that server: its VMID may be another's by then.
    package static let longestUnwanted = Span.minutes(24 * 60)

    /// After so long no further one of several removals begins: who is asked to stop waits for the whole attempt.
    package static let longestChain = Span.seconds(30)

    private let intent: Intent
    private let change: EdgeChange
    private var asked: Step?
    private var requests: EdgeRequests
    /// Whether the service may have done something for us: false while every answer was that it did nothing.
    private var mayHaveWritten = false
    private var id: String?
    /// What went wrong with a write, for the verdict.
    private var trouble: String?
    /// How long to wait before each fresh read that is left.
    private var waits = EdgeSaga.patience
    private var isUndoing = false
    /// Whether the service would not have it taken back.
    private var isRefused = false
    /// Whether another run of it was interrupted, and this one goes on from there.
    private var isResumed = false
    private var fallen: String?
    /// Whether something else is wanted under its VMID, which waits for this attempt to end.
    private var isReplaced = false
    private var sight: EdgeSight?
    /// That the service has been silent for so long that the database is asked without a look.
    private var silence: String?

    package init(_ intent: Intent, _ change: EdgeChange) {
        self.intent = intent
        self.change = change
        requests = EdgeRequests(change.writes)
    }

    package mutating func next(_ answer: Answer, under rules: PoliciesInForce, at now: Timestamp) -> Move {
        switch (asked, answer) {
        case (nil, .begun):
            if let why = rules.obstacle(to: intent, at: now) { return .end(.refused(why)) }
            return ask(.claim)
        case (nil, .resumed(let id)):
            (self.id, isResumed, mayHaveWritten) = (id, true, true)
            return ask(.check(after: .seconds(0)))

        case (.claim, .claimed): return ask(.look)
        case (.claim, .obstacle(let why)): return .end(.refused(why))
        case (.claim, .failed(let why)): return .end(.unknown("the claim was not answered: \(why)"))

        case (.look, .seen(let sight)): return judged(sight, rules, now)

        case (.write, .mayNotAct(let why)): return stopped(why)
        case (.write, .written(let answer)): return wrote(answer)
        case (.note, .noted) where requests.goesOn: return ask(.announce(requests.left[0], isUndo: false))
        case (.note, .failed(let why)) where requests.goesOn:
            return halt("what was answered could not be written down: \(why)")
        case (.note, .noted), (.note, .failed): return check()

        case (.announce(let undo, isUndo: true), .announced):
            if let window = rules.window(at: now) { return heldBack(by: window) }
            return ask(.undo(undo))
        case (.announce(_, isUndo: true), .obstacle(let why)): return heldBack(by: why)
        case (.announce(_, isUndo: true), .failed(let why)):
            return .end(.unknown("\(fallenWords); that it is taken back could not be written down: \(why)"))
        case (.announce, .announced):
            waits = EdgeSaga.patience
            return check()
        case (.announce, .obstacle(let why)): return halt(why)
        case (.announce, .failed(let why)): return halt("what was to be sent next could not be written down: \(why)")

        case (.check, .seen(let sight)):
            return requests.goesOn ? judgedBetween(sight, rules, now) : checked(sight, at: now)

        case (.stand, let answer) where silence != nil: return judgedUnseen(answer)
        case (.stand, .stands): return ask(.close(verdict))
        case (.stand, .fallen(let why)): return withdraw(why, rules, now)
        case (.stand, .replaced(let why)):
            isReplaced = true
            return withdraw(why, rules, now)
        case (.stand, .held(let why)):
            return .end(.unknown("it is not wanted any more, and nothing is changed now: \(why)"))
        case (.stand, .unclear(let why)): return leave("whether it still is wanted cannot be said: \(why)", now)
        case (.stand, .failed(let why)): return .end(.unknown("whether it still is wanted could not be read: \(why)"))

        case (.undo, .written(let answer)):
            if case .done = answer {} else { trouble = Self.words(answer) }
            switch answer {
            case .refused, .moved: isRefused = true
            case .done, .turnedAway, .unknown: isRefused = false
            }
            waits = Self.patience
            return ask(.note(answer: Self.words(answer), id: id))
        case (.undo, .mayNotAct(let why)):
            return .end(.unknown("it is not wanted any more, and could not be taken back: \(why)"))

        case (.close(let outcome), .closed): return .end(outcome)
        case (.close(let outcome), .failed(let why)):
            return .end(.unknown("\(outcome.why ?? "it is done"); and that could not be written down: \(why)"))
        default: return .end(.unknown("an answer came that belongs to no step"))
        }
    }

    // MARK: Before the act

    private mutating func judged(_ sight: EdgeSight, _ rules: PoliciesInForce, _ now: Timestamp) -> Move {
        if case .unreadable(let why) = sight { return ask(.close(.refused("it could not be looked at again: \(why)"))) }
        if change.isDone(sight) { return ask(.close(.refused("it is right already"))) }
        guard change.isAsJudged(sight) else {
            return ask(.close(.refused("what stands there has changed since it was judged")))
        }
        if let why = rules.obstacle(to: intent, at: now) { return ask(.close(.refused(why))) }
        requests.begunAt = now
        return ask(.write(requests.next()))
    }

    // MARK: The act

    private mutating func wrote(_ answer: WriteAnswer) -> Move {
        switch answer {
        case .done(let id, _):
            (self.id, mayHaveWritten) = (id ?? self.id, true)
            requests.goesOn = !requests.left.isEmpty
        case .refused:
            // Certainly nothing was done, and one look is enough.
            trouble = Self.words(answer)
            if !mayHaveWritten { waits = [.seconds(0)] }
        case .turnedAway:
            guard mayHaveWritten else { return ask(.close(.refused(Self.words(answer)))) }
            // What is left of several removals was not tried.
            trouble = Self.words(answer)
            requests.putBack(askedWrite, why: Self.words(answer))
        case .moved: trouble = Self.words(answer)
        case .unknown: (trouble, mayHaveWritten) = (Self.words(answer), true)
        }
        return ask(.note(answer: Self.words(answer), id: self.id))
    }

    private var askedWrite: EdgeWrite? {
        if case .write(let write)? = asked { write } else { nil }
    }

    /// Between two removals: the rest goes only while it still is surplus beside a right record.
    private mutating func judgedBetween(_ sight: EdgeSight, _ rules: PoliciesInForce, _ now: Timestamp) -> Move {
        let isLong = requests.begunAt.map { now - $0 > EdgeSaga.longestChain } ?? false
        let why = rules.obstacle(to: intent, at: now) ?? (isLong ? "that is enough for one attempt" : nil)
        let standing = requests.standing(sight, of: change)
        switch standing {
        case .due where why == nil: return ask(.write(requests.next()))
        case .late where why == nil && !waits.isEmpty, .unreadable where why == nil && !waits.isEmpty: return check()
        default: break
        }
        switch standing {
        case .due: trouble = why
        case .late: trouble = why ?? "a fresh read still shows what was removed last"
        case .unreadable(let words): trouble = why ?? "it could not be read between two removals: \(words)"
        case .moved: trouble = why ?? "what stands there changed between two steps"
        }
        let words = trouble ?? ""
        if standing == .moved { requests.goesOn = false } else { requests.halt(words) }
        return ask(.note(answer: "stopped: \(words)", id: id))
    }

    /// Between two removals: the next one is not begun.
    private mutating func halt(_ why: String) -> Move {
        trouble = why
        requests.halt(why)
        return check()
    }

    /// Nothing more is sent. Whether anything was, the check says.
    private mutating func stopped(_ why: String) -> Move {
        trouble = why
        if requests.isAtFirst { return ask(.close(.refused(why))) }
        requests.putBack(askedWrite, why: why)
        return ask(.note(answer: "stopped: \(why)", id: id))
    }

    // MARK: After the act

    private mutating func check() -> Move {
        ask(.check(after: waits.isEmpty ? .seconds(0) : waits.removeFirst()))
    }

    private mutating func checked(_ sight: EdgeSight, at now: Timestamp) -> Move {
        // What was interrupted long ago is looked at once: the next round looks again.
        let isOld = now - intent.evidenceAt > EdgeSaga.late
        if case .unreadable(let why) = sight {
            // Nor is that done again in this round whose service is silent: all that has changed meanwhile waits for it.
            let isPatient = !isOld && (!isResumed || isUndoing)
            return isPatient && !waits.isEmpty ? check() : unread(why, at: now)
        }
        let isSettled =
            isUndoing
            ? change.undoing(sight, id: id) == nil
            : change.isDone(sight) || requests.showsWhatWasSent(sight, of: change)
        if !isSettled, !waits.isEmpty, !isOld || isUndoing { return check() }
        self.sight = sight
        guard isUndoing else { return ask(.stand) }
        if isSettled { return ask(.close(.compensated(fallenWords))) }
        let words = "\(fallenWords); our own change is still there" + (trouble.map { ": \($0)" } ?? "")
        return isGivenUp(now) ? ask(.close(.unknown(words))) : .end(.unknown(words))
    }

    /// A service that will not have it taken back is left to a person: others of its server would wait for ever.
    private func isGivenUp(_ now: Timestamp) -> Bool {
        guard isRefused, let since = intent.resumed?.takenBackSince else { return false }
        return now - since > (isReplaced ? EdgeSaga.longest : EdgeSaga.longestUnwanted)
    }

    /// The service does not let itself be read.
    private mutating func unread(_ why: String, at now: Timestamp) -> Move {
        let words = "it could not be read back: \(why)" + (trouble.map { "; before that: \($0)" } ?? "")
        // Nothing of ours is there to be read, and nothing else on this server has to wait for it.
        if !mayHaveWritten, !isUndoing { return ask(.close(.notVerified(words))) }
        // That it was to be taken back is known: it stays open until that is seen.
        if isUndoing { return .end(.unknown(words)) }
        let age = now - intent.evidenceAt
        if age > EdgeSaga.longestUnwanted { return ask(.close(.unknown(words))) }
        guard age > EdgeSaga.longest else { return .end(.unknown(words)) }
        silence = words
        return ask(.stand)
    }

    /// Its service has been silent for long, and this is what the database says of it: nobody would look again at what was
    /// published for a server that is suspended by now.
    private mutating func judgedUnseen(_ answer: Answer) -> Move {
        let words = silence ?? "it could not be read back"
        switch answer {
        // It does not stand in the way of everything else on this server for ever.
        case .stands, .replaced: return ask(.close(.unknown(words)))
        case .fallen(let why):
            // Of surplus that was removed nothing is put back, so nothing is waited for.
            let mayUndo = intent.resumed?.mayUndo != false && change.canBeUndone
            return mayUndo ? .end(.unknown("\(why); \(words)")) : ask(.close(.unknown("\(why); \(words)")))
        case .held(let why), .unclear(let why): return .end(.unknown("\(why); \(words)"))
        case .failed(let why):
            return .end(.unknown("\(words); and whether it still is wanted could not be read: \(why)"))
        default: return .end(.unknown("an answer came that belongs to no step"))
        }
    }

    private var verdict: RepairOutcome {
        guard let sight else { return .unknown("it was not looked at") }
        if change.isDone(sight) {
            if mayHaveWritten, change.isOurs(sight) { return .verified }
            let words = trouble ?? "what stands there does not have our mark"
            return .refused("somebody else made it right (\(words))")
        }
        if let why = requests.halted ?? (isResumed ? "it was interrupted" : nil),
            let removed = requests.done(sight, of: change)
        {
            return .refused(
                "\(why); \(removed) of \(change.writes.count) were removed before that, and a fresh read saw it")
        }
        let words =
            intent.resumed == nil
            ? "the service said that it did it, and a fresh read does not show it"
            : "it was interrupted, and a fresh read does not show it"
        return .notVerified(trouble ?? words)
    }

    /// The server was suspended, deleted or changed while we published.
    private mutating func withdraw(_ why: String, _ rules: PoliciesInForce, _ now: Timestamp) -> Move {
        guard mayHaveWritten else { return ask(.close(.refused("\(why); nothing was sent"))) }
        // Nothing of it is put back, so nothing is waited for.
        if let sight, !change.canBeUndone {
            if change.isDone(sight) { return ask(.close(.verified)) }
            guard let removed = requests.done(sight, of: change) else {
                return ask(.close(.notVerified("\(why); what was sent does not show")))
            }
            return ask(.close(.refused("\(why); \(removed) of \(change.writes.count) were removed")))
        }
        guard let sight, let undo = change.undoing(sight, id: id) else {
            // A service may show late what it did: it is looked at again for a while.
            if now - intent.evidenceAt < EdgeSaga.late {
                return .end(.unknown("\(why); what was sent does not show yet"))
            }
            return ask(.close(.notVerified("\(why); nothing of ours stands there")))
        }
        guard intent.resumed?.mayUndo != false else {
            return ask(.close(.unknown("\(why); it is not taken back: repairs of it are not enabled here any more")))
        }
        // As with a pause: the attempt stays open, and is taken up again.
        fallen = why
        if let window = rules.window(at: now) { return heldBack(by: window) }
        isUndoing = true
        return ask(.announce(undo, isUndo: true))
    }

    /// Nothing is taken back on the word of what cannot be understood. The attempt is open for as long as something of ours stands there
    /// that might have to be, and no longer than others of a server wait that may be wanted: a dead operation asks nothing of those rows.
    private mutating func leave(_ why: String, _ now: Timestamp) -> Move {
        guard mayHaveWritten else { return ask(.close(.refused("\(why); nothing was sent"))) }
        let age = now - intent.evidenceAt
        let mayUndo = intent.resumed?.mayUndo != false && change.canBeUndone
        if !mayUndo || age > EdgeSaga.longest { return ask(.close(verdict)) }
        if let sight, change.undoing(sight, id: id) == nil, age > EdgeSaga.late { return ask(.close(verdict)) }
        return .end(.unknown(why))
    }

    private func heldBack(by why: String) -> Move {
        .end(.unknown("\(fallenWords), and nothing is changed now: \(why)"))
    }

    private var fallenWords: String { fallen ?? "it is not wanted any more" }

    private mutating func ask(_ step: Step) -> Move {
        asked = step
        return .step(step)
    }

    private static func words(_ answer: WriteAnswer) -> String {
        switch answer {
        case .done(_, let note): "done" + (note.isEmpty ? "" : ", \(note)")
        case .refused(let why), .turnedAway(let why): "refused: \(why)"
        case .moved(let why): "moved: \(why)"
        case .unknown(let why): "not answered: \(why)"
        }
    }
}

extension RepairOutcome {
    /// For a person; nil where the outcome says it all.
    package var why: String? {
        switch self {
        case .verified: nil
        case .notVerified(let why), .refused(let why), .unknown(let why), .compensated(let why): why
        }
    }
}
