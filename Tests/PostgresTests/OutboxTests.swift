import Core
import Postgres
import TestSupport
import Testing

/// The outbox on a real server, under the role that the daemon has.
@Suite struct OutboxTests {
    private struct Scene {
        var database: Database
        var connection: PostgresConnection
        var lease: Lease
        var journal: JournalStore { JournalStore(connection) }
        var outbox: OutboxStore { OutboxStore(connection) }

        func write(_ entries: [JournalEntry]) async throws -> Bool {
            try await journal.write(entries, lease: lease, cycle: 1, timeout: Database.patience)
        }

        func desk(_ webhook: String = "alerts") async throws -> OutboxDesk {
            try await outbox.desk(of: webhook, timeout: Database.patience)
        }

        func claim(_ sending: Sending) async throws -> OutboxStore.Claim? {
            try await outbox.claim(sending, webhook: "alerts", lease: lease, timeout: Database.patience)
        }

        func record(_ end: SendingEnd, _ sending: Sending, _ claim: OutboxStore.Claim) async throws {
            try await outbox.record(end, of: sending, claim, webhook: "alerts", timeout: Database.patience)
        }
    }

    private func scene() async throws -> Scene {
        let database = try await Database.migrated()
        try database.run(
            "update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null"
        )
        return Scene(
            database: database, connection: try database.connection("zlh_run"),
            lease: Lease(epoch: 3, holder: try #require(HolderID(Database.holder))))
    }

    private static func drift(
        _ number: Int, incident: String? = "aaaaaaaaaaaa-1", webhooks: [String] = ["alerts"],
        kind: DriftKind = .publicAMissing
    ) -> OpenDrift {
        var drift = OpenDrift(
            id: "drift\(number)", kind: kind, vmid: VMID(5000 + number), externalID: nil, hostname: "mc-\(number)",
            level: kind.level, action: kind.action, verdict: .repair, reason: .policyMatched,
            since: Timestamp(seconds: 1_767_225_600))
        (drift.incident, drift.webhooks) = (incident, webhooks)
        return drift
    }

    private static func sending(_ desk: OutboxDesk) throws -> Sending {
        var line = OutboxLine(.init(id: "t", isDryRun: false))
        let move = line.next(desk, at: desk.readAt)
        return try #require({ if case .send(let sending) = move { sending } else { nil } }())
    }

    @Test func whatIsToldIsWrittenWithWhatHappened() async throws {
        let scene = try await scene()
        var drifts = [Self.drift(1), Self.drift(2, kind: .publicSRVMissing), Self.drift(3, incident: nil)]
        #expect(try await scene.write(drifts.map { JournalEntry(.opened, $0, detail: "seen \u{1b}[31m") }))
        var desk = try await scene.desk()
        let incident = try #require(desk.rows.first?.incident)
        #expect(desk.rows.count == 1 && desk.pending == 1)
        #expect(incident.kinds == [.publicAMissing, .publicSRVMissing] && incident.drifts == 2)
        #expect(incident.vmid == nil && incident.openDrifts == 2 && incident.stage == .repairing)
        #expect(incident.examples.map(\.hostname) == ["mc-1", "mc-2"])
        #expect(incident.examples.allSatisfy { $0.detail?.contains("\u{1b}") == false })
        #expect(try await scene.desk("other").rows.isEmpty)
        (drifts[0].verdict, drifts[0].reason) = (.held, .quarantined)
        #expect(try await scene.write([JournalEntry(.quarantined, drifts[0], detail: "tried")]))
        desk = try await scene.desk()
        #expect(desk.rows.first?.incident.stage == .quarantined)
        #expect(try await scene.write(drifts.map { JournalEntry(.closed, $0) }))
        desk = try await scene.desk()
        #expect(desk.rows.first?.incident.stage == .over && desk.rows.first?.incident.closedAt != nil)
        // The same thing again, within the hour.
        #expect(try await scene.write([JournalEntry(.opened, drifts[1])]))
        desk = try await scene.desk()
        #expect(desk.rows.count == 1 && desk.rows.first?.incident.times == 2)
        #expect(desk.rows.first?.incident.closedAt == nil)
    }

    /// What whoever tells it would carry out is theirs to know: no column has it, and another configuration reads it otherwise.
    @Test func whatIsOnlyWatchedIsCountedApart() async throws {
        let scene = try await scene()
        var drifts = [Self.drift(1), Self.drift(2), Self.drift(3, kind: .publicSRVMissing)]
        (drifts[1].verdict, drifts[1].reason) = (.held, .massChange)
        #expect(try await scene.write(drifts.map { JournalEntry(.opened, $0, detail: "seen") }))
        func incident(_ duty: Duty) async throws -> Incident {
            let desk = try await scene.outbox.desk(of: "alerts", duty: duty, timeout: Database.patience)
            return try #require(desk.rows.first?.incident)
        }
        var duty = Duty.everywhere
        #expect(try await incident(duty).stage == .braked)
        #expect(try await incident(duty).tallies.allSatisfy { $0.omission == nil })
        (duty.kinds, duty.vmids) = ([KindPattern("dns.public.a_*")], [5001...5001, 7000...8000])
        #expect(try await incident(duty).tallies.map(\.omission) == [.vmids, nil, .kinds])
        #expect(try await incident(duty).stage == .repairing)
        (duty.kinds, duty.vmids) = ([], nil)
        #expect(try await incident(duty).tallies.allSatisfy { $0.omission == .kinds })
        duty.mode = .dryRun
        #expect(try await incident(duty).tallies.allSatisfy { $0.omission == .dryRun })
        #expect(try await incident(duty).stage == .repairing)
    }

    /// What failed in its last life is no news of this one.
    @Test func anIncidentThatOpensAgainForgetsWhatFailedBefore() async throws {
        let scene = try await scene()
        #expect(try await scene.write([JournalEntry(.opened, Self.drift(1), detail: "seen")]))
        try scene.database.run(
            "update controller.incident set attempts = 2, repaired = 1, trouble = 'in vain', did = 'edge_republish'")
        #expect(try await scene.write([JournalEntry(.opened, Self.drift(2), detail: "seen")]))
        var incident = try #require(try await scene.desk().rows.first?.incident)
        #expect(incident.attempts == 2 && incident.trouble == "in vain" && incident.did == .edgeRepublish)
        #expect(try await scene.write([1, 2].map { JournalEntry(.closed, Self.drift($0)) }))
        incident = try #require(try await scene.desk().rows.first?.incident)
        #expect(incident.closedAt != nil && incident.trouble == "in vain" && incident.did == .edgeRepublish)
        #expect(try await scene.write([JournalEntry(.opened, Self.drift(1), detail: "seen")]))
        incident = try #require(try await scene.desk().rows.first?.incident)
        #expect(incident.times == 2 && incident.attempts == 0 && incident.repaired == 0)
        #expect(incident.trouble == nil && incident.did == nil)
    }

    @Test func nothingIsToldOfWhatIsNotWritten() async throws {
        let scene = try await scene()
        try scene.database.run("update controller.leadership set closed_at = now()")
        #expect(try await !scene.write([JournalEntry(.opened, Self.drift(1))]))
        #expect(try scene.database.run("select count(*) from controller.incident") == "0")
    }

    @Test func aRequestIsClaimedSentAndWrittenDown() async throws {
        let scene = try await scene()
        #expect(try await scene.write([JournalEntry(.opened, Self.drift(1), detail: "d")]))
        let sending = try Self.sending(try await scene.desk())
        let claim = try #require(try await scene.claim(sending))
        var desk = try await scene.desk()
        #expect(desk.messages[claim.message]?.state == .sending && desk.rows.first?.message == claim.message)
        // Nobody else takes it up meanwhile.
        var again = sending
        again.message = claim.message
        #expect(try await scene.claim(again) == nil)
        try await scene.record(.shown(discordID: "77"), sending, claim)
        desk = try await scene.desk()
        #expect(desk.rows.isEmpty && desk.pending == 0)
        #expect(
            try scene.database.run(
                "select state, discord_id, digest from controller.message")
                == "sent|77|\(sending.content.digest)")
        #expect(
            try scene.database.run("select told_stage, told_at is not null from controller.outbox") == "repairing|t")
        // A change makes it due again, as an edit.
        #expect(try await scene.write([JournalEntry(.closed, Self.drift(1))]))
        let edit = try Self.sending(try await scene.desk())
        #expect(edit.edits == "77" && edit.message == claim.message)
        let second = try #require(try await scene.claim(edit))
        // The end of the first request comes late: it says nothing of the second.
        try await scene.record(.again(mayBeShown: true), sending, claim)
        #expect(try await scene.desk().messages[claim.message]?.state == .sending)
        try await scene.record(.shown(discordID: "77"), edit, second)
        #expect(try await scene.desk().rows.isEmpty)
    }

