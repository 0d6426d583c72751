import Core
import TestSupport
import Testing

/// What becomes of our own change when the server is not wanted any more.
@Suite("A change that is taken back")
struct EdgeWithdrawalTests {
    @Test func aBackendThatIsNotWantedAnyMoreIsWithdrawn() {
        let wanted = VelocityReading.Backend(name: "mc", address: "10.70.0.1", port: 25565)
        let before = VelocityReading.Backend(name: "mc", address: "10.70.0.9", port: 25565)
        let here = EdgeSaga.Answer.seen(.backends([wanted]))
        let done = EdgeSaga.Answer.written(.done(id: nil, note: ""))
        for known in [[], [before]] {
            let change = EdgeChange.backend(BackendChange(wanted: wanted, before: known))
            let seen = EdgeSaga.Answer.seen(.backends(known))
            let all = OneChange.moves(
                change, .claimed, seen, done, .noted, here, .fallen("billing suspended"), .announced,
                done, .noted,
                .seen(.backends([])), .closed)
            #expect(all[6] == .step(.announce(.withdraw(wanted), isUndo: true)))
            #expect(all[7] == .step(.undo(.withdraw(wanted))))
            #expect(all[8] == .step(.note(answer: "done", id: nil)))
            #expect(all.last == .end(.compensated("billing suspended")))
            // Where somebody else has registered another meanwhile, that is theirs.
            let foreign = EdgeSaga.Answer.seen(.backends([before]))
            #expect(change.undoing(.backends([before]), id: nil) == nil)
            guard
                case .end(.unknown)? = OneChange.moves(
                    change, .claimed, seen, done, .noted, foreign, .fallen("deleted")
                ).last
            else {
                Issue.record("it did not end with what nobody knows")
                continue
            }
        }
    }

    @Test func whatIsNotWantedAnyMoreIsTakenBackAndOnlyThat() {
        let all = OneChange.moves(
            OneChange.create, .claimed, OneChange.empty, OneChange.done, .noted, OneChange.there,
            .fallen("billing suspended"), .announced, OneChange.done, .noted,
            OneChange.empty, .closed)
        guard case .step(.undo(.remove(let removal))) = all[7] else {
            Issue.record("\(all[7])")
            return
        }
        #expect(removal.record == OneChange.right)
        #expect(all.last == .end(.compensated("billing suspended")))
        // What was there before is put back as it was.
        let back = OneChange.moves(
            OneChange.correct, .claimed, .seen(.records([OneChange.old])), OneChange.done, .noted, OneChange.there,
            .fallen("deleted"), .announced)
        #expect(back.last == .step(.undo(.correct(.publicDNS, OneChange.right, RecordDraft(OneChange.old)))))
        // What somebody else has written meanwhile is theirs.
        let foreign = EdgeSaga.Answer.seen(.records([OneChange.record("1", "203.0.113.10", comment: "theirs")]))
        guard
            case .end(.unknown)? = OneChange.moves(
                OneChange.create, .claimed, OneChange.empty, OneChange.done, .noted, foreign, .fallen("deleted")
            ).last
        else {
            Issue.record("a foreign record was taken for ours")
            return
        }
    }

    /// On the word of a row that nobody understands nothing is taken back; the attempt stays open for as long as there is something of
    /// ours, half an hour at most.
    @Test func whatNobodyCanSayTakesNothingBack() {
        func end(
            _ change: EdgeChange, _ look: EdgeSaga.Answer, _ written: EdgeSaga.Answer, _ check: EdgeSaga.Answer,
            age: Span
        ) -> EdgeSaga.Move? {
            let then = OneChange.now + age
            let early = Array(repeating: OneChange.now, count: 5)
            return OneChange.moves(
                change, .claimed, look, written, .noted, check, .unclear("two rows have its identity"),
                at: early + [then, then]
            ).last
        }
        func isOpen(_ move: EdgeSaga.Move?) -> Bool { if case .end(.unknown)? = move { true } else { false } }
        let written = EdgeSaga.Answer.written(.done(id: "1", note: ""))
        #expect(isOpen(end(OneChange.create, OneChange.empty, written, OneChange.there, age: .seconds(1))))
        #expect(isOpen(end(OneChange.create, OneChange.empty, written, OneChange.there, age: .minutes(29))))
        let longest = end(OneChange.create, OneChange.empty, written, OneChange.there, age: .minutes(31))
        #expect(longest == .step(.close(.verified)), "it was seen, and is not undone")
        // Surplus that was removed is put back in no case.
        let surplus = OneChange.surplus([OneChange.record("2", "198.51.100.1")])
        let both = EdgeSaga.Answer.seen(.records([OneChange.right, OneChange.record("2", "198.51.100.1")]))
        #expect(end(surplus, both, written, OneChange.there, age: .seconds(1)) == .step(.close(.verified)))
        // Nothing was done, and nothing has to wait for it.
        let refused = EdgeSaga.Answer.written(.refused("403"))
        guard
            case .step(.close(.refused))? = end(
                OneChange.create, OneChange.empty, refused, OneChange.empty, age: .seconds(1))
        else {
            Issue.record("it stays open for nothing")
            return
        }
    }

