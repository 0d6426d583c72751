import Core
import Testing

/// What becomes of a change whose service does not let itself be read.
@Suite("A silent service")
struct EdgeSilenceTests {
    private typealias Saga = EdgeSagaTests

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
            let (_, move) = Self.saga([.resumed(id: nil), Self.silence], after: age)
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
            .resumed(id: "1"), there, .fallen("suspended"), .written(.done(id: nil, note: "")),
        ])
        #expect(Self.looks(undone).waits == EdgeSaga.patience)
    }
}
