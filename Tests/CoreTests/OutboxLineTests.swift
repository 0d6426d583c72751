import Core
import TestSupport
import Testing

/// What a webhook's line does next, and what it makes of each answer.
@Suite("The outbox's line")
struct OutboxLineTests {
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
        var line = Lines.line()
        let desk = Lines.desk([Lines.incident("a")])
        let sending = try Lines.sending(line.next(desk, at: Lines.now))
        #expect(line.ended(sending, answer, nil, at: Lines.now) == end)
        let next = line.next(desk, at: Lines.now)
        if !lives {
            #expect(next == .rest && line.trouble != nil)
        } else if wait > .seconds(0) {
            #expect(next == .wait(until: Lines.now + wait))
            #expect(try Lines.sending(line.next(desk, at: Lines.now + wait)) == sending)
        } else {
            #expect(try Lines.sending(next) == sending)
        }
    }

    @Test func failuresWaitLongerAndAreTold() throws {
        var line = Lines.line()
        let desk = Lines.desk([Lines.incident("a")])
        var now = Lines.now
        var waits: [Int64] = []
        for number in 1...12 {
            let sending = try Lines.sending(line.next(desk, at: now))
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
        let sending = try Lines.sending(line.next(desk, at: now))
        _ = line.ended(sending, .accepted("1"), nil, at: now)
        #expect(line.trouble == nil)
    }

    /// Whoever says to wait again and again, or for long, takes nothing as well.
    @Test(arguments: [(Span.seconds(2), 3), (.minutes(5), 3), (.minutes(38), 1)])
    func limitsWithoutEndAreTold(_ span: Span, _ most: Int) throws {
        var line = Lines.line()
        let desk = Lines.desk([Lines.incident("a")])
        var now = Lines.now
        for number in 1...most {
            #expect(line.trouble == nil, "after \(number - 1)")
            let sending = try Lines.sending(line.next(desk, at: now))
            _ = line.ended(sending, .limited(span, isGlobal: false), nil, at: now)
            now = now + span
        }
        #expect(line.trouble?.hasPrefix("it answers 429: \(most) times") == true && line.isHeard)
        let sending = try Lines.sending(line.next(desk, at: now))
        _ = line.ended(sending, .accepted("1"), nil, at: now)
        #expect(line.trouble == nil)
    }

    @Test func whatIsRefusedTwiceIsGivenUp() throws {
        var line = Lines.line()
        var message = OutboxDesk.Message(id: 1, state: .unsent, claimedAt: Lines.now - .minutes(1))
        message.isPlain = true
        let sending = try Lines.sending(line.next(Lines.desk([Lines.incident("h")], [message]), at: Lines.now))
        #expect(sending.isPlain && !sending.content.title.contains("h-h"))
        #expect(line.ended(sending, .rejected("400"), nil, at: Lines.now) == .dropped)
    }

    /// Who refuses one message after the other refuses all of them: two are given up, the next ones wait, and others are told.
    @Test func whatRefusesEverythingIsTrouble() throws {
        var line = Lines.line()
        var message = OutboxDesk.Message(id: 1, state: .unsent, claimedAt: Lines.now - .minutes(1))
        message.isPlain = true
        let desk = Lines.desk([Lines.incident("h")], [message])
        var now = Lines.now
        var ends: [SendingEnd] = []
        for _ in 1...5 {
            var move = line.next(desk, at: now)
            if case .wait(let until) = move {
                now = until
                move = line.next(desk, at: now)
            }
            ends.append(line.ended(try Lines.sending(move), .rejected("50035"), nil, at: now))
            #expect((line.trouble != nil) == (ends.count >= OutboxLine.failuresUntilTold))
        }
        let held = SendingEnd.again(mayBeShown: false)
        #expect(ends == [.dropped, .dropped, held, held, held] && now >= Lines.now + .seconds(3))
        #expect(
            line.trouble == "it refuses one message after the other, whatever they say: 50035" && line.isHeard)
        // Nor does another tenure give up what is kept; how the webhook is, it asks anew.
        line.forget()
        #expect(line.trouble == nil && !line.isHeard)
        now = now + SinkPace.longestBackoff
        #expect(line.ended(try Lines.sending(line.next(desk, at: now)), .rejected("50035"), nil, at: now) == held)
        #expect(line.trouble != nil)
        now = now + SinkPace.longestBackoff
        _ = line.ended(try Lines.sending(line.next(desk, at: now)), .accepted("1"), nil, at: now)
        #expect(line.trouble == nil)
        let last = try Lines.sending(line.next(desk, at: now))
        #expect(line.ended(last, .rejected("50035"), nil, at: now) == .dropped)
    }

    /// What is said in between, and is not taken, makes nothing well.
    @Test(arguments: [SinkAnswer.rejected("50035"), .editLimited, .notSent("405")])
    func limitsAreCountedOverOtherRefusals(_ between: SinkAnswer) throws {
        var line = Lines.line()
        let desk = Lines.desk([Lines.incident("a")])
        var now = Lines.now
        for answer in [SinkAnswer.limited(.minutes(5), isGlobal: false), between] + [
            .limited(.minutes(5), isGlobal: false), .limited(.minutes(5), isGlobal: false),
        ] {
            #expect(line.trouble == nil)
            var move = line.next(desk, at: now)
            if case .wait(let until) = move {
                now = until
                move = line.next(desk, at: now)
            }
            _ = line.ended(try Lines.sending(move), answer, nil, at: now)
        }
        #expect(line.trouble?.hasPrefix("it answers 429: 3 times") == true)
    }

    /// In a thread that is archived nothing can be edited; another message opens it again.
    @Test func whatIsShownInAClosedThreadIsFollowedByAnother() throws {
        var line = Lines.line()
        let desk = Lines.desk([Lines.incident("a", .over)], [Lines.sent()])
        let edit = try Lines.sending(line.next(desk, at: Lines.now))
        #expect(edit.edits == "77")
        #expect(line.ended(edit, .threadClosed("50083"), nil, at: Lines.now) == .frozen && line.trouble == nil)
        var frozen = Lines.sent()
        frozen.isFrozen = true
        let posted = try Lines.sending(line.next(Lines.desk([Lines.incident("a", .over)], [frozen]), at: Lines.now))
        #expect(posted.edits == nil)
    }

    @Test func limitsAreCountedBeforeTheyAreMet() throws {
        var line = Lines.line()
        var now = Lines.now
        var sent: [Timestamp] = []
        while now < Lines.now + .minutes(5) {
            switch line.next(Lines.desk([Lines.incident("a")]), at: now) {
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
        var line = Lines.line()
        let desk = Lines.desk([Lines.incident("a")])
        let sending = try Lines.sending(line.next(desk, at: Lines.now))
        _ = line.ended(
            sending, .accepted("1"), SinkAllowance(remaining: 0, resetAfter: .milliseconds(1500)), at: Lines.now)
        #expect(line.next(desk, at: Lines.now) == .wait(until: Lines.now + .milliseconds(1500)))
    }

    /// Whoever claimed it may be sending it at this moment.
    @Test func aRequestThatWasBegunIsWaitedForAndThenRepeatedWithANote() throws {
        var line = Lines.line()
        var message = OutboxDesk.Message(id: 4, state: .sending, claimedAt: Lines.now - .seconds(5))
        let incidents = [Lines.incident("a"), Lines.incident("b")]
        #expect(
            line.next(Lines.desk(incidents, [message]), at: Lines.now) == .wait(until: Lines.now + .seconds(15)))
        message.claimedAt = Lines.now - .seconds(21)
        let sending = try Lines.sending(line.next(Lines.desk(incidents, [message]), at: Lines.now))
        #expect(sending.message == 4 && sending.edits == nil && sending.mayRepeat && sending.told.count == 2)
        #expect(sending.content.description.contains(Words.repeated))
    }

    @Test func aRequestThatNeverReachedAnybodyIsNoRepeat() throws {
        var line = Lines.line()
        let message = OutboxDesk.Message(id: 4, state: .unsent, claimedAt: Lines.now - .seconds(1))
        let sending = try Lines.sending(line.next(Lines.desk([Lines.incident("a")], [message]), at: Lines.now))
        #expect(!sending.mayRepeat && !sending.content.description.contains(Words.repeated))
    }

    @Test func anEditThatWouldChangeNothingIsNotSent() throws {
        var line = Lines.line()
        let incident = Lines.incident("a")
        let edit = try Lines.sending(line.next(Lines.desk([incident], [Lines.sent()]), at: Lines.now))
        #expect(edit.edits == "77" && edit.shows == "old")
        #expect(line.ended(edit, .editLimited, nil, at: Lines.now) == .frozen)
        #expect(line.ended(edit, .messageGone, nil, at: Lines.now) == .gone)
        var same = Lines.sent()
        same.digest = edit.content.digest
        #expect(line.next(Lines.desk([incident], [same]), at: Lines.now) == .settle([Told(incident, called: [])]))
    }

    @Test func oldAndFrozenMessagesAreNotEdited() throws {
        var frozen = Lines.sent()
        frozen.isFrozen = true
        for message in [Lines.sent(age: .minutes(56)), frozen] {
            var line = Lines.line()
            // The same stage is no news; another one is a new message.
            let same = Lines.incident("a")
            #expect(line.next(Lines.desk([same], [message]), at: Lines.now) == .settle([Told(same, called: [])]))
            // What joined it or was repaired in it is news.
            for (drifts, repaired) in [(1, 0), (0, 1)] {
                var desk = Lines.desk([same], [message])
                desk.rows[0].incident.drifts += drifts
                desk.rows[0].incident.repaired += repaired
                let sending = try Lines.sending(line.next(desk, at: Lines.now))
                #expect(sending.edits == nil && sending.message == nil)
            }
            let over = Lines.incident("a", .over)
            let sending = try Lines.sending(line.next(Lines.desk([over], [message]), at: Lines.now))
            #expect(sending.edits == nil && sending.message == nil)
        }
    }

    /// The command that answers a plan names the plan: an old message would go on naming one that is none any more.
    @Test(arguments: [(Incident.Topic.approval, true), (.brake, true), (.plane, false)])
    func anOldMessageNamesNoOldPlan(_ topic: Incident.Topic, _ isPosted: Bool) throws {
        var incident = Incident(id: "c", topic: topic, level: .disruptive, openedAt: Lines.now - .minutes(90))
        (incident.subject, incident.version) = ("sha256:2", 2)
        var desk = Lines.desk([incident], [Lines.sent(age: .minutes(90))])
        desk.rows[0].toldStage = incident.stage
        var line = Lines.line()
        let move = line.next(desk, at: Lines.now)
        guard isPosted else {
            #expect(move == .settle([Told(incident, called: [])]))
            return
        }
        let sending = try Lines.sending(move)
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
        var line = Lines.line()
        let few = [Lines.incident("a"), Lines.incident("b", .needsYou), Lines.incident("c")]
        #expect(try Lines.sending(line.next(Lines.desk(few), at: Lines.now)).told.map(\.incident) == ["b"])
        let many = (0..<6).map { Lines.incident("\($0)") }
        let digest = try Lines.sending(line.next(Lines.desk(many), at: Lines.now))
        #expect(digest.told.count == 6 && digest.content.title == "6 incidents at once")
        #expect(digest.content.isSilent)
    }
}
