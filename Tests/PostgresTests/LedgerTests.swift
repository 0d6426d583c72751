import Core
import Postgres
import TestSupport
import Testing

/// The ledger on a real server, under the role that the daemon has.
@Suite struct LedgerTests {
    private struct Scene {
        var database: Database
        var connection: PostgresConnection
        var lease: Lease
        var intent: Intent

        var ledger: RepairLedger { RepairLedger(connection) }

        func events() throws -> String {
            try database.run(
                "select coalesce(string_agg(outcome, ' ' order by id), '') from controller.repair_event")
        }

        func status() throws -> String {
            try database.run("select status from platform.provisioning_operation where id = 'op'")
        }

        func state() throws -> String {
            try database.run("select coalesce(string_agg(state, ' '), '') from controller.repair_intent")
        }

        func repair() async throws -> RepairOutcome? {
            guard try await ledger.claim(intent, lease: lease, timeout: Database.patience) == nil else { return nil }
            guard try await ledger.act(intent, lease: lease, timeout: Database.patience) else { return nil }
            return try await ledger.check(intent, lease: lease, timeout: Database.patience)
        }
    }

    private static let stale = """
        ('op', 'restart', 'running', 'stop', 1, 5001, now() - interval '1 hour', now() - interval '11 minutes',
         now() - interval '10 minutes 1.234567 seconds')
        """
    private static let stuck =
        "('op', 'create', 'queued', null, 0, null, now() - interval '16 minutes', null, null)"

    private func scene(_ operation: String = stale) async throws -> Scene {
        let database = try await Database.migrated()
        try database.run(
            """
            update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null;
            insert into platform.container_instance (vmid, ctype, hostname) values (5001, 'game', 'mc-paper-5001');
            insert into platform.provisioning_operation
              (id, kind, status, phase, attempts, vmid, enqueued_at, heartbeat_at, lease_expires_at) values \(operation)
            """)
        let desired = try await database.read()
        let row = try #require(desired.operations.first)
        let isStale = row.kind == .restart
        let drift = OpenDrift(
            id: "0123456789abcdef", kind: isStale ? .operationStale : .operationStuck, vmid: row.vmid,
            externalID: isStale ? desired.instances.first?.key.externalID : nil,
            hostname: isStale ? "mc-paper-5001" : nil, level: .automatic,
            action: isStale ? .clearStaleOperationLock : .failStuckOperation, verdict: .repair, reason: .policyMatched,
            since: Timestamp(seconds: 1_767_225_600))
        let act: Intent.Act =
            isStale ? .clearStaleOperationLock(row) : .failStuckOperation(row, reason: "never begun")
        return Scene(
            database: database, connection: try database.connection("zlh_run"),
            lease: Lease(epoch: 3, holder: try #require(HolderID(Database.holder))),
            intent: Intent(
                drift: drift, act: act, attempt: 1, epoch: 3, cycle: 7, policies: "p",
                evidenceAt: Timestamp(seconds: 1)))
    }

    @Test(arguments: [(stale, "stale"), (stuck, "failed")])
    func aRepairIsWrittenDownDoneAndSeen(operation: String, status: String) async throws {
        let scene = try await scene(operation)
        #expect(try await scene.repair() == .verified)
        #expect(try scene.status() == status)
        #expect(try scene.events() == "asked answered verified")
        #expect(try scene.state() == "verified")
        #expect(
            try scene.database.run(
                """
                select asked_at <= answered_at and answered_at <= checked_at, answer, seen from controller.repair_step
                """) == "t|done|\(status)")
    }

