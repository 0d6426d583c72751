import Core
import TestSupport
import Testing

/// A message names what it is about, also where that is no server.
@Suite struct NamedMessagesTests {
    private static let notify = [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")]

    private static func messages(_ fleet: Fleet) -> [ChatMessage] {
        guard let report = fleet.audit() else { return [] }
        return OutboxBook.preview(report, notify, teller: .init(id: "test-1", isDryRun: false)).map(\.message)
    }

    private static func late() -> Fleet {
        var fleet = Fleet(2)
        fleet.observeQueues()
        fleet.queues.waiting = [.init(id: "1", createdAt: Fleet.now - .minutes(60))]
        return fleet
    }

    @Test func aQueue() throws {
        let message = try #require(Self.messages(Self.late()).first)
        #expect(message.title == "For your information: queue provisioning: jobs wait too long")
        #expect(
            message.description.contains(
                "• jobs wait too long: `queue provisioning: at least one job has waited longer"))
    }

    /// Also when it is over, and nothing of it is open any more.
    @Test func aQueueWhoseDriftHasEnded() throws {
        var told = IncidentTests.Told()
        told.round(Self.late())
        told.round(Fleet(2))
        var over = Self.late()
        over.queues.waiting = []
        told.round(over)
        #expect(told.shown.count == 1)
        #expect(told.shown.first?.message.title == "Over: queue provisioning: jobs wait too long")
    }

    @Test func anAddressThatTwoClaim() throws {
        var fleet = Fleet(2)
        let address = try #require(fleet.instances[0].address)
        fleet.instances[1].address = address
        let message = try #require(Self.messages(fleet).first)
        #expect(message.title == "Needs you: address \(address): \(Words.title(.allocationDuplicateIP))")
        let report = try #require(fleet.audit())
        for text in [ReportText.encode(report, usesColor: false), ReportMarkdown.encode(report)] {
            #expect(text.contains("address") && text.contains(address))
        }
        #expect(String(decoding: ReportJSON.encode(report), as: UTF8.self).contains(#""address""#))
    }

    @Test func whatIsForeignIsEscaped() throws {
        var incident = Incident(id: "x", topic: .drifts, level: .report, openedAt: Fleet.now)
        (incident.kinds, incident.drifts) = ([.queueBacklog], 1)
        incident.tallies = [.init(kind: .queueBacklog, verdict: .report, reason: .observeOnly, count: 1)]
        incident.subject = "queue *a* @everyone `b`\u{1b}[31m" + String(repeating: "x", count: 500)
        let title = IncidentMessage(.init(id: "t", isDryRun: false)).message([incident]).title
        #expect(title.contains("queue \\*a\\* @\u{200b}everyone 'b'\\\\u{1b}") && title.unicodeScalars.count <= 256)
        let plain = IncidentMessage(.init(id: "t", isDryRun: false), isPlain: true).message([incident]).title
        #expect(plain == "For your information: 1 drift: jobs wait too long")
    }

    /// Many are told by their kind and have no one name.
    @Test func manyHaveNoName() throws {
        var book = OutboxBook()
        let drifts = ["a", "b"].map { name -> OpenDrift in
            var drift = OpenDrift(
                id: name, kind: .queueBacklog, vmid: nil, externalID: nil, hostname: nil, level: .report, action: nil,
                verdict: .report, reason: .observeOnly, since: Fleet.now)
            (drift.incident, drift.webhooks, drift.about) = ("i", ["alerts"], "queue \(name)")
            return drift
        }
        book.note(drifts.map { JournalEntry(.opened, $0) }, at: Fleet.now)
        #expect(book.incidents["i"]?.subject == nil)
    }
}
