import Core
import TestSupport
import Testing

/// Several removals in one attempt, answer by answer.
@Suite("Surplus that goes one by one")
struct EdgeRemovalTests {
    @Test func aWindowThatOpensBetweenTwoRemovalsKeepsTheSecond() {
        let surplus = [OneChange.record("2", "203.0.113.9", comment: nil), OneChange.record("3", "192.0.2.7")]
        let change = EdgeChange.record(
            RecordChange(OneChange.rule, deed: .removeSurplus(surplus, keeping: OneChange.right)))
        var saga = EdgeSaga(OneChange.intent(change), change)
        for answer in [
            .begun, .claimed, .seen(.records([OneChange.right] + surplus)), OneChange.done, .noted, .announced,
        ] {
            _ = saga.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        let one = EdgeSaga.Answer.seen(.records([OneChange.right, surplus[1]]))
        #expect(
            saga.next(one, under: OneChange.closed, at: OneChange.now)
                == .step(.note(answer: "stopped: the windows of the policies deny repairs", id: "1")))
        #expect(
            saga.next(.noted, under: OneChange.closed, at: OneChange.now) == .step(.check(after: .seconds(1))))
        // The second was not tried: no attempt in vain. That the first is gone is seen, and said.
        let late = saga
        #expect(saga.next(one, under: OneChange.closed, at: OneChange.now) == .step(.stand))
        let words = "the windows of the policies deny repairs; 1 of 2 were removed before that, and a fresh read saw it"
        #expect(saga.next(.stands, under: OneChange.closed, at: OneChange.now) == .step(.close(.refused(words))))

