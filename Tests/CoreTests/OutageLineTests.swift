import Core
import TestSupport
import Testing

/// That the database is gone, and that it is back, by a webhook's line.
@Suite("The outbox's line, without a database")
struct OutageLineTests {
    private static func outage(_ number: Int, over: Bool = false) -> OutageNotice {
        let failure = ReadFailure(.refused, "refused", at: Lines.now)
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
        return try Lines.sending(try #require(move))
    }

    private func move(_ line: inout OutboxLine, _ notice: OutageNotice, at now: Timestamp) -> OutboxLine.Move? {
        line.next(notice, at: now)
    }

    /// Said once and edited when it is over; after a wait that Discord asks for, again; by the pace of all else.
    @Test func anOutageIsSaidOnceByTheSamePace() throws {
        var line = Lines.line()
        for _ in 0..<5 { _ = line.next(Lines.desk([Lines.incident("a")]), at: Lines.now) }
        Lines.expect(move(&line, Self.outage(1), at: Lines.now), .wait(until: Lines.now + .seconds(2)))
        var now = Lines.now + .seconds(2)
        let first = try sending(&line, Self.outage(1), at: now)
        #expect(first.edits == nil && first.content.title == "The database is gone")
        line.ended(first, of: Self.outage(1), .limited(.seconds(40), isGlobal: false), nil, at: now)
        Lines.expect(move(&line, Self.outage(1), at: now), .wait(until: now + .seconds(40)))
        now = now + .seconds(40)
        let second = try sending(&line, Self.outage(1), at: now)
        line.ended(second, of: Self.outage(1), .accepted("5"), nil, at: now)
        Lines.expect(move(&line, Self.outage(1), at: now), nil)
        let edit = try sending(&line, Self.outage(1, over: true), at: now)
        #expect(edit.edits == "5" && edit.content.title == "The database is back")
        line.ended(edit, of: Self.outage(1, over: true), .accepted("5"), nil, at: now)
        Lines.expect(move(&line, Self.outage(1, over: true), at: now), nil)
        let next = try sending(&line, Self.outage(2), at: now)
        #expect(next.edits == nil)
    }

    /// The names in it are somebody else's: a filter that dislikes them does not keep it from being said.
    @Test func anOutageThatIsRefusedIsSaidInOurOwnWords() throws {
        var line = Lines.line()
        let first = try sending(&line, Self.outage(1), at: Lines.now)
        #expect(!first.isPlain && first.content.description.contains("refused"))
        line.ended(first, of: Self.outage(1), .rejected("240000"), nil, at: Lines.now)
        let second = try sending(&line, Self.outage(1), at: Lines.now)
        #expect(
            second.isPlain && second.content.footer == "test-1" && second.content.title == first.content.title)
        #expect(!second.content.description.contains("`refused`"))
        line.ended(second, of: Self.outage(1), .accepted("5"), nil, at: Lines.now)
        Lines.expect(move(&line, Self.outage(1), at: Lines.now), nil)
        let edit = try sending(&line, Self.outage(1, over: true), at: Lines.now)
        #expect(edit.edits == "5" && edit.content.title == "The database is back")
    }

    /// Where nobody knows whether it is shown, or what is shown cannot be edited, another message says that it is over.
    @Test(arguments: [SinkAnswer.editLimited, .messageGone, nil])
    func thatItIsOverIsSaidInAnyCase(_ edit: SinkAnswer?) throws {
        var line = Lines.line()
        let sent = try sending(&line, Self.outage(1), at: Lines.now)
        line.ended(sent, of: Self.outage(1), edit == nil ? .unsure("timeout") : .accepted("5"), nil, at: Lines.now)
        var later = Lines.now + .minutes(90)
        Lines.expect(move(&line, Self.outage(1), at: later), nil)
        if let edit {
            let tried = try sending(&line, Self.outage(1, over: true), at: later)
            #expect(tried.edits == "5")
            line.ended(tried, of: Self.outage(1, over: true), edit, nil, at: later)
            later = later + .minutes(10)
        }
        let posted = try sending(&line, Self.outage(1, over: true), at: later)
        #expect(posted.edits == nil && posted.content.title == "The database is back")
        line.ended(posted, of: Self.outage(1, over: true), .accepted("6"), nil, at: later)
        Lines.expect(move(&line, Self.outage(1, over: true), at: later), nil)
    }

    /// Who never heard that it is gone does not hear that it is back.
    @Test(arguments: [SinkAnswer.rejected("400"), .gone("404")])
    func anOutageIsNotRepeated(_ answer: SinkAnswer) throws {
        var line = Lines.line()
        // Refused for what it says it is said once more, in our own words.
        for _ in 1...(answer == .gone("404") ? 1 : 2) {
            let sent = try sending(&line, Self.outage(1), at: Lines.now)
            line.ended(sent, of: Self.outage(1), answer, nil, at: Lines.now)
        }
        let later = Lines.now + .minutes(10)
        Lines.expect(move(&line, Self.outage(1), at: later), nil)
        Lines.expect(move(&line, Self.outage(1, over: true), at: later), nil)
    }
}
