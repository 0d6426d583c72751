import Core
import TestSupport
import Testing

/// What a webhook's line does next, and what it makes of each answer.
@Suite("The outbox's line")
struct OutboxLineTests {
    private static let now = Fleet.now

    private static func incident(_ id: String, _ stage: Stage = .report) -> Incident {
        var incident = MessageLimitsTests.incident("h-\(id)", drifts: 1)
        incident.id = id
        incident.attempts = 0
        incident.trouble = nil
        switch stage {
        case .report:
            incident.tallies = [.init(kind: .containerLocked, verdict: .report, reason: .observeOnly, count: 1)]
        case .needsYou:
            incident.tallies = [.init(kind: .containerStopped, verdict: .manual, reason: .noAction, count: 1)]
        default: (incident.tallies, incident.closedAt) = ([], now)
        }
        return incident
    }

    private static func desk(_ incidents: [Incident], _ messages: [OutboxDesk.Message] = []) -> OutboxDesk {
        OutboxDesk(
            readAt: now,
            rows: incidents.enumerated().map { index, incident in
                OutboxDesk.Row(
                    incident: incident, toldVersion: messages.isEmpty ? 0 : incident.version - 1,
                    toldStage: messages.isEmpty ? nil : .report, toldAt: messages.isEmpty ? nil : now - .minutes(1),
                    toldDrifts: messages.isEmpty ? 0 : incident.drifts,
                    toldRepaired: messages.isEmpty ? 0 : incident.repaired,
                    message: messages.isEmpty ? nil : messages[min(index, messages.count - 1)].id)
            }, messages: Dictionary(messages.map { ($0.id, $0) }) { first, _ in first })
    }

    private static func sent(_ id: Int64 = 1, age: Span = .minutes(1)) -> OutboxDesk.Message {
        OutboxDesk.Message(
            id: id, state: .sent, discordID: "77", claimedAt: now - age, postedAt: now - age, digest: "old")
    }

    private func line() -> OutboxLine { OutboxLine(.init(id: "test-1", isDryRun: false)) }

    private func sending(_ move: OutboxLine.Move) throws -> Sending {
        try #require({ if case .send(let sending) = move { sending } else { nil } }(), "\(move)")
    }

    private static func outage(_ number: Int, over: Bool = false) -> OutageNotice {
        let failure = ReadFailure(.refused, "refused", at: now)
        func message(isPlain: Bool) -> ChatMessage {
            DatabaseOutage.message(
                over ? .back : .gone(failure), teller: .init(id: "test-1", isDryRun: false), host: "h",
                isPlain: isPlain)
        }
        return OutageNotice(
            number: number, isOver: over, content: message(isPlain: false), plain: message(isPlain: true),
            webhooks: ["alerts"])
    }

