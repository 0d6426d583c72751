import Core
import TestSupport
import Testing

/// The order of one change of the edge, answer by answer.
@Suite("A change of the edge")
struct EdgeSagaTests {
    private static let policies = PolicySet(policies: [], brakes: .defaults, windows: [], notifications: [])
    static let rules = PoliciesInForce(policies, calendar: .always)
    private static let closed = PoliciesInForce(
        policies, calendar: RepairCalendar(denied: [(now - .minutes(1))..<(now + .minutes(1))]))
    static let now = Timestamp(seconds: 1000)
    private static let mark = "zlh-controller/test-1 5001"
    private static let rule = RecordRule(
        plane: .publicDNS, name: "mc.example.net", wanted: .a("203.0.113.10"), ttl: 60, mark: mark,
        formerEdges: ["203.0.113.9"])

    private static func record(_ id: String, _ address: String, comment: String? = mark) -> DNSRecord {
        DNSRecord(id: id, name: "mc.example.net", data: .a(address), ttl: 60, comment: comment)
    }

    static let right = record("1", "203.0.113.10")
    static let create = EdgeChange.record(RecordChange(rule, deed: .create))
    private static let old = record("1", "192.0.2.1", comment: nil)
    private static let correct = EdgeChange.record(RecordChange(rule, deed: .correct(old)))

    static func intent(_ change: EdgeChange) -> Intent {
        let key = InstanceKey(vmid: VMID(5001)!, externalID: ExternalID(high: 1, low: 1))
        return Intent(
            drift: OpenDrift(
                id: "0123456789abcdef", kind: .publicAMissing, vmid: key.vmid, externalID: key.externalID,
                hostname: "mc", level: .automatic, action: .edgeRepublish, verdict: .repair, reason: .policyMatched,
                since: now), act: .edgeRepublish(EdgeGrounds(key: key, change: change, dead: [])), attempt: 1, epoch: 1,
            cycle: 1, policies: policies.hash, evidenceAt: now)
    }

    /// The moves that answers lead to.
    private func moves(
        _ change: EdgeChange, _ answers: EdgeSaga.Answer..., begin: EdgeSaga.Answer = .begun,
        at times: [Timestamp] = [],
        under rules: PoliciesInForce = Self.rules
    ) -> [EdgeSaga.Move] {
        var saga = EdgeSaga(Self.intent(change), change)
        return ([begin] + answers).enumerated().map { index, answer in
            saga.next(answer, under: rules, at: index < times.count ? times[index] : Self.now)
        }
    }

    private let empty = EdgeSaga.Answer.seen(.records([]))
    private let done = EdgeSaga.Answer.written(.done(id: "1", note: ""))
    private let there = EdgeSaga.Answer.seen(.records([right]))

