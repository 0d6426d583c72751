import Core
import Postgres
import TestSupport
import Testing

/// Claims, acts and checks of the ledger on a real server, under the role that the daemon has.
@Suite struct LedgerTests {
    @Test(arguments: [(LedgerScene.stale, "stale"), (LedgerScene.stuck, "failed")])
    func aRepairIsWrittenDownDoneAndSeen(operation: String, status: String) async throws {
        let scene = try await LedgerScene.make(operation)
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
        var scene = try await LedgerScene.make()
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
        let scene = try await LedgerScene.make()
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
        for operation in [LedgerScene.stale, LedgerScene.stuck] {
            let scene = try await LedgerScene.make(operation)
            let before = try scene.status()
            #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
            try scene.database.run("update platform.provisioning_operation set \(change)")
            #expect(
                try await !scene.ledger.act(
                    scene.intent, lease: scene.lease, fresh: .seconds(8), timeout: Database.patience))
            #expect(try scene.status() == before)
            #expect(try scene.events() == "asked answered")
            #expect(try scene.database.run("select answer from controller.repair_step") == "moved")
        }
    }

    /// Its process stood still after the claim, and nobody has taken over.
    @Test func whatWasClaimedLongAgoIsNotDone() async throws {
        let scene = try await LedgerScene.make()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        try scene.database.run("update controller.repair_intent set created_at = now() - interval '9 seconds'")
        #expect(
            try await !scene.ledger.act(
                scene.intent, lease: scene.lease, fresh: .seconds(8), timeout: Database.patience))
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
        let scene = try await LedgerScene.make()
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
        let scene = try await LedgerScene.make()
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
        var scene = try await LedgerScene.make()
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
        let scene = try await LedgerScene.make()
        let other = try await scene.database.held("select from controller.leadership for update")
        async let claim = scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience)
        try await scene.database.somebodyWaits()
        let paused = try await PauseStore(scene.database.connection("zlh_run")).pause(
            nil, reason: "r", for: .minutes(5), by: "me", timeout: Database.patience)
        try await other.end()
        #expect(try await claim == "it is paused")
        #expect(paused.open.isEmpty)
        #expect(try scene.state().isEmpty)
    }

    @Test func aPauseOfAnotherInstanceHoldsNothing() async throws {
        let scene = try await LedgerScene.make()
        try scene.database.run(
            "insert into controller.pause (vmid, until, reason, by) values (5002, now() + interval '1 hour', 'r', 'b')")
        #expect(try await scene.repair() == .verified)
    }

    @Test func aDeposedLeaderDoesNothingAfterItsClaim() async throws {
        let scene = try await LedgerScene.make()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        try scene.database.run("update controller.leadership set epoch = 4, holder = gen_random_uuid()")
        let before = try scene.events()
        #expect(
            try await !scene.ledger.act(
                scene.intent, lease: scene.lease, fresh: .seconds(8), timeout: Database.patience))
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

    /// What a machine that stood still believes to know: its clocks say that it has just seen it.
    @Test func aClaimRestsOnNothingOld() async throws {
        var scene = try await LedgerScene.make()
        scene.intent.mostAge = .seconds(90)
        let clock = try await DesiredStateReader(scene.connection).clock(timeout: Database.patience)
        for (evidence, isOld) in [(clock - .minutes(120), true), (clock + .minutes(2), true), (clock, false)] {
            scene.intent.evidenceAt = evidence
            let why = try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience)
            #expect((why?.contains("stood still") == true) == isOld)
            #expect((why == nil) == !isOld)
        }
        #expect(try scene.state() == "open")
    }

    /// The platform's own sweeper came first: that is not our repair.
    @Test(arguments: [false, true])
    func whatSomebodyElseEndedIsNotOurs(isInterrupted: Bool) async throws {
        let scene = try await LedgerScene.make()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        try scene.database.run("update platform.provisioning_operation set status = 'stale', finished_at = now()")
        if isInterrupted {
            _ = try await LedgerRecall(scene.connection, settings: Fleet(0).settings).read(
                lease: scene.lease, timeout: Database.patience)
        } else {
            #expect(
                try await !scene.ledger.act(
                    scene.intent, lease: scene.lease, fresh: .seconds(8), timeout: Database.patience))
            #expect(
                try await scene.ledger.check(scene.intent, lease: scene.lease, timeout: Database.patience)
                    == .refused("somebody else made it stale"))
        }
        #expect(try scene.state() == "refused")
    }

    /// A crash between any two of the three transactions, and the next leader.
    @Test(arguments: [(0, "not_verified", "running"), (1, "verified", "stale")])
    func anInterruptedAttemptIsEndedByLooking(acts: Int, state: String, status: String) async throws {
        let scene = try await LedgerScene.make()
        let journal = JournalStore(scene.connection)
        #expect(
            try await journal.write(
                [JournalEntry(.opened, scene.intent.drift)], lease: scene.lease, cycle: 6, timeout: Database.patience))
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        if acts > 0 {
            #expect(
                try await scene.ledger.act(
                    scene.intent, lease: scene.lease, fresh: .seconds(8), timeout: Database.patience))
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

    /// An end whose commit took longer than anybody waited for, and the same end once more by whoever looked again.
    @Test func anAttemptThatHasEndedIsNotEndedAgain() async throws {
        let scene = try await LedgerScene.make()
        #expect(try await scene.repair() == .verified)
        let events = try scene.events()
        _ = try await scene.ledger.check(scene.intent, lease: scene.lease, timeout: Database.patience)
        try await scene.ledger.refuse(
            scene.intent, why: "late", lease: scene.lease, timeout: Database.patience)
        #expect(try scene.events() == events)
        #expect(try scene.state() == "verified")
    }

    /// What was read before an act is committed says nothing of it.
    @Test func aCheckWaitsForAnActThatIsBeingCommitted() async throws {
        let scene = try await LedgerScene.make()
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
        let act = try await scene.database.held(
            """
            update platform.provisioning_operation set status = 'stale', finished_at = now() where id = 'op';
            update controller.repair_step set answered_at = now(), answer = 'done'
            """)
        async let check = scene.ledger.check(scene.intent, lease: scene.lease, timeout: Database.patience)
        try await scene.database.somebodyWaits()
        try act.goOn("commit")
        try await act.end()
        #expect(try await check == .verified)
    }

    /// A server whose own clock was set back by a day: what was begun before that lies ahead, and stands in nobody's way.
    @Test func whatLiesAheadWasBegunBefore() async throws {
        var scene = try await LedgerScene.make()
        scene.intent.budget = 3
        let drift = scene.intent.drift
        let journal = JournalStore(scene.connection)
        #expect(
            try await journal.write(
                [JournalEntry(.opened, drift)], lease: scene.lease, cycle: 6, timeout: Database.patience))
        try scene.database.run(
            """
            update controller.open_drift set opened_at = now() + interval '1 day';
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at)
            select 'ahead-' || n, 'other', 'k', 'x', n, 1, 1, 'p', 'verified', now() + interval '1 day', now() + interval '1 day'
              from generate_series(1, 5) n;
            insert into controller.repair_intent
              (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at)
            values ('vain', '\(drift.id)', 'k', 'x', 1, 1, 1, 'p', 'not_verified', now() + interval '1 day', now() + interval '1 day')
            """)
        let recall = LedgerRecall(scene.connection, settings: Fleet(0).settings)
        let memory = try #require(try await recall.read(lease: scene.lease, timeout: Database.patience))
        #expect(memory.spent.isEmpty)
        let tries = try #require(memory.tries[drift.id])
        let clock = try await DesiredStateReader(scene.connection).clock(timeout: Database.patience)
        #expect(tries.attempts == 1 && tries.endedAt <= clock)
        let past = try await scene.database.read().past
        #expect(past.repaired.isEmpty && past.inVain == [drift.id: 1])
        // It ends, and opens anew: what was in vain before is not held against it, whatever any clock says.
        for outcome in [JournalEntry.Outcome.closed, .opened] {
            #expect(
                try await journal.write(
                    [JournalEntry(outcome, drift)], lease: scene.lease, cycle: 7, timeout: Database.patience))
        }
        #expect(try await recall.read(lease: scene.lease, timeout: Database.patience)?.tries == [:])
        #expect(try await scene.database.read().past.inVain == [:])
        #expect(try await scene.ledger.claim(scene.intent, lease: scene.lease, timeout: Database.patience) == nil)
    }
}
