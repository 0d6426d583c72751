import Core
import TestSupport
import Testing

/// The order of one change of the edge, answer by answer.
@Suite("A change of the edge")
struct EdgeSagaTests {
    @Test func successIsWhatAFreshReadSawAndTheDatabaseStillWants() {
        #expect(
            OneChange.moves(
                OneChange.create, .claimed, OneChange.empty, OneChange.done, .noted, OneChange.there, .stands, .closed)
                == [
                    .step(.claim), .step(.look), .step(.write(.create(.publicDNS, OneChange.rule.draft))),
                    .step(.note(answer: "done", id: "1")), .step(.check(after: .seconds(0))), .step(.stand),
                    .step(.close(.verified)), .end(.verified),
                ])
    }

    @Test func nothingIsSentWhereTheWorldHasMoved() {
        #expect(
            OneChange.moves(OneChange.create, .claimed, OneChange.there).last
                == .step(.close(.refused("it is right already"))))
        let other = EdgeSaga.Answer.seen(.records([OneChange.record("2", "192.0.2.9")]))
        for sight in [other, .seen(.unreadable("503"))] {
            guard case .step(.close(.refused))? = OneChange.moves(OneChange.create, .claimed, sight).last else {
                Issue.record("\(sight) was acted on")
                continue
            }
        }
        #expect(OneChange.moves(OneChange.create, .obstacle("paused")).last == .end(.refused("paused")))
        #expect(OneChange.moves(OneChange.create, .failed("x")).last == .end(.unknown("the claim was not answered: x")))
    }

    @Test func leaveEvidenceAndPoliciesAreAskedForBeforeAnythingIsSent() {
        let late = OneChange.now + .seconds(91)
        var others = OneChange.policies
        others.brakes.budgetPerMinute = 1
        for moves in [
            OneChange.moves(OneChange.create, at: [late]),
            OneChange.moves(OneChange.create, under: PoliciesInForce(others, calendar: .always)),
        ] {
            guard case .end(.refused)? = moves.last else {
                Issue.record("\(moves)")
                continue
            }
        }
        guard
            case .step(.close(.refused))? = OneChange.moves(
                OneChange.create, .claimed, OneChange.empty, at: [OneChange.now, OneChange.now, late]
            ).last
        else {
            Issue.record("old evidence was acted on")
            return
        }
        #expect(
            OneChange.moves(
                OneChange.create, .claimed, OneChange.empty, .mayNotAct("this process may not act any more")
            ).last
                == .step(.close(.refused("this process may not act any more"))))
    }

    /// A window may open at any moment between the decision and the request, and between the request and its taking back.
    @Test func aMaintenanceWindowIsAskedForRightBeforeEachRequest() {
        #expect(
            OneChange.moves(OneChange.create, under: OneChange.closed).last
                == .end(.refused("the windows of the policies deny repairs")))
        var late = EdgeSaga(OneChange.intent(OneChange.create), OneChange.create)
        for answer in [EdgeSaga.Answer.begun, .claimed] {
            _ = late.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        #expect(
            late.next(OneChange.empty, under: OneChange.closed, at: OneChange.now)
                == .step(.close(.refused("the windows of the policies deny repairs"))))

        var fallen = EdgeSaga(OneChange.intent(OneChange.create), OneChange.create)
        for answer in [.begun, .claimed, OneChange.empty, OneChange.done, .noted, OneChange.there] {
            _ = fallen.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        // It stays open, and is taken back when the window is over.
        #expect(
            fallen.next(.fallen("deleted"), under: OneChange.closed, at: OneChange.now)
                == .end(.unknown("deleted, and nothing is changed now: the windows of the policies deny repairs")))
    }

    @Test func aLostAnswerIsLookedUpAndNeverSentAgain() {
        let all = OneChange.moves(
            OneChange.create, .claimed, OneChange.empty, .written(.unknown("reset")), .noted, OneChange.there, .stands)
        #expect(all.last == .step(.close(.verified)))
        #expect(all.count { if case .step(.write) = $0 { true } else { false } } == 1)
    }

    @Test func aServiceMayTakeItsTimeToShowIt() {
        var saga = EdgeSaga(OneChange.intent(OneChange.create), OneChange.create)
        for answer in [.begun, .claimed, OneChange.empty, OneChange.done] {
            _ = saga.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        var waits: [Span] = []
        var move = saga.next(.noted, under: OneChange.rules, at: OneChange.now)
        while case .step(.check(let after)) = move {
            waits.append(after)
            move = saga.next(OneChange.empty, under: OneChange.rules, at: OneChange.now)
        }
        #expect(waits == EdgeSaga.patience)
        #expect(move == .step(.stand))
        move = saga.next(.stands, under: OneChange.rules, at: OneChange.now)
        guard case .step(.close(.notVerified)) = move else {
            Issue.record("\(move)")
            return
        }
    }

    /// Whoever else makes it right while our request is under way, or after it was never sent: that is not our doing.
    @Test func whatIsRightWithoutOurMarkWasMadeBySomebodyElse() {
        let theirs = EdgeSaga.Answer.seen(
            .records([OneChange.record("9", "203.0.113.10", comment: nil)]))
        for moves in [
            OneChange.moves(
                OneChange.create, .claimed, OneChange.empty, .written(.unknown("reset")), .noted, theirs, .stands),
            OneChange.moves(OneChange.create, theirs, .stands, begin: .resumed(id: nil)),
        ] {
            guard case .step(.close(.refused(let why)))? = moves.last else {
                Issue.record("\(moves)")
                continue
            }
            #expect(why.hasPrefix("somebody else made it right"))
        }
    }

    @Test func anInterruptedAttemptGoesOnByLooking() {
        #expect(OneChange.moves(OneChange.create, begin: .resumed(id: nil)) == [.step(.check(after: .seconds(0)))])
        #expect(
            OneChange.moves(OneChange.create, OneChange.there, .stands, .closed, begin: .resumed(id: nil)).last
                == .end(.verified))
        #expect(
            OneChange.moves(OneChange.create, OneChange.there, .stands, .failed("gone"), begin: .resumed(id: nil)).last
                == .end(.unknown("it is done; and that could not be written down: gone")))
    }

    /// What this attempt did not do is neither its success nor its to take back.
    @Test func whatSomebodyElseDidIsTheirs() {
        for answer in [WriteAnswer.moved("already there"), .refused("403")] {
            let until: [EdgeSaga.Answer] = [
                .begun, .claimed, OneChange.empty, .written(answer), .noted, OneChange.there,
            ]
            var saga = EdgeSaga(OneChange.intent(OneChange.create), OneChange.create)
            for answer in until { _ = saga.next(answer, under: OneChange.rules, at: OneChange.now) }
            var other = saga
            guard case .step(.close(.refused)) = saga.next(.stands, under: OneChange.rules, at: OneChange.now),
                case .step(.close(.refused)) = other.next(.fallen("deleted"), under: OneChange.rules, at: OneChange.now)
            else {
                Issue.record("\(answer)")
                continue
            }
        }
    }

    /// One look is enough where certainly nothing was done; a service that may show it late is given its time.
    @Test(arguments: [(WriteAnswer.refused("403"), 1), (.moved("already there"), 4), (.unknown("reset"), 4)])
    func soManyLooksFollow(_ answer: WriteAnswer, _ looks: Int) {
        var saga = EdgeSaga(OneChange.intent(OneChange.create), OneChange.create)
        for answer in [.begun, .claimed, OneChange.empty, .written(answer)] {
            _ = saga.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        var waits: [Span] = []
        var move = saga.next(.noted, under: OneChange.rules, at: OneChange.now)
        while case .step(.check(let after)) = move {
            waits.append(after)
            move = saga.next(OneChange.empty, under: OneChange.rules, at: OneChange.now)
        }
        #expect(waits == Array(EdgeSaga.patience.prefix(looks)))
        #expect(move == .step(.stand))
    }
}
