import Core
import Postgres
import TestSupport
import Testing

/// How what is old goes, on a real server, under the role that the daemon has.
@Suite struct PruneTests {
    private static let keep = Span.minutes(90 * 1440)
    private static let lease = Lease(epoch: 3, holder: HolderID(Database.holder)!)

    /// Months of history in one night: what is there when somebody lowers `events.keep`.
    private func aged() async throws -> (Database, JournalStore) {
        let database = try await Database.migrated()
        try database.run(
            """
            update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null;
            insert into controller.repair_event (at, drift_id, outcome)
              select now() - interval '100 days' - n * interval '1 second', n, 'opened' from generate_series(1, 12000) n;
            insert into controller.repair_event (at, outcome)
              select now() - interval '80 days', 'opened' from generate_series(1, 7);
            insert into controller.repair_intent
                (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at)
              select 'old-' || n, n, 'operation.stale', 'clear_stale_operation_lock', 1, 1, 1, 'p', 'verified',
                     now() - interval '101 days', now() - interval '100 days' from generate_series(1, 2100) n;
            insert into controller.repair_intent
                (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, created_at)
              values ('open', 'x', 'operation.stale', 'clear_stale_operation_lock', 1, 1, 1, 'p', now() - interval '200 days');
            insert into controller.repair_step (intent_id, name) select i.id, 'act' from controller.repair_intent i;
            insert into controller.incident (id, group_key, topic, level, opened_at, closed_at)
              select 'old-' || n, n, 'drifts', 1, now() - interval '101 days', now() - interval '100 days'
                from generate_series(1, 1100) n;
            insert into controller.incident (id, group_key, topic, level, opened_at)
              values ('open', 'x', 'drifts', 1, now() - interval '200 days');
            insert into controller.outbox (incident, webhook, told_version) select i.id, 'w', 1 from controller.incident i;
            insert into controller.message (webhook, state, claimed_at)
              select 'w', 'unsent', now() - interval '100 days' from generate_series(1, 5200);
            insert into controller.approval (plan_hash, answer, by, at, until)
              select 'sha256:' || repeat('0', 64), 'approve', 'ada', now() - interval '92 days', now() - interval '91.5 days'
                from generate_series(1, 30)
            """)
        return (database, JournalStore(try database.connection("zlh_run")))
    }

    private func left(_ database: Database) throws -> String {
        try database.run(
            """
            select concat_ws(' ', (select count(*) from controller.repair_event),
              (select count(*) from controller.repair_intent), (select count(*) from controller.repair_step),
              (select count(*) from controller.incident), (select count(*) from controller.outbox),
              (select count(*) from controller.message), (select count(*) from controller.approval))
            """)
    }

    @Test func allOfItGoesAndNothingElse() async throws {
        let (database, journal) = try await aged()
        #expect(
            try await journal.prune(
                lease: Self.lease, keep: Self.keep, within: Database.patience, timeout: Database.patience))
        #expect(try left(database) == "7 1 1 1 1 0 0")
        #expect(
            try await journal.prune(
                lease: Self.lease, keep: Self.keep, within: Database.patience, timeout: Database.patience))
        #expect(try left(database) == "7 1 1 1 1 0 0")
    }

    /// They are what its quarantine rests on.
    @Test func theAttemptsOnADriftThatIsStillOpenStay() async throws {
        let (database, journal) = try await aged()
        try database.run(
            """
            insert into controller.open_drift (drift_id, drift_kind, level, verdict, reason, since, opened_seq)
              select n::text, 'operation.stale', 1, 'held', 'quarantined', now(),
                     case when n = 1 then 0 else (select max(seq) from controller.repair_intent) end
                from generate_series(1, 2) n
            """)
        #expect(
            try await journal.prune(
                lease: Self.lease, keep: Self.keep, within: Database.patience, timeout: Database.patience))
        #expect(
            try database.run("select string_agg(id, ' ' order by id) from controller.repair_intent") == "old-1 open",
            "of the second one only since it was opened last")
    }

    /// A quarrel with somebody who undoes what was repaired is told from these.
    @Test func whatWasSeenToWorkStaysForAFortnight() async throws {
        let (database, journal) = try await aged()
        try database.run(
            """
            insert into controller.repair_intent
                (id, drift_id, drift_kind, action, attempt, epoch, cycle, policies, state, created_at, ended_at)
              select state || days, 'd', 'k', 'x', 1, 1, 1, 'p', state, now() - days * interval '1 day', now() - days * interval '1 day'
                from (values ('verified', 2), ('verified', 13), ('verified', 15), ('unknown', 2)) as past (state, days)
            """)
        #expect(
            try await journal.prune(
                lease: Self.lease, keep: .minutes(1440), within: Database.patience, timeout: Database.patience))
        #expect(
            try database.run("select string_agg(id, ' ' order by id) from controller.repair_intent")
                == "open verified13 verified2")
    }

    /// Whoever has no time comes again, and what was done stays done: the oldest first.
    @Test func inPiecesThatStayGone() async throws {
        let (database, journal) = try await aged()
        for before in [(12_000, 5000), (7000, 5000), (2000, 2000)] {
            let isDone = try await journal.prune(
                lease: Self.lease, keep: Self.keep, within: .seconds(0), timeout: Database.patience)
            #expect(!isDone)
            let rest = before.0 - before.1
            #expect(try database.run("select count(*) from controller.repair_event") == String(rest + 7))
            if rest > 0 {
                #expect(
                    try database.run(
                        "select min(at) >= now() - interval '100 days' - \(rest + 600) * interval '1 second' "
                            + "from controller.repair_event") == "t")
            }
        }
        var times = 0
        while !(try await journal.prune(
            lease: Self.lease, keep: Self.keep, within: .seconds(0), timeout: Database.patience))
        {
            times += 1
        }
        // Attempts by the thousand, incidents by the thousand, messages by five thousand, answers by twenty.
        #expect(times == 3 + 2 + 2)
        #expect(try left(database) == "7 1 1 1 1 0 0")
    }

    /// A piece that fails takes nothing back, and one that another has begun is waited for.
    @Test func twoWhoDropDoNotDisturbEachOther() async throws {
        let (database, journal) = try await aged()
        let other = JournalStore(try database.connection("zlh_run"))
        async let one = journal.prune(
            lease: Self.lease, keep: Self.keep, within: Database.patience, timeout: Database.patience)
        async let two = other.prune(
            lease: Self.lease, keep: Self.keep, within: Database.patience, timeout: Database.patience)
        let done = try await [one, two]
        #expect(done == [true, true])
        #expect(try left(database) == "7 1 1 1 1 0 0")
    }

    /// Another one leads by now, and may keep more.
    @Test func whoDoesNotLeadDropsNothing() async throws {
        let (database, journal) = try await aged()
        let before = try left(database)
        try database.run("update controller.leadership set epoch = 4, holder = gen_random_uuid()")
        let isDone = try await journal.prune(
            lease: Self.lease, keep: Self.keep, within: Database.patience, timeout: Database.patience)
        #expect(!isDone)
        #expect(try left(database) == before)
    }
}