    /// A pause, or a service that shows late what it did, leaves the attempt open; after a while it ends.
    @Test func whatCannotBeTakenBackNowStaysOpen() {
        let sent = [EdgeSaga.Answer.claimed, OneChange.empty, OneChange.done, .noted]
        var paused = EdgeSaga(OneChange.intent(OneChange.create), OneChange.create)
        for answer in [.begun] + sent + [OneChange.there] {
            _ = paused.next(answer, under: OneChange.rules, at: OneChange.now)
        }
        guard case .end(.unknown) = paused.next(.held("paused"), under: OneChange.rules, at: OneChange.now) else {
            Issue.record("it acted while paused")
            return
        }
        for (age, isOpen) in [(Span.seconds(30), true), (.minutes(11), false)] {
            var late = EdgeSaga(OneChange.intent(OneChange.create), OneChange.create)
            let then = OneChange.now + age
            _ = late.next(.resumed(id: "1"), under: OneChange.rules, at: then)
            var move = late.next(OneChange.empty, under: OneChange.rules, at: then)
            while case .step(.check) = move { move = late.next(OneChange.empty, under: OneChange.rules, at: then) }
            #expect(move == .step(.stand))
            move = late.next(.fallen("deleted"), under: OneChange.rules, at: then)
            if case .end(.unknown) = move { #expect(isOpen) } else { #expect(!isOpen) }
        }
    }

    /// Where repairs are not enabled any more nothing is changed, and nothing stays open.
    @Test func whatIsNotCoveredAnyMoreIsEndedAsItIs() {
        for mayUndo in [true, false] {
            var intent = OneChange.intent(OneChange.create)
            intent.resumed = Intent.Resumed(id: "i", record: nil)
            intent.resumed?.mayUndo = mayUndo
            for isWanted in [true, false] {
                var saga = EdgeSaga(intent, OneChange.create)
                var moves: [EdgeSaga.Move] = []
                for answer in [.resumed(id: nil), OneChange.there, isWanted ? .stands : .fallen("suspended")] {
                    moves.append(saga.next(answer, under: OneChange.rules, at: OneChange.now))
                }
                switch moves.last {
                case .step(.close(.verified)): #expect(isWanted)
                case .step(.announce(_, isUndo: true)): #expect(!isWanted && mayUndo)
                case .step(.close(.unknown)): #expect(!isWanted && !mayUndo)
                default: Issue.record("\(moves)")
                }
            }
        }
    }

    /// A service that never lets our own change be taken back: nothing waits for it for ever. What counts is how long it was tried.
    @Test(arguments: [
        (EdgeSaga.Answer.fallen("suspended"), Span.minutes(40), true), (.fallen("suspended"), .minutes(1441), false),
        (.replaced("reused"), .minutes(29), true), (.replaced("reused"), .minutes(31), false),
    ])
    func whatIsNeverTakenBackIsLeftToAPerson(answer: EdgeSaga.Answer, tried: Span, isOpen: Bool) {
        let then = OneChange.now + .minutes(3 * 1440)
        let answers: [(WriteAnswer, EdgeSaga.Answer, Bool)] = [
            (.refused("403"), OneChange.there, isOpen), (.moved("it stands there"), OneChange.there, isOpen),
            // Nothing of these says that it never will be.
            (.turnedAway("429"), OneChange.there, true), (.unknown("reset"), OneChange.there, true),
            (.done(id: nil, note: ""), OneChange.there, true),
        ]
        for (written, seen, isOpen) in answers {
            for since in [then - tried, nil] {
                var intent = OneChange.intent(OneChange.create)
                intent.resumed = Intent.Resumed(id: "i", record: "1")
                intent.resumed?.takenBackSince = since
                var saga = EdgeSaga(intent, OneChange.create)
                var move = saga.next(.resumed(id: "1"), under: OneChange.rules, at: then)
                for answer in [OneChange.there, answer, .announced, .written(written), .noted] {
                    move = saga.next(answer, under: OneChange.rules, at: then)
                }
                var looks = 0
                while case .step(.check) = move {
                    looks += 1
                    move = saga.next(seen, under: OneChange.rules, at: then)
                }
                // However old the attempt is, what has just been sent is given its time.
                #expect(looks == EdgeSaga.patience.count)
                switch move {
                case .end(.unknown(let why)):
                    #expect((isOpen || since == nil) && why.contains("our own change is still there"))
                case .step(.close(.unknown(let why))):
                    #expect(!isOpen && since != nil && why.contains("our own change is still there"))
                default: Issue.record("\(move)")
                }
            }
        }
    }

    /// No service takes a record twice, and one RRset of Technitium has one TTL.
    @Test func whatStandsBesideItDecidesHowItIsTakenBack() {
        let again = DNSRecord(id: "9", name: "mc.example.net", data: OneChange.old.data, ttl: 60, comment: "by hand")
        guard case .remove(let removal)? = OneChange.correct.undoing(.records([OneChange.right, again]), id: nil) else {
            Issue.record("it is put back beside itself")
            return
        }
        #expect(removal.record == OneChange.right)
        let rule = RecordRule(
            plane: .internalDNS, name: OneChange.rule.name, wanted: OneChange.rule.wanted, ttl: 60,
            mark: OneChange.mark,
            formerEdges: [])
        let before = DNSRecord(id: "b", name: rule.name, data: .a("192.0.2.1"), ttl: 3600, comment: nil)
        let change = EdgeChange.record(RecordChange(rule, deed: .correct(before)))
        let sibling = DNSRecord(id: "s", name: rule.name, data: .a("192.0.2.7"), ttl: 60, comment: nil)
        for (here, ttl) in [([OneChange.right], 3600), ([OneChange.right, sibling], 60)] {
            guard case .correct(_, _, let draft)? = change.undoing(.records(here), id: nil) else {
                Issue.record("it is not put back")
                continue
            }
            #expect(draft.ttl == ttl)
        }
    }
}