    /// An operator may have taken it back since it was decided.
    @Test func aRepairThatRestsOnAnApprovalAsksForItInItsClaim() async throws {
        var scene = try await scene()
        scene.intent.approval = 1
        func claim() async throws -> String? {
            try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience)
        }
        let ended = "the approval that it rests on has ended"
        #expect(try await claim() == ended, "there is none")
        let plan = "sha256:" + String(repeating: "0", count: 64)
        try scene.database.run(
            """
            insert into controller.approval (plan_hash, answer, by, until, redeemed_at, redeemed_epoch)
              values ('\(plan)', 'approve', 'ada', now() + interval '1 hour', now(), 3)
            """)
        #expect(try await claim() == ended, "it does not cover this one")
        try scene.database.run(
            "insert into controller.approval_cover values (1, '\(scene.intent.drift.id)', 'f')")
        try scene.database.run("update controller.approval set ended_at = now()")
        #expect(try await claim() == ended, "it was taken back")
        try scene.database.run(
            "update controller.approval set ended_at = null, at = now() - interval '2 hours', until = now()")
        #expect(try await claim() == ended, "its time is over")
        #expect(try scene.state().isEmpty)
        try scene.database.run("update controller.approval set until = now() + interval '1 hour'")
        #expect(try await claim() == nil)
    }

    private static let obstacles = [
        "update controller.leadership set epoch = 4",
        "update controller.leadership set closed_at = now()",
        "insert into controller.pause (until, reason, by) values (now() + interval '1 hour', 'r', 'b')",
        "insert into controller.pause (vmid, until, reason, by) values (5001, now() + interval '1 hour', 'r', 'b')",
        "update platform.provisioning_operation set heartbeat_at = heartbeat_at + interval '1 microsecond'",
        "update platform.provisioning_operation set status = 'ready', finished_at = now()",
        "update platform.provisioning_operation set phase = 'start'",
        "update platform.container_instance set external_id = gen_random_uuid()",
        "delete from platform.container_instance",
        // What was looked for, its job and its guest, is another one's by now.
        "update platform.provisioning_operation set job_id = 'op-retry'",
        "update platform.provisioning_operation set queue = 'other'",
        "update platform.provisioning_operation set vmid = 5002",
        "update platform.provisioning_operation set enqueued_at = enqueued_at + interval '1 second'",
        """
        insert into controller.accepted (drift_id, reason, until, by)
          values ('0123456789abcdef', 'r', now() + interval '1 hour', 'b')
        """,
        """
        insert into controller.repair_intent (id, drift_id, drift_kind, action, vmid, attempt, epoch, cycle, policies)
          values ('x', 'y', 'z', 'edge_republish', 5001, 1, 3, 6, 'p')
        """,
    ]

    @Test(arguments: obstacles.indices)
    func whatHasMovedIsNotClaimed(index: Int) async throws {
        let scene = try await scene()
        try scene.database.run(Self.obstacles[index])
        let before = try scene.status()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) != nil)
        #expect(try scene.status() == before)
        #expect(try scene.events() == "")
    }

    /// The same between the claim and the act: the platform's function does not compare it.
    @Test(arguments: [
        "job_id = 'op-retry'", "queue = 'other'", "vmid = 5002", "enqueued_at = enqueued_at + interval '1 second'",
    ])
    func whatBecameOtherWorkAfterTheClaimIsLeftAlone(change: String) async throws {
        for operation in [Self.stale, Self.stuck] {
            let scene = try await scene(operation)
            let before = try scene.status()
            #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
            try scene.database.run("update platform.provisioning_operation set \(change)")
            #expect(try await !scene.ledger.act(scene.intent, lease: scene.lease, timeout: Database.patience))
            #expect(try scene.status() == before)
            #expect(try scene.events() == "asked answered")
            #expect(try scene.database.run("select answer from controller.repair_step") == "moved")
        }
    }

    /// Its process stood still after the claim, and nobody has taken over.
    @Test func whatWasClaimedLongAgoIsNotDone() async throws {
        let scene = try await scene()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        try scene.database.run("update controller.repair_intent set created_at = now() - interval '31 seconds'")
        #expect(try await !scene.ledger.act(scene.intent, lease: scene.lease, timeout: Database.patience))
        #expect(try scene.status() == "running")
        guard
            case .notVerified = try await scene.ledger.check(
                scene.intent, lease: scene.lease, timeout: Database.patience)
        else {
            Issue.record("it was called done")
            return
        }
    }

    /// In that function a platform may give back what the operation had.
    @Test func whatThePlatformReleasesIsNoOtherWork() async throws {
        let scene = try await scene()
        try scene.database.run(
            """
            create function release() returns trigger language plpgsql as $$
              begin new.vmid := null; new.job_id := null; return new; end $$;
            create trigger release before update on platform.provisioning_operation for each row
              when (new.status = 'stale') execute function release()
            """)
        #expect(try await scene.repair() == .verified)
        #expect(try scene.status() == "stale")
    }

    /// The ledger may hold months of attempts, and each claim counts.
    @Test func theBudgetIsCountedByAnIndex() async throws {
        let scene = try await scene()
        try scene.database.run(
            """
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, vmid, attempt, epoch, cycle, policies, created_at, state, ended_at)
            select 'x' || n, 'y', 'z', 'edge_republish', 6000, 1, 2, 6, 'p', now() - n * interval '1 minute', 'verified', now()
              from generate_series(1, 20000) n;
            analyze controller.repair_intent
            """)
        let plan = try scene.database.run(
            """
            explain select count(*) < 30 from controller.repair_intent i
             where i.created_at > statement_timestamp() - interval '1 minute'
            """)
        #expect(plan.contains("repair_intent_created"), "\(plan)")
    }

    /// By the server's clock, whoever began them: the clock of a host that is set forward makes no new minute.
    @Test func noMoreBeginInAMinuteThanMay() async throws {
        var scene = try await scene()
        scene.intent.budget = 2
        let others = """
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, vmid, attempt, epoch, cycle, policies, created_at, state, ended_at)
            select 'x' || n, 'y', 'z', 'edge_republish', 6000 + n, 1, 2, 6, 'p', now() - n * interval '25 seconds', 'verified',
                   now() from generate_series(1, 3) n
            """
        try scene.database.run(others)
        #expect(
            try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience)
                == "as many repairs as a minute may have were begun in the last one")
        scene.intent.budget = 3
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
    }

    /// Its transaction began before the pause, and had not asked for pauses yet when that had been written.
    @Test func aClaimThatBeganBeforeAPauseIsHeldByIt() async throws {
        let scene = try await scene()
        let other = try await scene.database.held("select from controller.leadership for update")
        async let claim = scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience)
        try await scene.database.somebodyWaits()
        let (_, running) = try await PauseStore(scene.database.connection("zlh_run")).pause(
            nil, reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        try await other.end()
        #expect(try await claim == "it is paused")
        #expect(running.isEmpty)
        #expect(try scene.state().isEmpty)
    }

    @Test func aPauseOfAnotherInstanceHoldsNothing() async throws {
        let scene = try await scene()
        try scene.database.run(
            "insert into controller.pause (vmid, until, reason, by) values (5002, now() + interval '1 hour', 'r', 'b')")
        #expect(try await scene.repair() == .verified)
    }

    @Test func aDeposedLeaderDoesNothingAfterItsClaim() async throws {
        let scene = try await scene()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        try scene.database.run("update controller.leadership set epoch = 4, holder = gen_random_uuid()")
        let before = try scene.events()
        #expect(try await !scene.ledger.act(scene.intent, lease: scene.lease, timeout: Database.patience))
        #expect(try scene.status() == "running")
        #expect(try scene.events() == before, "it writes no event under an epoch that is over")
        guard
            case .unknown = try await scene.ledger.check(
                scene.intent, lease: scene.lease, timeout: Database.patience)
        else {
            Issue.record("a deposed leader ended an attempt")
            return
        }
        #expect(try scene.state() == "open")
    }

    /// A crash between any two of the three transactions, and the next leader.
    @Test(arguments: [(0, "not_verified", "running"), (1, "verified", "stale")])
    func anInterruptedAttemptIsEndedByLooking(acts: Int, state: String, status: String) async throws {
        let scene = try await scene()
        let journal = JournalStore(scene.connection)
        #expect(
            try await journal.write(
                [JournalEntry(.opened, scene.intent.drift)], lease: scene.lease, cycle: 6, timeout: Database.patience))
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        if acts > 0 {
            #expect(try await scene.ledger.act(scene.intent, lease: scene.lease, timeout: Database.patience))
        }
        let holder = "22222222-2222-2222-2222-222222222222"
        try scene.database.run("update controller.leadership set epoch = 4, holder = '\(holder)', taken_at = now()")
        let next = Lease(epoch: 4, holder: try #require(HolderID(holder)))
        let memory = try #require(
            try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
                lease: next, timeout: Database.patience))
        #expect(try scene.state() == state)
        #expect(try scene.status() == status)
        #expect(try scene.events().hasSuffix(state))
        #expect(memory.open.values.map(\.id) == [scene.intent.drift.id])
        #expect(memory.tries[scene.intent.drift.id]?.attempts == (acts > 0 ? nil : 1))
        // Looking again changes nothing.
        let events = try scene.events()
        #expect(
            try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
                lease: next, timeout: Database.patience) == memory)
        #expect(try scene.events() == events)
    }

    /// Drifts are dated by the host that saw them, attempts by the server.
    @Test(arguments: [-60, 60])
    func attemptsAreRememberedWhateverTheClockOfTheHostSays(minutes: Int64) async throws {
        let scene = try await scene()
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
        let scene = try await scene()
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
        let scene = try await scene()
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
        let scene = try await scene()
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
        let scene = try await scene()
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
        let scene = try await scene()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        let store = PauseStore(scene.connection)
        let (_, running) = try await store.pause(
            VMID(5001), reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        #expect(running == ["clear_stale_operation_lock on VMID 5001"])
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
        let scene = try await scene()
        try scene.database.run("insert into controller.repair_event (cycle) select g from generate_series(1, 3) g")
        for (most, cycles, cut) in [(2, [2, 3], true), (3, [1, 2, 3], false)] as [(Int, [Int64], Bool)] {
            let (events, isCut) = try await EventReader(scene.connection, most: most).read(
                since: .minutes(5), vmid: nil, timeout: Database.patience)
            #expect(events.compactMap(\.cycle) == cycles && isCut == cut)
        }
    }

    @Test func whoAsksWhyReadsItAllAndAnAuditsRoleNothing() async throws {
        let scene = try await scene()
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