    @Test func whoDoesNotLeadClaimsNothing() async throws {
        let scene = try await scene()
        #expect(try await scene.write([JournalEntry(.opened, Self.drift(1))]))
        let sending = try Self.sending(try await scene.desk())
        let claim = try #require(try await scene.claim(sending))
        try scene.database.run("update controller.leadership set epoch = 4, holder = gen_random_uuid()")
        #expect(try await scene.claim(sending) == nil)
        // What it knows it still writes down.
        try await scene.record(.shown(discordID: "1"), sending, claim)
        #expect(try scene.database.run("select state from controller.message") == "sent")
    }

    @Test(arguments: [
        (SendingEnd.again(mayBeShown: true), "unsent|t|f|0"), (.again(mayBeShown: false), "unsent|f|f|0"),
        (.againPlain, "unsent|f|t|0"), (.dropped, "|2"),
    ])
    func eachEndLeavesItsMark(end: SendingEnd, state: String) async throws {
        let scene = try await scene()
        #expect(try await scene.write([JournalEntry(.opened, Self.drift(1))]))
        let sending = try Self.sending(try await scene.desk())
        let claim = try #require(try await scene.claim(sending))
        try await scene.record(end, sending, claim)
        #expect(
            try scene.database.run(
                """
                select concat_ws('|', (select concat_ws('|', state, may_repeat, is_plain) from controller.message),
                  case when not exists (select from controller.message) then '' end) || '|' || told_version
                  from controller.outbox
                """) == state)
    }

    @Test func anAttemptIsCountedInTheTransactionThatEndsIt() async throws {
        let scene = try await scene()
        #expect(try await scene.write([JournalEntry(.opened, Self.drift(1, kind: .operationStale))]))
        try scene.database.run(
            """
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, operation_id, attempt, epoch, cycle, policies)
            values ('i', 'drift1', 'operation.stale', 'clear_stale_operation_lock', 'op', 1, 3, 1, 'p')
            """)
        // The operation is not there: whoever leads next ends the attempt by looking.
        let memory = try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
            lease: scene.lease, timeout: Database.patience)
        #expect(memory?.open["drift1"]?.incident == "aaaaaaaaaaaa-1")
        #expect(memory?.incidents.marks["aaaaaaaaaaaa"]?.id == "aaaaaaaaaaaa-1")
        let incident = try #require(try await scene.desk().rows.first?.incident)
        #expect(incident.attempts == 1 && incident.repaired == 0 && incident.trouble?.contains("op") == true)
    }

    /// What was told is remembered by its counts, and a repair ends what it repaired, not what ends by itself weeks later.
    @Test func whatWasRepairedIsToldOfAnIncidentThatStaysOpen() async throws {
        let scene = try await scene()
        let drifts = [Self.drift(1), Self.drift(2)]
        #expect(try await scene.write(drifts.map { JournalEntry(.opened, $0, detail: "d") }))
        let sending = try Self.sending(try await scene.desk())
        let claim = try #require(try await scene.claim(sending))
        try await scene.record(.shown(discordID: "77"), sending, claim)
        let memory = try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
            lease: scene.lease, timeout: Database.patience)
        let mark = try #require(memory?.incidents.marks["aaaaaaaaaaaa"])
        #expect(mark.closedAt == nil && mark.openedAt > Timestamp(seconds: 1_767_225_600))
        try scene.database.run(
            """
            update controller.message set posted_at = now() - interval '2 hours';
            update controller.open_drift set repaired = true where drift_id = 'drift1';
            update controller.incident set repaired = 1, did = 'edge_republish'
            """)
        #expect(try await scene.write([JournalEntry(.closed, drifts[0])]))
        // An old message, and the same stage: that something was repaired is news.
        let second = try Self.sending(try await scene.desk())
        #expect(second.edits == nil && second.content.description.contains("1 repair so far"))
        try await scene.record(.shown(discordID: "78"), second, try #require(try await scene.claim(second)))
        #expect(
            try scene.database.run("select told_drifts || ' ' || told_repaired from controller.outbox") == "2 1")
        #expect(try await scene.write([JournalEntry(.closed, drifts[1])]))
        #expect(try await scene.desk().rows.first?.incident.stage == .over)
    }

    /// Seen to work, undone by another tool, and settled by a person days later.
    @Test func aRepairThatDidNotLastIsNoReasonForTheEnd() async throws {
        let scene = try await scene()
        var drift = Self.drift(1)
        #expect(try await scene.write([JournalEntry(.opened, drift)]))
        try scene.database.run(
            "update controller.open_drift set repaired = true; update controller.incident set repaired = 1")
        (drift.verdict, drift.reason) = (.held, .contested)
        #expect(try await scene.write([JournalEntry(.changed, drift)]))
        #expect(try scene.database.run("select repaired from controller.open_drift") == "f")
        #expect(try await scene.write([JournalEntry(.closed, drift)]))
        #expect(try scene.database.run("select mended from controller.incident") == "f")
    }

    /// In whichever statement and transaction it ends.
    @Test(arguments: [2, 5000]) func whatWasRepairedIsCountedOverTheWholeRound(piece: Int) async throws {
        let scene = try await scene()
        let drifts = (0..<(piece == 2 ? 5 : 1500)).map { Self.drift($0, incident: $0 == 4 ? "b-1" : "aaaaaaaaaaaa-1") }
        let journal = JournalStore(scene.connection, piece: piece)
        func write(_ entries: [JournalEntry]) async throws -> Bool {
            try await journal.write(entries, lease: scene.lease, cycle: 1, timeout: Database.patience)
        }
        #expect(try await write(drifts.map { JournalEntry(.opened, $0) }))
        try scene.database.run("update controller.open_drift set repaired = true where drift_id = 'drift0'")
        #expect(try await write(drifts.map { JournalEntry(.closed, $0) }))
        #expect(
            try scene.database.run("select string_agg(id || ' ' || mended, ', ' order by id) from controller.incident")
                == "aaaaaaaaaaaa-1 true, b-1 false")
    }

    @Test func conditionsOpenChangeAndEnd() async throws {
        let scene = try await scene()
        func condition(_ group: String, _ topic: Incident.Topic, _ subject: String) -> Condition {
            Condition(group: group, topic: topic, subject: subject, text: "t", level: .disruptive, webhooks: ["alerts"])
        }
        func note(_ hold: [Condition], _ undecided: Undecided = []) async throws -> [String] {
            _ = try await scene.outbox.note(hold, undecided: undecided, lease: scene.lease, timeout: Database.patience)
            return try await scene.desk().rows.map {
                "\($0.incident.stage.rawValue) \($0.incident.subject ?? "") \($0.incident.times) \($0.incident.version)"
            }.sorted()
        }
        let plane = condition("plane proxmox", .plane, "proxmox")
        #expect(try await note([plane]) == ["blind proxmox 1 1"])
        #expect(try await note([plane]) == ["blind proxmox 1 1"])
        #expect(try await note([], ["plane proxmox"]) == ["blind proxmox 1 1"])
        #expect(try await note([]) == ["over proxmox 1 2"])
        #expect(try await note([plane]) == ["blind proxmox 2 3"])
        #expect(
            try await note([plane, condition("brake", .brake, "h1")]) == ["blind proxmox 2 3", "braked h1 1 1"])
        #expect(try await note([plane, condition("brake", .brake, "h2")]) == ["blind proxmox 2 3", "braked h2 1 2"])
        let leader = Conditions.leader(
            epoch: 3, by: "host", [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")])
        for _ in 0..<2 {
            #expect(try await scene.outbox.noteLeader(leader, lease: scene.lease, timeout: Database.patience))
        }
        #expect(try scene.database.run("select count(*) from controller.incident where topic = 'leader'") == "1")
        // A store that comes and goes is no flood.
        for epoch in Int64(4)...20 {
            let next = Conditions.leader(
                epoch: epoch, by: "host",
                [Notification(kinds: [KindPattern("*")], minLevel: .report, webhook: "alerts")])
            #expect(try await scene.outbox.noteLeader(next, lease: scene.lease, timeout: Database.patience))
        }
        #expect(
            try scene.database.run(
                """
                select count(*) || ' ' || max(subject) filter (where text like '%4th change within an hour%')
                  from controller.incident where topic = 'leader'
                """) == "4 6")
    }

    @Test(arguments: Incident.Topic.allCases.filter { $0 != .drifts && $0 != .leader })
    func everyTopicOpensAndEnds(_ topic: Incident.Topic) async throws {
        let scene = try await scene()
        let condition = Condition(
            group: "g", topic: topic, subject: "s", text: "t", level: .disruptive, webhooks: ["alerts"])
        for hold in [[condition], []] {
            #expect(
                try await scene.outbox.note(hold, undecided: [], lease: scene.lease, timeout: Database.patience))
            #expect(try await scene.desk().rows.map(\.incident.stage.isOver) == [hold.isEmpty])
            #expect(try await scene.desk().rows.map(\.incident.topic) == [topic])
        }
    }

    /// Under its own address, and no other: a new one is a new webhook.
    @Test func aWebhookThatIsGoneIsRemembered() async throws {
        let scene = try await scene()
        func gone(_ print: String) async throws -> String? {
            try await scene.outbox.gone("alerts", fingerprint: print, timeout: Database.patience)
        }
        #expect(try await gone("one") == nil)
        for (print, why) in [("one", "404"), ("two", "404 again")] {
            try await scene.outbox.noteGone("alerts", fingerprint: print, why: why, timeout: Database.patience)
            #expect(try await gone(print) == why)
        }
        #expect(try await gone("one") == nil)
        #expect(try await scene.outbox.gone("other", fingerprint: "two", timeout: Database.patience) == nil)
    }

    @Test func thousandsOfDriftsAreFewRows() async throws {
        let scene = try await scene()
        let entries = (0..<2500).map {
            JournalEntry(.opened, Self.drift($0, webhooks: ["alerts", "pager"]), detail: "d")
        }
        #expect(try await scene.write(entries))
        let incident = try #require(try await scene.desk().rows.first?.incident)
        #expect(incident.drifts == 2500 && incident.openDrifts == 2500 && incident.examples.count == 8)
        #expect(try scene.database.run("select count(*) from controller.outbox") == "2")
        #expect(try await scene.write(entries.map { JournalEntry(.closed, $0.drift) }))
        #expect(try await scene.desk("pager").rows.first?.incident.stage == .over)
    }

    @Test func whatIsOverAndToldIsDropped() async throws {
        let scene = try await scene()
        #expect(
            try await scene.write([
                JournalEntry(.opened, Self.drift(1)), JournalEntry(.opened, Self.drift(2, incident: "bbbbbbbbbbbb-1")),
            ]))
        #expect(
            try await scene.write([
                JournalEntry(.closed, Self.drift(1)), JournalEntry(.closed, Self.drift(2, incident: "bbbbbbbbbbbb-1")),
            ]))
        try scene.database.run(
            """
            update controller.incident set closed_at = now() - interval '3 days';
            update controller.outbox set told_version = 99 where incident like 'a%'
            """)
        #expect(
            try await scene.journal.prune(
                lease: scene.lease, keep: .minutes(2 * 24 * 60), within: Database.patience, timeout: Database.patience))
        #expect(try scene.database.run("select string_agg(incident, ' ') from controller.outbox") == "bbbbbbbbbbbb-1")
        try scene.database.run("update controller.incident set closed_at = now() - interval '9 days'")
        #expect(
            try await scene.journal.prune(
                lease: scene.lease, keep: .minutes(2 * 24 * 60), within: Database.patience, timeout: Database.patience))
        #expect(try scene.database.run("select count(*) from controller.incident") == "0")
    }
}