    @Test func successIsWhatAFreshReadSawAndTheDatabaseStillWants() {
        #expect(
            moves(Self.create, .claimed, empty, done, .noted, there, .stands, .closed)
                == [
                    .step(.claim), .step(.look), .step(.write(.create(.publicDNS, Self.rule.draft))),
                    .step(.note(answer: "done", id: "1")), .step(.check(after: .seconds(0))), .step(.stand),
                    .step(.close(.verified)), .end(.verified),
                ])
    }

    @Test func nothingIsSentWhereTheWorldHasMoved() {
        #expect(moves(Self.create, .claimed, there).last == .step(.close(.refused("it is right already"))))
        let other = EdgeSaga.Answer.seen(.records([Self.record("2", "192.0.2.9")]))
        for sight in [other, .seen(.unreadable("503"))] {
            guard case .step(.close(.refused))? = moves(Self.create, .claimed, sight).last else {
                Issue.record("\(sight) was acted on")
                continue
            }
        }
        #expect(moves(Self.create, .obstacle("paused")).last == .end(.refused("paused")))
        #expect(moves(Self.create, .failed("x")).last == .end(.unknown("the claim was not answered: x")))
    }

    @Test func leaveEvidenceAndPoliciesAreAskedForBeforeAnythingIsSent() {
        let late = Self.now + .seconds(91)
        var others = Self.policies
        others.brakes.budgetPerMinute = 1
        for moves in [
            moves(Self.create, at: [late]), moves(Self.create, under: PoliciesInForce(others, calendar: .always)),
        ] {
            guard case .end(.refused)? = moves.last else {
                Issue.record("\(moves)")
                continue
            }
        }
        guard case .step(.close(.refused))? = moves(Self.create, .claimed, empty, at: [Self.now, Self.now, late]).last
        else {
            Issue.record("old evidence was acted on")
            return
        }
        #expect(
            moves(Self.create, .claimed, empty, .mayNotAct).last
                == .step(.close(.refused("this process may not act any more"))))
    }

    /// A window may open at any moment between the decision and the request, and between the request and its taking back.
    @Test func aMaintenanceWindowIsAskedForRightBeforeEachRequest() {
        #expect(
            moves(Self.create, under: Self.closed).last == .end(.refused("a maintenance window denies repairs")))
        var late = EdgeSaga(Self.intent(Self.create), Self.create)
        for answer in [EdgeSaga.Answer.begun, .claimed] { _ = late.next(answer, under: Self.rules, at: Self.now) }
        #expect(
            late.next(empty, under: Self.closed, at: Self.now)
                == .step(.close(.refused("a maintenance window denies repairs"))))

        var fallen = EdgeSaga(Self.intent(Self.create), Self.create)
        for answer in [.begun, .claimed, empty, done, .noted, there] {
            _ = fallen.next(answer, under: Self.rules, at: Self.now)
        }
        // It stays open, and is taken back when the window is over.
        #expect(
            fallen.next(.fallen("deleted"), under: Self.closed, at: Self.now)
                == .end(.unknown("deleted, and nothing is changed now: a maintenance window denies repairs")))
    }

    @Test func aWindowThatOpensBetweenTwoRemovalsKeepsTheSecond() {
        let surplus = [Self.record("2", "203.0.113.9", comment: nil), Self.record("3", "192.0.2.7")]
        let change = EdgeChange.record(
            RecordChange(Self.rule, deed: .removeSurplus(surplus, keeping: Self.right)))
        var saga = EdgeSaga(Self.intent(change), change)
        for answer in [.begun, .claimed, .seen(.records([Self.right] + surplus)), done, .noted, .announced] {
            _ = saga.next(answer, under: Self.rules, at: Self.now)
        }
        let one = EdgeSaga.Answer.seen(.records([Self.right, surplus[1]]))
        #expect(
            saga.next(one, under: Self.closed, at: Self.now)
                == .step(.note(answer: "stopped: a maintenance window denies repairs", id: "1")))
        #expect(
            saga.next(.noted, under: Self.closed, at: Self.now) == .step(.check(after: .seconds(1))))
        // The second was not tried: no attempt in vain. That the first is gone is seen, and said.
        let late = saga
        #expect(saga.next(one, under: Self.closed, at: Self.now) == .step(.stand))
        let words = "a maintenance window denies repairs; 1 of 2 were removed before that, and a fresh read saw it"
        #expect(saga.next(.stands, under: Self.closed, at: Self.now) == .step(.close(.refused(words))))

        // One that comes back is what the service did: that counts.
        saga = late
        let both = EdgeSaga.Answer.seen(.records([Self.right] + surplus))
        var move = saga.next(both, under: Self.closed, at: Self.now)
        while case .step(.check) = move { move = saga.next(both, under: Self.closed, at: Self.now) }
        #expect(move == .step(.stand))
        #expect(
            saga.next(.stands, under: Self.closed, at: Self.now)
                == .step(.close(.notVerified("a maintenance window denies repairs"))))
    }

    @Test func whatChangedBetweenTwoRemovalsIsAnAttemptThatFailed() {
        let surplus = [Self.record("2", "203.0.113.9", comment: nil), Self.record("3", "192.0.2.7")]
        let change = EdgeChange.record(
            RecordChange(Self.rule, deed: .removeSurplus(surplus, keeping: Self.right)))
        var saga = EdgeSaga(Self.intent(change), change)
        for answer in [.begun, .claimed, .seen(.records([Self.right] + surplus)), done, .noted, .announced] {
            _ = saga.next(answer, under: Self.rules, at: Self.now)
        }
        // The right one is gone: a window that opens at the same moment makes that no refusal.
        let gone = EdgeSaga.Answer.seen(.records([surplus[1]]))
        _ = saga.next(gone, under: Self.closed, at: Self.now)
        var move = saga.next(.noted, under: Self.closed, at: Self.now)
        while case .step(.check) = move { move = saga.next(gone, under: Self.closed, at: Self.now) }
        guard case .step(.close(.notVerified)) = saga.next(.stands, under: Self.closed, at: Self.now) else {
            Issue.record("it was called a refusal")
            return
        }
    }

    @Test func aLostAnswerIsLookedUpAndNeverSentAgain() {
        let all = moves(Self.create, .claimed, empty, .written(.unknown("reset")), .noted, there, .stands)
        #expect(all.last == .step(.close(.verified)))
        #expect(all.count { if case .step(.write) = $0 { true } else { false } } == 1)
    }

    @Test func aServiceMayTakeItsTimeToShowIt() {
        var saga = EdgeSaga(Self.intent(Self.create), Self.create)
        for answer in [.begun, .claimed, empty, done] { _ = saga.next(answer, under: Self.rules, at: Self.now) }
        var waits: [Span] = []
        var move = saga.next(.noted, under: Self.rules, at: Self.now)
        while case .step(.check(let after)) = move {
            waits.append(after)
            move = saga.next(empty, under: Self.rules, at: Self.now)
        }
        #expect(waits == EdgeSaga.patience)
        #expect(move == .step(.stand))
        move = saga.next(.stands, under: Self.rules, at: Self.now)
        guard case .step(.close(.notVerified)) = move else {
            Issue.record("\(move)")
            return
        }
    }

    @Test func aBackendThatIsNotWantedAnyMoreIsWithdrawn() {
        let wanted = VelocityReading.Backend(name: "mc", address: "10.70.0.1", port: 25565)
        let before = VelocityReading.Backend(name: "mc", address: "10.70.0.9", port: 25565)
        let here = EdgeSaga.Answer.seen(.backends([wanted]))
        let done = EdgeSaga.Answer.written(.done(id: nil, note: ""))
        for known in [[], [before]] {
            let change = EdgeChange.backend(BackendChange(wanted: wanted, before: known))
            let seen = EdgeSaga.Answer.seen(.backends(known))
            let all = moves(
                change, .claimed, seen, done, .noted, here, .fallen("billing suspended"), .announced, done, .noted,
                .seen(.backends([])), .closed)
            #expect(all[6] == .step(.announce(.withdraw(wanted), isUndo: true)))
            #expect(all[7] == .step(.undo(.withdraw(wanted))))
            #expect(all[8] == .step(.note(answer: "done", id: nil)))
            #expect(all.last == .end(.compensated("billing suspended")))
            // Where somebody else has registered another meanwhile, that is theirs.
            let foreign = EdgeSaga.Answer.seen(.backends([before]))
            #expect(change.undoing(.backends([before]), id: nil) == nil)
            guard case .end(.unknown)? = moves(change, .claimed, seen, done, .noted, foreign, .fallen("deleted")).last
            else {
                Issue.record("it did not end with what nobody knows")
                continue
            }
        }
    }

    @Test func whatIsNotWantedAnyMoreIsTakenBackAndOnlyThat() {
        let all = moves(
            Self.create, .claimed, empty, done, .noted, there, .fallen("billing suspended"), .announced, done, .noted,
            empty, .closed)
        guard case .step(.undo(.remove(let removal))) = all[7] else {
            Issue.record("\(all[7])")
            return
        }
        #expect(removal.record == Self.right)
        #expect(all.last == .end(.compensated("billing suspended")))
        // What was there before is put back as it was.
        let back = moves(
            Self.correct, .claimed, .seen(.records([Self.old])), done, .noted, there, .fallen("deleted"), .announced)
        #expect(back.last == .step(.undo(.correct(.publicDNS, Self.right, RecordDraft(Self.old)))))
        // What somebody else has written meanwhile is theirs.
        let foreign = EdgeSaga.Answer.seen(.records([Self.record("1", "203.0.113.10", comment: "theirs")]))
        guard
            case .end(.unknown)? = moves(Self.create, .claimed, empty, done, .noted, foreign, .fallen("deleted")).last
        else {
            Issue.record("a foreign record was taken for ours")
            return
        }
    }

    @Test func anInterruptedAttemptGoesOnByLooking() {
        #expect(moves(Self.create, begin: .resumed(id: nil)) == [.step(.check(after: .seconds(0)))])
        #expect(moves(Self.create, there, .stands, .closed, begin: .resumed(id: nil)).last == .end(.verified))
        #expect(
            moves(Self.create, there, .stands, .failed("gone"), begin: .resumed(id: nil)).last
                == .end(.unknown("it is done; and that could not be written down: gone")))
    }

    @Test func surplusGoesOneByOneAndOnlyBesideARightOne() {
        let surplus = [Self.record("2", "203.0.113.9", comment: nil), Self.record("3", "192.0.2.7")]
        let change = EdgeChange.record(
            RecordChange(Self.rule, deed: .removeSurplus(surplus, keeping: Self.right)))
        let all = EdgeSaga.Answer.seen(.records([Self.right] + surplus))
        let one = EdgeSaga.Answer.seen(.records([Self.right, surplus[1]]))
        let sent = moves(change, .claimed, all, done, .noted, .announced, one)
        #expect(sent.count { if case .step(.write(.remove)) = $0 { true } else { false } } == 2)
        // Each has a row of its own before it.
        #expect(sent[4] == .step(.announce(change.writes[1], isUndo: false)))
        // The right one has gone meanwhile: the last one stays, right or not.
        let lonely = moves(change, .claimed, all, done, .noted, .announced, .seen(.records([surplus[1]])))
        #expect(lonely.count { if case .step(.write) = $0 { true } else { false } } == 1)
    }

    /// What this attempt did not do is neither its success nor its to take back.
    @Test func whatSomebodyElseDidIsTheirs() {
        for answer in [WriteAnswer.moved("already there"), .refused("403")] {
            let until: [EdgeSaga.Answer] = [.begun, .claimed, empty, .written(answer), .noted, there]
            var saga = EdgeSaga(Self.intent(Self.create), Self.create)
            for answer in until { _ = saga.next(answer, under: Self.rules, at: Self.now) }
            var other = saga
            guard case .step(.close(.refused)) = saga.next(.stands, under: Self.rules, at: Self.now),
                case .step(.close(.refused)) = other.next(.fallen("deleted"), under: Self.rules, at: Self.now)
            else {
                Issue.record("\(answer)")
                continue
            }
        }
    }

    /// One look is enough where certainly nothing was done; a service that may show it late is given its time.
    @Test(arguments: [(WriteAnswer.refused("403"), 1), (.moved("already there"), 4), (.unknown("reset"), 4)])
    func soManyLooksFollow(_ answer: WriteAnswer, _ looks: Int) {
        var saga = EdgeSaga(Self.intent(Self.create), Self.create)
        for answer in [.begun, .claimed, empty, .written(answer)] {
            _ = saga.next(answer, under: Self.rules, at: Self.now)
        }
        var waits: [Span] = []
        var move = saga.next(.noted, under: Self.rules, at: Self.now)
        while case .step(.check(let after)) = move {
            waits.append(after)
            move = saga.next(empty, under: Self.rules, at: Self.now)
        }
        #expect(waits == Array(EdgeSaga.patience.prefix(looks)))
        #expect(move == .step(.stand))
    }

    /// A pause, or a service that shows late what it did, leaves the attempt open; after a while it ends.
    @Test func whatCannotBeTakenBackNowStaysOpen() {
        let sent = [EdgeSaga.Answer.claimed, empty, done, .noted]
        var paused = EdgeSaga(Self.intent(Self.create), Self.create)
        for answer in [.begun] + sent + [there] { _ = paused.next(answer, under: Self.rules, at: Self.now) }
        guard case .end(.unknown) = paused.next(.held("paused"), under: Self.rules, at: Self.now) else {
            Issue.record("it acted while paused")
            return
        }
        for (age, isOpen) in [(Span.seconds(30), true), (.minutes(11), false)] {
            var late = EdgeSaga(Self.intent(Self.create), Self.create)
            let then = Self.now + age
            _ = late.next(.resumed(id: "1"), under: Self.rules, at: then)
            var move = late.next(empty, under: Self.rules, at: then)
            while case .step(.check) = move { move = late.next(empty, under: Self.rules, at: then) }
            #expect(move == .step(.stand))
            move = late.next(.fallen("deleted"), under: Self.rules, at: then)
            if case .end(.unknown) = move { #expect(isOpen) } else { #expect(!isOpen) }
        }
    }

    /// Where repairs are not enabled any more nothing is changed, and nothing stays open.
    @Test func whatIsNotCoveredAnyMoreIsEndedAsItIs() {
        for mayUndo in [true, false] {
            var intent = Self.intent(Self.create)
            intent.resumed = Intent.Resumed(id: "i", record: nil)
            intent.resumed?.mayUndo = mayUndo
            for isWanted in [true, false] {
                var saga = EdgeSaga(intent, Self.create)
                var moves: [EdgeSaga.Move] = []
                for answer in [.resumed(id: nil), there, isWanted ? .stands : .fallen("suspended")] {
                    moves.append(saga.next(answer, under: Self.rules, at: Self.now))
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

    /// A row stands before each request: what could not be written down is not sent.
    @Test func whatCannotBeAnnouncedIsNotSent() {
        let surplus = [Self.record("2", "203.0.113.9", comment: nil), Self.record("3", "192.0.2.7")]
        let change = EdgeChange.record(RecordChange(Self.rule, deed: .removeSurplus(surplus, keeping: Self.right)))
        let all = EdgeSaga.Answer.seen(.records([Self.right] + surplus))
        let one = EdgeSaga.Answer.seen(.records([Self.right, surplus[1]]))
        let stops: [([EdgeSaga.Answer], String)] = [
            ([.failed("gone")], "what was answered could not be written down: gone"),
            ([.noted, .obstacle("it is paused by ops")], "it is paused by ops"),
            ([.noted, .failed("gone")], "what was to be sent next could not be written down: gone"),
        ]
        for (answers, why) in stops {
            var saga = EdgeSaga(Self.intent(change), change)
            var moves: [EdgeSaga.Move] = []
            for answer in [.begun, .claimed, all, done] + answers + [one, .stands] {
                moves.append(saga.next(answer, under: Self.rules, at: Self.now))
            }
            #expect(moves.count { if case .step(.write) = $0 { true } else { false } } == 1)
            // No attempt in vain: the rest was not tried.
            let words = "\(why); 1 of 2 were removed before that, and a fresh read saw it"
            #expect(moves.last == .step(.close(.refused(words))))
        }
        for answer in [EdgeSaga.Answer.obstacle("it is wanted again"), .failed("gone")] {
            let undo = moves(Self.create, .claimed, empty, done, .noted, there, .fallen("deleted"), answer)
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
        let surplus = ["2", "3", "4"].map { Self.record($0, "192.0.2.\($0)") }
        let change = EdgeChange.record(RecordChange(Self.rule, deed: .removeSurplus(surplus, keeping: Self.right)))
        func end(_ left: [DNSRecord]) -> EdgeSaga.Move? {
            let seen = EdgeSaga.Answer.seen(.records([Self.right] + left))
            var saga = EdgeSaga(Self.intent(change), change)
            var move = saga.next(.resumed(id: nil), under: Self.rules, at: Self.now)
            while case .step(.check) = move { move = saga.next(seen, under: Self.rules, at: Self.now) }
            return saga.next(.stands, under: Self.rules, at: Self.now)
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
        let surplus = ["2", "3", "4"].map { Self.record($0, "192.0.2.\($0)") }
        let change = EdgeChange.record(RecordChange(Self.rule, deed: .removeSurplus(surplus, keeping: Self.right)))
        func seen(_ left: Int) -> EdgeSaga.Answer { .seen(.records([Self.right] + surplus.suffix(left))) }
        var saga = EdgeSaga(Self.intent(change), change)
        for answer in [.begun, .claimed, seen(3), done, .noted, .announced] {
            _ = saga.next(answer, under: Self.rules, at: Self.now)
        }
        var late = saga
        #expect(saga.next(seen(3), under: Self.rules, at: Self.now) == .step(.check(after: .seconds(1))))
        #expect(saga.next(seen(2), under: Self.rules, at: Self.now) == .step(.write(change.writes[1])))
        // Each removal is given its time anew.
        for answer in [done, .noted] { _ = saga.next(answer, under: Self.rules, at: Self.now) }
        #expect(saga.next(.announced, under: Self.rules, at: Self.now) == .step(.check(after: .seconds(0))))

        // Later than anybody waits: the first is gone in the end, and the rest was not tried.
        var move = late.next(seen(3), under: Self.rules, at: Self.now)
        while case .step(.check) = move { move = late.next(seen(3), under: Self.rules, at: Self.now) }
        let why = "a fresh read still shows what was removed last"
        #expect(move == .step(.note(answer: "stopped: \(why)", id: "1")))
        _ = late.next(.noted, under: Self.rules, at: Self.now)
        #expect(late.next(seen(2), under: Self.rules, at: Self.now) == .step(.stand))
        let words = "\(why); 1 of 3 were removed before that, and a fresh read saw it"
        #expect(late.next(.stands, under: Self.rules, at: Self.now) == .step(.close(.refused(words))))
    }

    /// A service that never lets our own change be taken back: nothing waits for it for ever. What counts is how long it was tried.
    @Test(arguments: [
        (EdgeSaga.Answer.fallen("suspended"), Span.minutes(40), true), (.fallen("suspended"), .minutes(1441), false),
        (.replaced("reused"), .minutes(29), true), (.replaced("reused"), .minutes(31), false),
    ])
    func whatIsNeverTakenBackIsLeftToAPerson(answer: EdgeSaga.Answer, tried: Span, isOpen: Bool) {
        let then = Self.now + .minutes(3 * 1440)
        let answers: [(WriteAnswer, EdgeSaga.Answer, Bool)] = [
            (.refused("403"), there, isOpen), (.moved("it stands there"), there, isOpen),
            // Nothing of these says that it never will be.
            (.turnedAway("429"), there, true), (.unknown("reset"), there, true),
            (.done(id: nil, note: ""), there, true),
        ]
        for (written, seen, isOpen) in answers {
            for since in [then - tried, nil] {
                var intent = Self.intent(Self.create)
                intent.resumed = Intent.Resumed(id: "i", record: "1")
                intent.resumed?.takenBackSince = since
                var saga = EdgeSaga(intent, Self.create)
                var move = saga.next(.resumed(id: "1"), under: Self.rules, at: then)
                for answer in [there, answer, .announced, .written(written), .noted] {
                    move = saga.next(answer, under: Self.rules, at: then)
                }
                var looks = 0
                while case .step(.check) = move {
                    looks += 1
                    move = saga.next(seen, under: Self.rules, at: then)
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

    /// Leave that is not given for the second removal leaves it untried.
    @Test func aLaterRemovalWithoutLeaveIsNoAttemptInVain() {
        let surplus = ["2", "3"].map { Self.record($0, "192.0.2.\($0)") }
        let change = EdgeChange.record(RecordChange(Self.rule, deed: .removeSurplus(surplus, keeping: Self.right)))
        let one = EdgeSaga.Answer.seen(.records([Self.right, surplus[1]]))
        let all = moves(
            change, .claimed, .seen(.records([Self.right] + surplus)), done, .noted, .announced, one, .mayNotAct,
            .noted,
            one, .stands)
        let words = "this process may not act any more; 1 of 2 were removed before that, and a fresh read saw it"
        #expect(all.last == .step(.close(.refused(words))))
    }

    /// No service takes a record twice, and one RRset of Technitium has one TTL.
    @Test func whatStandsBesideItDecidesHowItIsTakenBack() {
        let again = DNSRecord(id: "9", name: "mc.example.net", data: Self.old.data, ttl: 60, comment: "by hand")
        guard case .remove(let removal)? = Self.correct.undoing(.records([Self.right, again]), id: nil) else {
            Issue.record("it is put back beside itself")
            return
        }
        #expect(removal.record == Self.right)
        let rule = RecordRule(
            plane: .internalDNS, name: Self.rule.name, wanted: Self.rule.wanted, ttl: 60, mark: Self.mark,
            formerEdges: [])
        let before = DNSRecord(id: "b", name: rule.name, data: .a("192.0.2.1"), ttl: 3600, comment: nil)
        let change = EdgeChange.record(RecordChange(rule, deed: .correct(before)))
        let sibling = DNSRecord(id: "s", name: rule.name, data: .a("192.0.2.7"), ttl: 60, comment: nil)
        for (here, ttl) in [([Self.right], 3600), ([Self.right, sibling], 60)] {
            guard case .correct(_, _, let draft)? = change.undoing(.records(here), id: nil) else {
                Issue.record("it is not put back")
                continue
            }
            #expect(draft.ttl == ttl)
        }
    }
}
