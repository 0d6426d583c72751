import Core
import Testing

/// What becomes of a change whose service does not let itself be read.
@Suite("A silent service")
struct EdgeSilenceTests {
    private typealias Saga = OneChange

    private static let silence = EdgeSaga.Answer.seen(.unreadable("503"))
    private static let empty = EdgeSaga.Answer.seen(.records([]))

    /// A change after what has been heard of it, all at one time.
    private static func saga(
        _ answers: [EdgeSaga.Answer], intent: Intent = Saga.intent(Saga.create), after age: Span = .seconds(0)
    ) -> (saga: EdgeSaga, move: EdgeSaga.Move) {
        var saga = EdgeSaga(intent, Saga.create)
        var move = EdgeSaga.Move.end(.unknown("nothing was said"))
        for answer in answers { move = saga.next(answer, under: Saga.rules, at: Saga.now + age) }
        return (saga, move)
    }

    /// Who says "silence" to every look, until something else is asked for.
    private static func looks(_ begun: (saga: EdgeSaga, move: EdgeSaga.Move)) -> (waits: [Span], move: EdgeSaga.Move) {
        var saga = begun.saga
        var move = begun.move
        var waits: [Span] = []
        while case .step(.check(let after)) = move {
            waits.append(after)
            move = saga.next(silence, under: Saga.rules, at: Saga.now)
        }
        return (waits, move)
    }

    @Test func itDoesNotBlockForEver() {
        for (age, isOpen) in [(Span.minutes(12), true), (.minutes(31), false)] {
            let asked: [EdgeSaga.Answer] = isOpen ? [] : [.stands]
            let (_, move) = Self.saga([.resumed(id: nil), Self.silence] + asked, after: age)
            if case .end(.unknown) = move { #expect(isOpen) } else { #expect(!isOpen) }
        }
    }

    /// What was certainly not done leaves nothing that could be read: nobody waits for it.
    @Test(arguments: [(WriteAnswer.refused("403"), 1), (.moved("already there"), 4), (.unknown("reset"), 4)])
    func whatWasRefusedEndsThoughItCannotBeReadBack(_ answer: WriteAnswer, _ looks: Int) {
        let begun = Self.saga([.begun, .claimed, Self.empty, .written(answer), .noted])
        let (waits, move) = Self.looks(begun)
        #expect(waits == Array(EdgeSaga.patience.prefix(looks)))
        switch move {
        case .step(.close(.notVerified(let why))): #expect(answer != .unknown("reset") && why.contains("503"))
        case .end(.unknown): #expect(answer == .unknown("reset"), "it may have been done")
        default: Issue.record("\(answer): \(move)")
        }
    }

    /// Over a limit, or without rights, everything is refused: that says nothing of this change, and asks for no look either.
    @Test func whatIsRefusedToAllIsNoAttempt() {
        let (_, move) = Self.saga([.begun, .claimed, Self.empty, .written(.turnedAway("429"))])
        #expect(move == .step(.close(.refused("refused: 429"))))
    }

    /// Each look takes as long as the service lets it wait, and the next round looks again.
    @Test func whatWasInterruptedIsLookedAtOnceWhereItsServiceIsSilent() {
        let first = Self.looks(Self.saga([.resumed(id: nil)]))
        #expect(first.waits == [.seconds(0)])
        guard case .end(.unknown) = first.move else {
            Issue.record("\(first.move)")
            return
        }
        // One that answers may show late what it did.
        let (saga, move) = Self.saga([.resumed(id: nil), Self.empty])
        guard case .step(.check) = move else {
            Issue.record("\(move)")
            return
        }
        #expect(Self.looks((saga, move)).waits.count == 1)
        // What has just been taken back is looked for as after any other write.
        let there = EdgeSaga.Answer.seen(.records([Saga.right]))
        let undone = Self.saga([
            .resumed(id: "1"), there, .fallen("suspended"), .announced, .written(.done(id: nil, note: "")), .noted,
        ])
        #expect(Self.looks(undone).waits == EdgeSaga.patience)
    }

    /// Whoever gives up without a look asks first whether anybody still wants what may stand there.
    @Test func theDatabaseIsAskedBeforeASilentServiceIsGivenUp() {
        let answers: [(EdgeSaga.Answer, isOpen: Bool)] = [
            (.stands, false), (.replaced("another port"), false), (.fallen("suspended"), true),
            (.held("suspended, and it is paused"), true), (.failed("no answer"), true),
        ]
        for (answer, isOpen) in answers {
            let (_, asked) = Self.saga([.resumed(id: nil), Self.silence], after: .minutes(40))
            #expect(asked == .step(.stand))
            switch Self.saga([.resumed(id: nil), Self.silence, answer], after: .minutes(40)).move {
            case .end(.unknown(let why)): #expect(isOpen && why.contains("503"))
            case .step(.close(.unknown(let why))): #expect(!isOpen && why.contains("503"))
            case let move: Issue.record("\(answer): \(move)")
            }
        }
        // Not for ever: its VMID may be another's by then.
        guard
            case .step(.close(.unknown)) = Self.saga(
                [.resumed(id: nil), Self.silence], after: .minutes(24 * 60 + 1)
            ).move
        else {
            Issue.record("it stays open for ever")
            return
        }
    }

    /// A server is suspended, and its record cannot be read for longer than an attempt lasts otherwise.
    @Test func whatIsNotWantedAnyMoreIsTakenBackWhenItsServiceSpeaksAgain() {
        let there = EdgeSaga.Answer.seen(.records([Saga.right]))
        let silent = Self.saga([.resumed(id: "1"), Self.silence, .fallen("suspended")], after: .minutes(40))
        guard case .end(.unknown) = silent.move else {
            Issue.record("\(silent.move)")
            return
        }
        let begin: [EdgeSaga.Answer] = [.resumed(id: "1"), there, .fallen("suspended")]
        let seen = Self.saga(begin, after: .minutes(41))
        guard case .step(.announce(_, isUndo: true)) = seen.move else {
            Issue.record("\(seen.move)")
            return
        }
        let withdrawn: [EdgeSaga.Answer] = [.announced, .written(.done(id: nil, note: "")), .noted]
        // And where it falls silent again right after that, the attempt stays open, too.
        let undone = Self.saga(begin + withdrawn + [Self.silence], after: .minutes(41))
        guard case .end(.unknown) = undone.move else {
            Issue.record("\(undone.move)")
            return
        }
        let all = begin + withdrawn + [Self.empty, .closed]
        #expect(Self.saga(all, after: .minutes(41)).move == .end(.compensated("suspended")))
    }

    /// Where repairs are not enabled any more it will never be taken back: nothing waits for that.
    @Test func whatMayNotBeTakenBackIsGivenUp() {
        var intent = Saga.intent(Saga.create)
        intent.resumed = Intent.Resumed(id: "i", record: nil)
        intent.resumed?.mayUndo = false
        let answers: [EdgeSaga.Answer] = [.resumed(id: nil), Self.silence, .fallen("suspended")]
        guard case .step(.close(.unknown)) = Self.saga(answers, intent: intent, after: .minutes(40)).move else {
            Issue.record("it stays open")
            return
        }
    }
}