    private func sending(_ line: inout OutboxLine, _ notice: OutageNotice, at now: Timestamp) throws -> Sending {
        let move = line.next(notice, at: now)
        return try sending(try #require(move))
    }

    /// Calls that change the line have no place in an expectation.
    private func expect(_ move: OutboxLine.Move?, _ wanted: OutboxLine.Move?, line: Int = #line) {
        #expect(move == wanted, "line \(line)")
    }

    private func move(_ line: inout OutboxLine, _ notice: OutageNotice, at now: Timestamp) -> OutboxLine.Move? {
        line.next(notice, at: now)
    }

    /// Said once and edited when it is over; after a wait that Discord asks for, again; by the pace of all else.
    @Test func anOutageIsSaidOnceByTheSamePace() throws {
        var line = line()
        for _ in 0..<5 { _ = line.next(Self.desk([Self.incident("a")]), at: Self.now) }
        expect(move(&line, Self.outage(1), at: Self.now), .wait(until: Self.now + .seconds(2)))
        var now = Self.now + .seconds(2)
        let first = try sending(&line, Self.outage(1), at: now)
        #expect(first.edits == nil && first.content.title == "The database is gone")
        line.ended(first, of: Self.outage(1), .limited(.seconds(40), isGlobal: false), nil, at: now)
        expect(move(&line, Self.outage(1), at: now), .wait(until: now + .seconds(40)))
        now = now + .seconds(40)
        let second = try sending(&line, Self.outage(1), at: now)
        line.ended(second, of: Self.outage(1), .accepted("5"), nil, at: now)
        expect(move(&line, Self.outage(1), at: now), nil)
        let edit = try sending(&line, Self.outage(1, over: true), at: now)
        #expect(edit.edits == "5" && edit.content.title == "The database is back")
        line.ended(edit, of: Self.outage(1, over: true), .accepted("5"), nil, at: now)
        expect(move(&line, Self.outage(1, over: true), at: now), nil)
        let next = try sending(&line, Self.outage(2), at: now)
        #expect(next.edits == nil)
    }

    /// The names in it are somebody else's: a filter that dislikes them does not keep it from being said.
    @Test func anOutageThatIsRefusedIsSaidInOurOwnWords() throws {
        var line = line()
        let first = try sending(&line, Self.outage(1), at: Self.now)
        #expect(!first.isPlain && first.content.description.contains("refused"))
        line.ended(first, of: Self.outage(1), .rejected("240000"), nil, at: Self.now)
        let second = try sending(&line, Self.outage(1), at: Self.now)
        #expect(second.isPlain && second.content.footer == "test-1" && second.content.title == first.content.title)
        #expect(!second.content.description.contains("`refused`"))
        line.ended(second, of: Self.outage(1), .accepted("5"), nil, at: Self.now)
        expect(move(&line, Self.outage(1), at: Self.now), nil)
        let edit = try sending(&line, Self.outage(1, over: true), at: Self.now)
        #expect(edit.edits == "5" && edit.content.title == "The database is back")
    }

    /// Where nobody knows whether it is shown, or what is shown cannot be edited, another message says that it is over.
    @Test(arguments: [SinkAnswer.editLimited, .messageGone, nil])
    func thatItIsOverIsSaidInAnyCase(_ edit: SinkAnswer?) throws {
        var line = line()
        let sent = try sending(&line, Self.outage(1), at: Self.now)
        line.ended(sent, of: Self.outage(1), edit == nil ? .unsure("timeout") : .accepted("5"), nil, at: Self.now)
        var later = Self.now + .minutes(90)
        expect(move(&line, Self.outage(1), at: later), nil)
        if let edit {
            let tried = try sending(&line, Self.outage(1, over: true), at: later)
            #expect(tried.edits == "5")
            line.ended(tried, of: Self.outage(1, over: true), edit, nil, at: later)
            later = later + .minutes(10)
        }
        let posted = try sending(&line, Self.outage(1, over: true), at: later)
        #expect(posted.edits == nil && posted.content.title == "The database is back")
        line.ended(posted, of: Self.outage(1, over: true), .accepted("6"), nil, at: later)
        expect(move(&line, Self.outage(1, over: true), at: later), nil)
    }

    /// Who never heard that it is gone does not hear that it is back.
    @Test(arguments: [SinkAnswer.rejected("400"), .gone("404")])
    func anOutageIsNotRepeated(_ answer: SinkAnswer) throws {
        var line = line()
        // Refused for what it says it is said once more, in our own words.
        for _ in 1...(answer == .gone("404") ? 1 : 2) {
            let sent = try sending(&line, Self.outage(1), at: Self.now)
            line.ended(sent, of: Self.outage(1), answer, nil, at: Self.now)
        }
        let later = Self.now + .minutes(10)
        expect(move(&line, Self.outage(1), at: later), nil)
        expect(move(&line, Self.outage(1, over: true), at: later), nil)
    }

    /// Each answer of the wire sheet's table: what is written down, and when the webhook is asked again.
    @Test(arguments: [
        (SinkAnswer.accepted("9"), SendingEnd.shown(discordID: "9"), Span.seconds(0), true),
        (.limited(.seconds(7), isGlobal: false), .again(mayBeShown: false), .seconds(7), true),
        (.limited(.seconds(2285), isGlobal: true), .again(mayBeShown: false), .seconds(2285), true),
        (.editLimited, .again(mayBeShown: false), .seconds(1), true),
        (.messageGone, .again(mayBeShown: false), .seconds(1), true),
        (.rejected("400"), .againPlain, .seconds(0), true),
        (.threadClosed("400"), .again(mayBeShown: false), .seconds(1), true),
        (.dead("403"), .again(mayBeShown: false), .seconds(0), false),
        (.gone("404"), .again(mayBeShown: false), .seconds(0), false),
        (.notSent("refused"), .again(mayBeShown: false), .seconds(1), true),
        (.unsure("timeout"), .again(mayBeShown: true), .seconds(1), true),
    ])
    func eachAnswerHasItsEnd(answer: SinkAnswer, end: SendingEnd, wait: Span, lives: Bool) throws {
        var line = line()
        let desk = Self.desk([Self.incident("a")])
        let sending = try sending(line.next(desk, at: Self.now))
        #expect(line.ended(sending, answer, nil, at: Self.now) == end)
        let next = line.next(desk, at: Self.now)
        if !lives {
            #expect(next == .rest && line.trouble != nil)
        } else if wait > .seconds(0) {
            #expect(next == .wait(until: Self.now + wait))
            #expect(try self.sending(line.next(desk, at: Self.now + wait)) == sending)
        } else {
            #expect(try self.sending(next) == sending)
        }
    }

    @Test func failuresWaitLongerAndAreTold() throws {
        var line = line()
        let desk = Self.desk([Self.incident("a")])
        var now = Self.now
        var waits: [Int64] = []
        for number in 1...12 {
            let sending = try sending(line.next(desk, at: now))
            _ = line.ended(sending, .unsure("no answer"), nil, at: now)
            #expect((line.trouble == nil) == (number < OutboxLine.failuresUntilTold))
            guard case .wait(let until) = line.next(desk, at: now) else {
                Issue.record("a hot loop")
                return
            }
            waits.append((until - now).microseconds / 1_000_000)
            now = until
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
        let sending = try sending(line.next(desk, at: now))
        _ = line.ended(sending, .accepted("1"), nil, at: now)
        #expect(line.trouble == nil)
    }

    /// Whoever says to wait again and again, or for long, takes nothing as well.
    @Test(arguments: [(Span.seconds(2), 3), (.minutes(5), 3), (.minutes(38), 1)])
    func limitsWithoutEndAreTold(_ span: Span, _ most: Int) throws {
        var line = line()
        let desk = Self.desk([Self.incident("a")])
        var now = Self.now
        for number in 1...most {
            #expect(line.trouble == nil, "after \(number - 1)")
            let sending = try sending(line.next(desk, at: now))
            _ = line.ended(sending, .limited(span, isGlobal: false), nil, at: now)
            now = now + span
        }
        #expect(line.trouble?.hasPrefix("it answers 429: \(most) times") == true && line.isHeard)
        let sending = try sending(line.next(desk, at: now))
        _ = line.ended(sending, .accepted("1"), nil, at: now)
        #expect(line.trouble == nil)
    }

    @Test func whatIsRefusedTwiceIsGivenUp() throws {
        var line = line()
        var message = OutboxDesk.Message(id: 1, state: .unsent, claimedAt: Self.now - .minutes(1))
        message.isPlain = true
        let sending = try sending(line.next(Self.desk([Self.incident("h")], [message]), at: Self.now))
        #expect(sending.isPlain && !sending.content.title.contains("h-h"))
        #expect(line.ended(sending, .rejected("400"), nil, at: Self.now) == .dropped)
    }

    /// Who refuses one message after the other refuses all of them: two are given up, the next ones wait, and others are told.
    @Test func whatRefusesEverythingIsTrouble() throws {
        var line = line()
        var message = OutboxDesk.Message(id: 1, state: .unsent, claimedAt: Self.now - .minutes(1))
        message.isPlain = true
        let desk = Self.desk([Self.incident("h")], [message])
        var now = Self.now
        var ends: [SendingEnd] = []
        for _ in 1...5 {
            var move = line.next(desk, at: now)
            if case .wait(let until) = move {
                now = until
                move = line.next(desk, at: now)
            }
            ends.append(line.ended(try sending(move), .rejected("50035"), nil, at: now))
            #expect((line.trouble != nil) == (ends.count >= OutboxLine.failuresUntilTold))
        }
        let held = SendingEnd.again(mayBeShown: false)
        #expect(ends == [.dropped, .dropped, held, held, held] && now >= Self.now + .seconds(3))
        #expect(line.trouble == "it refuses one message after the other, whatever they say: 50035" && line.isHeard)
        // Nor does another tenure give up what is kept; how the webhook is, it asks anew.
        line.forget()
        #expect(line.trouble == nil && !line.isHeard)
        now = now + SinkPace.longestBackoff
        #expect(line.ended(try sending(line.next(desk, at: now)), .rejected("50035"), nil, at: now) == held)
        #expect(line.trouble != nil)
        now = now + SinkPace.longestBackoff
        _ = line.ended(try sending(line.next(desk, at: now)), .accepted("1"), nil, at: now)
        #expect(line.trouble == nil)
        let last = try sending(line.next(desk, at: now))
        #expect(line.ended(last, .rejected("50035"), nil, at: now) == .dropped)
    }

    /// What is said in between, and is not taken, makes nothing well.
    @Test(arguments: [SinkAnswer.rejected("50035"), .editLimited, .notSent("405")])
    func limitsAreCountedOverOtherRefusals(_ between: SinkAnswer) throws {
        var line = line()
        let desk = Self.desk([Self.incident("a")])
        var now = Self.now
        for answer in [SinkAnswer.limited(.minutes(5), isGlobal: false), between] + [
            .limited(.minutes(5), isGlobal: false), .limited(.minutes(5), isGlobal: false),
        ] {
            #expect(line.trouble == nil)
            var move = line.next(desk, at: now)
            if case .wait(let until) = move {
                now = until
                move = line.next(desk, at: now)
            }
            _ = line.ended(try sending(move), answer, nil, at: now)
        }
        #expect(line.trouble?.hasPrefix("it answers 429: 3 times") == true)
    }

    /// In a thread that is archived nothing can be edited; another message opens it again.
    @Test func whatIsShownInAClosedThreadIsFollowedByAnother() throws {
        var line = line()
        let desk = Self.desk([Self.incident("a", .over)], [Self.sent()])
        let edit = try sending(line.next(desk, at: Self.now))
        #expect(edit.edits == "77")
        #expect(line.ended(edit, .threadClosed("50083"), nil, at: Self.now) == .frozen && line.trouble == nil)
        var frozen = Self.sent()
        frozen.isFrozen = true
        let posted = try sending(line.next(Self.desk([Self.incident("a", .over)], [frozen]), at: Self.now))
        #expect(posted.edits == nil)
    }

    @Test func limitsAreCountedBeforeTheyAreMet() throws {
        var line = line()
        var now = Self.now
        var sent: [Timestamp] = []
        while now < Self.now + .minutes(5) {
            switch line.next(Self.desk([Self.incident("a")]), at: now) {
            case .send(let sending):
                sent.append(now)
                _ = line.ended(sending, .accepted("1"), nil, at: now)
            case .wait(let until): now = until
            case .rest, .settle:
                Issue.record("it rests")
                return
            }
        }
        for (index, moment) in sent.enumerated() {
            #expect(sent[index...].count { $0 < moment + .seconds(2) } <= 5)
            #expect(sent[index...].count { $0 < moment + .seconds(60) } <= 30)
        }
        #expect(sent.count == 150)
    }

    @Test func whatTheHeadersSayIsHeard() throws {
        var line = line()
        let desk = Self.desk([Self.incident("a")])
        let sending = try sending(line.next(desk, at: Self.now))
        _ = line.ended(
            sending, .accepted("1"), SinkAllowance(remaining: 0, resetAfter: .milliseconds(1500)), at: Self.now)
        #expect(line.next(desk, at: Self.now) == .wait(until: Self.now + .milliseconds(1500)))
    }

    /// Whoever claimed it may be sending it at this moment.
    @Test func aRequestThatWasBegunIsWaitedForAndThenRepeatedWithANote() throws {
        var line = line()
        var message = OutboxDesk.Message(id: 4, state: .sending, claimedAt: Self.now - .seconds(5))
        let incidents = [Self.incident("a"), Self.incident("b")]
        #expect(line.next(Self.desk(incidents, [message]), at: Self.now) == .wait(until: Self.now + .seconds(15)))
        message.claimedAt = Self.now - .seconds(21)
        let sending = try sending(line.next(Self.desk(incidents, [message]), at: Self.now))
        #expect(sending.message == 4 && sending.edits == nil && sending.mayRepeat && sending.told.count == 2)
        #expect(sending.content.description.contains(Words.repeated))
    }

    @Test func aRequestThatNeverReachedAnybodyIsNoRepeat() throws {
        var line = line()
        let message = OutboxDesk.Message(id: 4, state: .unsent, claimedAt: Self.now - .seconds(1))
        let sending = try sending(line.next(Self.desk([Self.incident("a")], [message]), at: Self.now))
        #expect(!sending.mayRepeat && !sending.content.description.contains(Words.repeated))
    }

    @Test func anEditThatWouldChangeNothingIsNotSent() throws {
        var line = line()
        let incident = Self.incident("a")
        let edit = try sending(line.next(Self.desk([incident], [Self.sent()]), at: Self.now))
        #expect(edit.edits == "77" && edit.shows == "old")
        #expect(line.ended(edit, .editLimited, nil, at: Self.now) == .frozen)
        #expect(line.ended(edit, .messageGone, nil, at: Self.now) == .gone)
        var same = Self.sent()
        same.digest = edit.content.digest
        #expect(line.next(Self.desk([incident], [same]), at: Self.now) == .settle([Told(incident, called: [])]))
    }

    @Test func oldAndFrozenMessagesAreNotEdited() throws {
        var frozen = Self.sent()
        frozen.isFrozen = true
        for message in [Self.sent(age: .minutes(56)), frozen] {
            var line = line()
            // The same stage is no news; another one is a new message.
            let same = Self.incident("a")
            #expect(line.next(Self.desk([same], [message]), at: Self.now) == .settle([Told(same, called: [])]))
            // What joined it or was repaired in it is news.
            for (drifts, repaired) in [(1, 0), (0, 1)] {
                var desk = Self.desk([same], [message])
                desk.rows[0].incident.drifts += drifts
                desk.rows[0].incident.repaired += repaired
                let sending = try sending(line.next(desk, at: Self.now))
                #expect(sending.edits == nil && sending.message == nil)
            }
            let over = Self.incident("a", .over)
            let sending = try sending(line.next(Self.desk([over], [message]), at: Self.now))
            #expect(sending.edits == nil && sending.message == nil)
        }
    }

    /// The command that answers a plan names the plan: an old message would go on naming one that is none any more.
    @Test(arguments: [(Incident.Topic.approval, true), (.brake, true), (.plane, false)])
    func anOldMessageNamesNoOldPlan(_ topic: Incident.Topic, _ isPosted: Bool) throws {
        var incident = Incident(id: "c", topic: topic, level: .disruptive, openedAt: Self.now - .minutes(90))
        (incident.subject, incident.version) = ("sha256:2", 2)
        var desk = Self.desk([incident], [Self.sent(age: .minutes(90))])
        desk.rows[0].toldStage = incident.stage
        var line = line()
        let move = line.next(desk, at: Self.now)
        guard isPosted else {
            #expect(move == .settle([Told(incident, called: [])]))
            return
        }
        let sending = try sending(move)
        #expect(sending.edits == nil && sending.content.description.contains("zlh-controller approve sha256:2"))
    }

    /// A budget was over, and an edit said so; then it was used up again, and the answer to that edit was lost before Discord took no
    /// more edits of the message. It says that for good, so its end is a message of its own.
    @Test func whatALostEditMayHaveShownIsSetRightByAnotherMessage() throws {
        var talk = try Talk()
        try talk.send(holds: false, .shown(discordID: "77"))
        try talk.send(holds: true, .again(mayBeShown: true))
        try talk.send(holds: true, .frozen)
        let last = try talk.send(holds: false, .shown(discordID: "78"))
        #expect(last.message == nil && last.edits == nil && last.content.title.hasPrefix("Over: "))
        let next = talk.move(holds: false)
        #expect(next == .rest)
    }

    /// What was refused has changed nothing: that the incident stands as it was told last is no news.
    @Test(arguments: [SendingEnd.frozen, .againPlain])
    func anEditThatWasRefusedLeavesWhatIsShown(end: SendingEnd) throws {
        var talk = try Talk()
        try talk.send(holds: false, .shown(discordID: "77"))
        let refused = try talk.send(holds: true, end)
        let message = try #require(talk.message)
        #expect(refused.shows != nil && message.digest == refused.shows)
        #expect(message.isFrozen == (end == .frozen) && message.isPlain == (end == .againPlain))
        talk.now = talk.now + .minutes(56)
        guard case .settle = talk.move(holds: false) else {
            Issue.record("it is told twice")
            return
        }
    }

    /// A budget that is used up, or not, for which nobody is needed, and a webhook that has been told the first time.
    private struct Talk {
        var book = OutboxBook()
        var line = OutboxLine(.init(id: "test-1", isDryRun: false))
        var now = Fleet.now

        init() throws {
            try send(holds: true, .shown(discordID: "77"))
        }

        var message: OutboxDesk.Message? { book.message(1) }

        mutating func move(holds: Bool) -> OutboxLine.Move {
            let spent = Condition(
                group: "budget", topic: .budget, subject: "budget", text: "30 in a minute", level: .automatic,
                webhooks: ["alerts"])
            book.note(holds ? [spent] : [], undecided: [], at: now)
            return line.next(book.desk(of: "alerts", at: now), at: now)
        }

        @discardableResult
        mutating func send(holds: Bool, _ end: SendingEnd) throws -> Sending {
            now = now + .minutes(1)
            let move = move(holds: holds)
            let sending = try #require({ if case .send(let sending) = move { sending } else { nil } }(), "\(move)")
            let claimed = book.claim(sending, webhook: "alerts", at: now)
            let claim = try #require(claimed)
            book.record(end, of: sending, claim, at: now)
            return sending
        }
    }

    @Test func theMostUrgentGoesFirstAndManyGoTogether() throws {
        var line = line()
        let few = [Self.incident("a"), Self.incident("b", .needsYou), Self.incident("c")]
        #expect(try sending(line.next(Self.desk(few), at: Self.now)).told.map(\.incident) == ["b"])
        let many = (0..<6).map { Self.incident("\($0)") }
        let digest = try sending(line.next(Self.desk(many), at: Self.now))
        #expect(digest.told.count == 6 && digest.content.title == "6 incidents at once")
        #expect(digest.content.isSilent)
    }
}