        // One that comes back is what the service did: that counts.
        saga = late
        let both = EdgeSaga.Answer.seen(.records([OneChange.right] + surplus))
        var move = saga.next(both, under: OneChange.closed, at: OneChange.now)
        while case .step(.check) = move { move = saga.next(both, under: OneChange.closed, at: OneChange.now) }
        #expect(move == .step(.stand))
        #expect(
            saga.next(.stands, under: OneChange.closed, at: OneChange.now)
                == .step(.close(.notVerified("the windows of the policies deny repairs"))))
    }

    @Test func whatChangedBetweenTwoRemovalsIsAnAttemptThatFailed() {
        let surplus = [OneChange.record("2", "203.0.113.9", comment: nil), OneChange.record("3", "192.0.2.7")]
        let change = EdgeChange.record(
            RecordChange(OneChange.rule, deed: .removeSurplus(surplus, keeping: OneChange.right)))
        var saga = EdgeSaga(OneChange.intent(change), change)
        for answer in [
            .begun, .claimed, .seen(.records([OneChange.right] + surplus)), OneChange.done, .noted, .announced,
        ] {
            _ = saga.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        // The right one is gone: a window that opens at the same moment makes that no refusal.
        let gone = EdgeSaga.Answer.seen(.records([surplus[1]]))
        _ = saga.next(gone, under: OneChange.closed, at: OneChange.now)
        var move = saga.next(.noted, under: OneChange.closed, at: OneChange.now)
        while case .step(.check) = move { move = saga.next(gone, under: OneChange.closed, at: OneChange.now) }
        guard case .step(.close(.notVerified)) = saga.next(.stands, under: OneChange.closed, at: OneChange.now) else {
            Issue.record("it was called a refusal")
            return
        }
    }

    @Test func surplusGoesOneByOneAndOnlyBesideARightOne() {
        let surplus = [OneChange.record("2", "203.0.113.9", comment: nil), OneChange.record("3", "192.0.2.7")]
        let change = EdgeChange.record(
            RecordChange(OneChange.rule, deed: .removeSurplus(surplus, keeping: OneChange.right)))
        let all = EdgeSaga.Answer.seen(.records([OneChange.right] + surplus))
        let one = EdgeSaga.Answer.seen(.records([OneChange.right, surplus[1]]))
        let sent = OneChange.moves(change, .claimed, all, OneChange.done, .noted, .announced, one)
        #expect(sent.count { if case .step(.write(.remove)) = $0 { true } else { false } } == 2)
        // Each has a row of its own before it.
        #expect(sent[4] == .step(.announce(change.writes[1], isUndo: false)))
        // The right one has gone meanwhile: the last one stays, right or not.
        let lonely = OneChange.moves(
            change, .claimed, all, OneChange.done, .noted, .announced, .seen(.records([surplus[1]])))
        #expect(lonely.count { if case .step(.write) = $0 { true } else { false } } == 1)
    }

    /// A row stands before each request: what could not be written down is not sent.
    @Test func whatCannotBeAnnouncedIsNotSent() {
        let surplus = [OneChange.record("2", "203.0.113.9", comment: nil), OneChange.record("3", "192.0.2.7")]
        let change = EdgeChange.record(
            RecordChange(OneChange.rule, deed: .removeSurplus(surplus, keeping: OneChange.right)))
        let all = EdgeSaga.Answer.seen(.records([OneChange.right] + surplus))
        let one = EdgeSaga.Answer.seen(.records([OneChange.right, surplus[1]]))
        let stops: [([EdgeSaga.Answer], String)] = [
            ([.failed("gone")], "what was answered could not be written down: gone"),
            ([.noted, .obstacle("it is paused by ops")], "it is paused by ops"),
            ([.noted, .failed("gone")], "what was to be sent next could not be written down: gone"),
        ]
        for (answers, why) in stops {
            var saga = EdgeSaga(OneChange.intent(change), change)
            var moves: [EdgeSaga.Move] = []
            for answer in [.begun, .claimed, all, OneChange.done] + answers + [one, .stands] {
                moves.append(saga.next(answer, under: OneChange.rules, at: OneChange.now))
            }
            #expect(moves.count { if case .step(.write) = $0 { true } else { false } } == 1)
            // No attempt in vain: the rest was not tried.
            let words = "\(why); 1 of 2 were removed before that, and a fresh read saw it"
            #expect(moves.last == .step(.close(.refused(words))))
        }
        for answer in [EdgeSaga.Answer.obstacle("it is wanted again"), .failed("gone")] {
            let undo = OneChange.moves(
                OneChange.create, .claimed, OneChange.empty, OneChange.done, .noted, OneChange.there,
                .fallen("deleted"), answer)
            guard case .end(.unknown(let why))? = undo.last else {
                Issue.record("\(undo)")
                continue
            }
            #expect(why.hasPrefix("deleted"))
        }
    }

    /// A service that turns everything away in the midst of several removals cannot be looked at either: the next look takes what is
    /// gone for done, and the rest for not tried.
    @Test func theRestOfRemovalsThatWereInterruptedIsNoAttemptInVain() {
        let surplus = ["2", "3", "4"].map { OneChange.record($0, "192.0.2.\($0)") }
        let change = EdgeChange.record(
            RecordChange(OneChange.rule, deed: .removeSurplus(surplus, keeping: OneChange.right)))
        func end(_ left: [DNSRecord]) -> EdgeSaga.Move? {
            let seen = EdgeSaga.Answer.seen(.records([OneChange.right] + left))
            var saga = EdgeSaga(OneChange.intent(change), change)
            var move = saga.next(.resumed(id: nil), under: OneChange.rules, at: OneChange.now)
            while case .step(.check) = move { move = saga.next(seen, under: OneChange.rules, at: OneChange.now) }
            return saga.next(.stands, under: OneChange.rules, at: OneChange.now)
        }
        let words = "it was interrupted; 1 of 3 were removed before that, and a fresh read saw it"
        #expect(end(Array(surplus.dropFirst())) == .step(.close(.refused(words))))
        #expect(end([]) == .step(.close(.verified)))
        // None of them has gone, or others than were begun with: it was in vain.
        for left in [surplus, Array(surplus.dropLast())] {
            guard case .step(.close(.notVerified))? = end(left) else {
                Issue.record("\(left)")
                continue
            }
        }
    }

    /// A listing may show for a while what the service has removed: that is no change by somebody else, and no attempt in vain.
    @Test func aListingThatIsLateBetweenTwoRemovalsIsReadAgain() {
        let surplus = ["2", "3", "4"].map { OneChange.record($0, "192.0.2.\($0)") }
        let change = EdgeChange.record(
            RecordChange(OneChange.rule, deed: .removeSurplus(surplus, keeping: OneChange.right)))
        func seen(_ left: Int) -> EdgeSaga.Answer { .seen(.records([OneChange.right] + surplus.suffix(left))) }
        var saga = EdgeSaga(OneChange.intent(change), change)
        for answer in [.begun, .claimed, seen(3), OneChange.done, .noted, .announced] {
            _ = saga.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        var late = saga
        #expect(saga.next(seen(3), under: OneChange.rules, at: OneChange.now) == .step(.check(after: .seconds(1))))
        #expect(saga.next(seen(2), under: OneChange.rules, at: OneChange.now) == .step(.write(change.writes[1])))
        // Each removal is given its time anew.
        for answer in [OneChange.done, .noted] { _ = saga.next(answer, under: OneChange.rules, at: OneChange.now) }
        #expect(saga.next(.announced, under: OneChange.rules, at: OneChange.now) == .step(.check(after: .seconds(0))))

        // Later than anybody waits: the first is gone in the end, and the rest was not tried.
        var move = late.next(seen(3), under: OneChange.rules, at: OneChange.now)
        while case .step(.check) = move { move = late.next(seen(3), under: OneChange.rules, at: OneChange.now) }
        let why = "a fresh read still shows what was removed last"
        #expect(move == .step(.note(answer: "stopped: \(why)", id: "1")))
        _ = late.next(.noted, under: OneChange.rules, at: OneChange.now)
        #expect(late.next(seen(2), under: OneChange.rules, at: OneChange.now) == .step(.stand))
        let words = "\(why); 1 of 3 were removed before that, and a fresh read saw it"
        #expect(late.next(.stands, under: OneChange.rules, at: OneChange.now) == .step(.close(.refused(words))))
    }

    /// Leave that is not given for the second removal leaves it untried.
    @Test func aLaterRemovalWithoutLeaveIsNoAttemptInVain() {
        let surplus = ["2", "3"].map { OneChange.record($0, "192.0.2.\($0)") }
        let change = EdgeChange.record(
            RecordChange(OneChange.rule, deed: .removeSurplus(surplus, keeping: OneChange.right)))
        let one = EdgeSaga.Answer.seen(.records([OneChange.right, surplus[1]]))
        let all = OneChange.moves(
            change, .claimed, .seen(.records([OneChange.right] + surplus)), OneChange.done, .noted, .announced, one,
            .mayNotAct("this process may not act any more"),
            .noted,
            one, .stands)
        let words = "this process may not act any more; 1 of 2 were removed before that, and a fresh read saw it"
        #expect(all.last == .step(.close(.refused(words))))
    }

    /// A service that cannot be read between two removals is asked again; where it stays silent, that is said, and the rest was not tried.
    @Test func whatCannotBeReadBetweenTwoRemovalsIsNoAttemptInVain() {
        let surplus = ["2", "3"].map { OneChange.record($0, "192.0.2.\($0)") }
        let change = OneChange.surplus(surplus)
        let one = EdgeSaga.Answer.seen(.records([OneChange.right, surplus[1]]))
        let silent = EdgeSaga.Answer.seen(.unreadable("503"))
        var saga = EdgeSaga(OneChange.intent(change), change)
        for answer in [
            .begun, .claimed, .seen(.records([OneChange.right] + surplus)), OneChange.done, .noted, .announced,
        ] {
            _ = saga.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        #expect(saga.next(silent, under: OneChange.rules, at: OneChange.now) == .step(.check(after: .seconds(1))))
        var back = saga
        #expect(back.next(one, under: OneChange.rules, at: OneChange.now) == .step(.write(change.writes[1])))

        var move = saga.next(silent, under: OneChange.rules, at: OneChange.now)
        while case .step(.check) = move { move = saga.next(silent, under: OneChange.rules, at: OneChange.now) }
        let why = "it could not be read between two removals: 503"
        #expect(move == .step(.note(answer: "stopped: \(why)", id: "1")))
        _ = saga.next(.noted, under: OneChange.rules, at: OneChange.now)
        #expect(saga.next(one, under: OneChange.rules, at: OneChange.now) == .step(.stand))
        let words = "\(why); 1 of 2 were removed before that, and a fresh read saw it"
        #expect(saga.next(.stands, under: OneChange.rules, at: OneChange.now) == .step(.close(.refused(words))))
    }

    /// Of surplus nothing is put back: whatever becomes of the server, the attempt ends with what was seen, and nothing waits for it.
    @Test(arguments: [EdgeSaga.Answer.fallen("suspended"), .replaced("reused")])
    func whatBecomesOfTheServerKeepsNoRemovalOpen(answer: EdgeSaga.Answer) {
        let surplus = ["2", "3"].map { OneChange.record($0, "192.0.2.\($0)") }
        let change = OneChange.surplus(surplus)
        func end(_ left: [DNSRecord]) -> EdgeSaga.Move? {
            let seen = EdgeSaga.Answer.seen(.records([OneChange.right] + left))
            var saga = EdgeSaga(OneChange.intent(change), change)
            var move = saga.next(.resumed(id: nil), under: OneChange.rules, at: OneChange.now)
            while case .step(.check) = move { move = saga.next(seen, under: OneChange.rules, at: OneChange.now) }
            return saga.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        #expect(end([]) == .step(.close(.verified)))
        guard case .step(.close(.refused(let why)))? = end([surplus[1]]) else {
            Issue.record("it stays open")
            return
        }
        #expect(why.hasSuffix("; 1 of 2 were removed"))
        guard case .step(.close(.notVerified(let why)))? = end(surplus) else {
            Issue.record("nothing shows of what was sent")
            return
        }
        #expect(why.hasSuffix("; what was sent does not show"))
    }
}
