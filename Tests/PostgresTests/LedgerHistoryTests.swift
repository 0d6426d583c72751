import Core
import Postgres
import TestSupport
import Testing

/// What the ledger remembers on a real server, and what it shows of it.
@Suite struct LedgerHistoryTests {
    /// Drifts are dated by the host that saw them, attempts by the server.
    @Test(arguments: [-60, 60])
    func attemptsAreRememberedWhateverTheClockOfTheHostSays(minutes: Int64) async throws {
        let scene = try await LedgerScene.make()
        var drift = scene.intent.drift
        let now = try #require(
            Int64(try scene.database.run("select (extract(epoch from clock_timestamp()) * 1000000)::bigint")))
        drift.since = Timestamp(microseconds: now) + .minutes(minutes)
        try scene.database.run(
            """
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at)
            values ('before', '\(drift.id)', 'k', 'x', 1, 1, 1, 'p', 'not_verified', now() - interval '1 minute', now())
            """)
        let journal = JournalStore(scene.connection)
        #expect(
            try await journal.write(
                [JournalEntry(.opened, drift)], lease: scene.lease, cycle: 6, timeout: Database.patience))
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        // A change of what is open does not open it anew.
        drift.since = Timestamp(microseconds: now) + .minutes(2 * minutes)
        #expect(
            try await journal.write(
                [JournalEntry(.changed, drift)], lease: scene.lease, cycle: 7, timeout: Database.patience))
        let recall = LedgerRecall(scene.connection, settings: Fleet(0).settings)
        let memory = try await recall.read(lease: scene.lease, timeout: Database.patience)
        #expect(memory?.tries[drift.id]?.attempts == 1)
        #expect(try await scene.database.read().past.inVain == [drift.id: 1])
    }

    @Test func theJournalKeepsWhatIsOpenInTheSameTransaction() async throws {
        let scene = try await LedgerScene.make()
        let journal = JournalStore(scene.connection)
        var drift = scene.intent.drift
        func write(_ outcome: JournalEntry.Outcome) async throws -> Bool {
            try await journal.write(
                [JournalEntry(outcome, drift, detail: "seen \u{1b}[31m")], lease: scene.lease, cycle: 1,
                timeout: Database.patience)
        }
        func recalled() async throws -> [OpenDrift] {
            let memory = try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
                lease: scene.lease, timeout: Database.patience)
            return memory.map { Array($0.open.values) } ?? []
        }
        #expect(try await write(.opened))
        #expect(try await recalled() == [drift])
        // What was repaired and is found again afterwards is known over a takeover, too.
        try scene.database.run("update controller.open_drift set repaired = true")
        var repaired = drift
        repaired.isRepaired = true
        #expect(try await recalled() == [repaired])
        (drift.verdict, drift.reason, drift.wouldRepair) = (.held, .paused, true)
        #expect(try await write(.changed))
        #expect(try await recalled() == [drift])
        #expect(try await write(.closed))
        #expect(try await recalled() == [])
        #expect(try scene.events() == "opened changed closed")
        #expect(
            try scene.database.run("select count(*) from controller.repair_event where detail::text like '%\u{1b}%'")
                == "0")
        try scene.database.run("update controller.leadership set closed_at = now()")
        #expect(try await !write(.opened))
        #expect(try scene.events() == "opened changed closed")
    }

    @Test func thousandsOfChangesAreFewStatements() async throws {
        let scene = try await LedgerScene.make()
        let entries = (0..<2500).flatMap { number -> [JournalEntry] in
            var drift = scene.intent.drift
            drift.id = String(1_000_000 + number)
            var said = drift
            said.wouldRepair = true
            return [JournalEntry(.opened, drift), JournalEntry(.wouldRepair, said)]
        }
        let journal = JournalStore(scene.connection)
        #expect(try await journal.write(entries, lease: scene.lease, cycle: 1, timeout: Database.patience))
        #expect(
            try scene.database.run("select count(*), bool_and(would_repair) from controller.open_drift") == "2500|t")
        #expect(try scene.database.run("select count(*) from controller.repair_event") == "5000")
        let last = entries.filter { $0.outcome == .opened }.map { JournalEntry(.closed, $0.drift) }
        #expect(try await journal.write(last, lease: scene.lease, cycle: 2, timeout: Database.patience))
        #expect(try scene.database.run("select count(*) from controller.open_drift") == "0")
        #expect(
            try scene.database.run(
                """
                select bool_and(outcome = case when n % 2 = 1 then 'opened' else 'would_repair' end)
                  from (select outcome, row_number() over (order by id) n from controller.repair_event where cycle = 1) x
                """) == "t")
    }

    /// After a mass event: one transaction would not end within its time.
    @Test func veryMuchIsWrittenPieceByPiece() async throws {
        let scene = try await LedgerScene.make()
        let (counts, count) = AsyncStream<Int>.makeStream()
        func entries(_ ids: [String]) -> [JournalEntry] {
            ids.map { id in
                var drift = scene.intent.drift
                drift.id = id
                return JournalEntry(.opened, drift)
            }
        }
        let journal = JournalStore(scene.connection, piece: 2)
        let isWritten = try await journal.write(
            entries(["a", "b", "c", "d", "e"]), lease: scene.lease, cycle: 1, timeout: Database.patience,
            wrote: { count.yield($0) })
        #expect(isWritten)
        count.finish()
        var pieces: [Int] = []
        for await piece in counts { pieces.append(piece) }
        #expect(pieces == [2, 2, 1])
        // What comes before a piece that fails stays, and is known: the next round writes the rest.
        let error = await postgresError { () async throws(PostgresError) in
            _ = try await journal.write(
                entries(["f", "g", "", "i"]), lease: scene.lease, cycle: 2, timeout: Database.patience)
        }
        #expect(error != nil)
        let memory = try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
            lease: scene.lease, timeout: Database.patience)
        #expect(memory?.open.keys.sorted() == ["a", "b", "c", "d", "e", "f", "g"])
        #expect(
            try scene.database.run("select count(*) from controller.repair_event where outcome = 'opened'") == "7")
    }

    /// To understand so many takes longer than the server lets a transaction idle.
    @Test func veryMuchIsRecalled() async throws {
        let scene = try await LedgerScene.make()
        try scene.database.run(
            """
            insert into controller.open_drift (drift_id, drift_kind, vmid, hostname, level, verdict, reason, since)
            select 'drift' || g, 'dns.public.srv_missing', 100 + g, 'mc-paper-' || g, 1, 'held', 'mass_change', now()
              from generate_series(1, 100000) g
            """)
        let memory = try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
            lease: scene.lease, timeout: Database.patience)
        #expect(memory?.open.count == 100_000)
    }

    @Test func eventsAndPausesAreShownAsTheyStand() async throws {
        let scene = try await LedgerScene.make()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        let store = PauseStore(scene.connection)
        for (note, isLed) in [
            ("null", false), ("'mode=dry-run policies=p'", false), ("'mode=repair policies=p'", true),
        ] {
            try scene.database.run("update controller.leadership set note = \(note)")
            let paused = try await store.pause(
                VMID(5001), reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
            #expect(paused.open == ["clear_stale_operation_lock on VMID 5001"] && paused.isLed == isLed)
            #expect(try await store.resume(VMID(5001), by: "me", timeout: Database.patience) == 1)
        }
        _ = try await store.pause(VMID(5001), reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        #expect(try await scene.database.read().pauses.map(\.vmid) == [VMID(5001)])
        #expect(try await store.resume(nil, by: "me", timeout: Database.patience) == 0)
        #expect(try await store.resume(VMID(5001), by: "me", timeout: Database.patience) == 1)
        #expect(try await scene.database.read().pauses == [])
        let (events, isCut) = try await EventReader(scene.connection).read(
            since: .minutes(5), vmid: VMID(5001), timeout: Database.patience)
        #expect(!isCut)
        #expect(events.map(\.outcome) == ["asked"])
        #expect(events.first?.step == "clear_stale_operation_lock" && events.first?.attempt == 1)
        #expect(
            try await EventReader(scene.connection).read(
                since: .minutes(5), vmid: VMID(5002), timeout: Database.patience
            ).events == [])
    }

    @Test func whatIsLeftOutOfTheHistoryIsSaid() async throws {
        let scene = try await LedgerScene.make()
        try scene.database.run("insert into controller.repair_event (cycle) select g from generate_series(1, 3) g")
        for (most, cycles, cut) in [(2, [2, 3], true), (3, [1, 2, 3], false)] as [(Int, [Int64], Bool)] {
            let (events, isCut) = try await EventReader(scene.connection, most: most).read(
                since: .minutes(5), vmid: nil, timeout: Database.patience)
            #expect(events.compactMap(\.cycle) == cycles && isCut == cut)
        }
    }

    @Test func whoAsksWhyReadsItAllAndAnAuditsRoleNothing() async throws {
        let scene = try await LedgerScene.make()
        let entry = JournalEntry(.opened, scene.intent.drift)
        let journal = JournalStore(scene.connection)
        #expect(try await journal.write([entry], lease: scene.lease, cycle: 1, timeout: Database.patience))
        let vmid = try #require(VMID(5001))
        func read(_ user: String, _ vmid: VMID) async throws -> LedgerPage {
            try await LedgerReader(scene.database.connection(user)).read(vmid, timeout: Database.patience)
        }
        let before = try await read("zlh_run", vmid)
        #expect(before.open == [scene.intent.drift] && before.attempts == [] && before.tries == [:])
        #expect(before.leader == LedgerPage.Leader(epoch: 3, isClosed: false, stance: nil))
        #expect(before.turned == [:])
        var held = scene.intent.drift
        (held.verdict, held.reason) = (.held, .paused)
        #expect(
            try await journal.write(
                [JournalEntry(.changed, held)], lease: scene.lease, cycle: 2, timeout: Database.patience))
        let at = try scene.database.run(
            "select (extract(epoch from max(at)) * 1000000)::bigint from controller.repair_event")
        let turned = try await read("zlh_run", vmid).turned
        #expect(turned == [scene.intent.drift.id: Timestamp(microseconds: try #require(Int64(at)))])
        // Somebody works on the row again after the act: the attempt was in vain.
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        let during = try await read("zlh_run", vmid)
        #expect(during.attempts.map(\.state) == ["open"] && during.attempts.first?.endedAt == nil)
        _ = try await scene.ledger.check(scene.intent, lease: scene.lease, timeout: Database.patience)
        let after = try await read("zlh_run", vmid)
        #expect(after.attempts.map(\.state) == ["not_verified"] && after.attempts.first?.endedAt != nil)
        #expect(after.tries[scene.intent.drift.id]?.attempts == 1)
        let other = try await read("zlh_run", try #require(VMID(5002)))
        #expect(other.open == [] && other.attempts == [] && other.tries == [:])
        let error = await #expect(throws: PostgresError.self) { try await read("zlh_audit", vmid) }
        #expect(error?.code == .permission)
    }
}
