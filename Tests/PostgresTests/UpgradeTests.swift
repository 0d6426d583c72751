import Core
import TestSupport
import Testing

@testable import Postgres

/// An installation that has worked for a while under an earlier schema, with messages that were not sent yet, and that is
/// upgraded then: nothing is lost, nothing told twice, and the new program reads what the old one wrote.
@Suite struct UpgradeTests {
    /// The first schema with an outbox.
    private static let first = 7

    /// What the program of each version has left behind.
    private static let left = [
        7: """
        update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null;
        insert into controller.open_drift
            (drift_id, drift_kind, vmid, hostname, level, action, verdict, reason, since, incident, detail)
          select 'drift-' || n, 'dns.public.a_missing', 5000 + n, 'mc-' || n, 1, 'edge_republish', 'repair', 'policy_matched',
                 now() - interval '30 minutes', repeat(chr(96 + n), 12) || '-1', 'no such record'
            from generate_series(1, 3) n;
        insert into controller.incident
            (id, group_key, topic, kinds, vmid, hostname, level, opened_at, closed_at, drifts, version)
          select repeat(chr(96 + n), 12) || '-1', repeat(chr(96 + n), 12), 'drifts', '{dns.public.a_missing}', 5000 + n,
                 'mc-' || n, 1, now() - interval '30 minutes', case when n = 4 then now() - interval '9 minutes' end, 1,
                 case when n = 1 then 2 else 1 end
            from generate_series(1, 4) n;
        insert into controller.message (webhook, state, discord_id, claimed_at, posted_at, digest) values
          ('alerts', 'sent', '77', now() - interval '10 minutes', now() - interval '10 minutes', 'of what it showed'),
          ('alerts', 'sending', null, now() - interval '10 minutes', null, null),
          ('alerts', 'sent', '78', now() - interval '9 minutes', now() - interval '20 minutes', 'of its end');
        insert into controller.outbox (incident, webhook, told_version, told_stage, told_at, message) values
          ('aaaaaaaaaaaa-1', 'alerts', 1, 'repairing', now() - interval '10 minutes', 1),
          ('bbbbbbbbbbbb-1', 'alerts', 0, null, null, null),
          ('cccccccccccc-1', 'alerts', 0, null, null, 2),
          ('dddddddddddd-1', 'alerts', 1, 'over', now() - interval '9 minutes', 3);
        insert into controller.repair_intent
            (id, drift_id, drift_kind, action, operation_id, attempt, epoch, cycle, policies)
          values ('attempt', 'drift-2', 'operation.stale', 'clear_stale_operation_lock', 'op', 1, 3, 1, 'p');
        insert into controller.repair_step (intent_id, name) values ('attempt', 'act');
        """,
        8: """
        insert into controller.incident (id, group_key, topic, level, subject, text)
          values ('brake-1', 'brake', 'brake', 2, 'sha256:1', 'too many');
        insert into controller.outbox (incident, webhook) values ('brake-1', 'alerts');
        insert into controller.approval (plan_hash, answer, by, until)
          values ('sha256:' || repeat('0', 64), 'approve', 'ada', now() + interval '1 hour');
        """,
        9: """
        insert into controller.incident (id, group_key, topic, level, subject, text)
          values ('approval-1', 'approval', 'approval', 2, 'sha256:2', 'asks');
        insert into controller.outbox (incident, webhook) values ('approval-1', 'alerts');
        insert into controller.webhook_gone (webhook, fingerprint, why) values ('old', 'print', '404');
        """,
    ]

    /// A database as the program of that version has made it, one migration after the other, and worked in it meanwhile.
    private func worked(upTo version: Int) async throws -> Database {
        _ = try await Database.migrated()  // for the roles
        let database = try Database.empty()
        try database.run(
            """
            grant create on database \(database.name) to zlh_migrate;
            set role zlh_migrate;
            create schema controller;
            create table controller.schema_migration (
              number integer primary key, name text not null, checksum text not null,
              applied_at timestamptz not null default now())
            """)
        for migration in Migration.all where migration.number <= version {
            try database.run("set role zlh_migrate;\n\(migration.sql)")
            try database.run(
                """
                insert into controller.schema_migration (number, name, checksum)
                  values (\(migration.number), '\(migration.name)', '\(migration.checksum)')
                """)
            if let rows = Self.left[migration.number] { try database.run(rows) }
        }
        return database
    }

    @Test(arguments: first..<Migration.all.count) func whatWasStillToBeToldIsTold(_ version: Int) async throws {
        let database = try await worked(upTo: version)
        let report = try await Migrator.run(on: try database.connection("postgres"))
        #expect(report.applied.count == Migration.all.count - version && report.alreadyApplied == version)
        let connection = try database.connection("zlh_run")
        let lease = Lease(epoch: 3, holder: try #require(HolderID(Database.holder)))
        let outbox = OutboxStore(connection)

        // Whoever leads next knows what is open, and ends what was interrupted by looking: the operation is not there.
        let memory = try await LedgerRecall(connection, settings: Fleet(0).settings).read(
            lease: lease, timeout: Database.patience)
        #expect(memory?.open.keys.sorted() == ["drift-1", "drift-2", "drift-3"])
        #expect(memory?.open.values.allSatisfy { !$0.isSettling && $0.incident != nil } == true)
        #expect(memory?.incidents.marks.count == 4)
        #expect(try database.run("select state from controller.repair_intent") == "not_verified")
        if version >= 8 { #expect(try await database.read().past.answers.map(\.by) == ["ada"]) }

        var desk = try await outbox.desk(of: "alerts", timeout: Database.patience)
        let conditions = (version >= 8 ? ["brake-1"] : []) + (version >= 9 ? ["approval-1"] : [])
        #expect(
            desk.rows.map(\.incident.id).sorted()
                == (["aaaaaaaaaaaa-1", "bbbbbbbbbbbb-1", "cccccccccccc-1"] + conditions).sorted())
        #expect(desk.rows.first { $0.incident.id == "bbbbbbbbbbbb-1" }?.incident.attempts == 1)

        var line = OutboxLine(.init(id: "t", isDryRun: false))
        var (sent, now): ([Sending], Timestamp) = ([], desk.readAt)
        telling: while sent.count < 20 {
            switch line.next(desk, at: now) {
            case .send(let sending):
                let claim = try #require(
                    try await outbox.claim(sending, webhook: "alerts", lease: lease, timeout: Database.patience))
                try await outbox.record(
                    .shown(discordID: String(100 + sent.count)), of: sending, claim, webhook: "alerts",
                    timeout: Database.patience)
                sent.append(sending)
            case .settle(let told): try await outbox.settle(told, webhook: "alerts", timeout: Database.patience)
            case .wait(let until): now = until
            case .rest: break telling
            }
            desk = try await outbox.desk(of: "alerts", timeout: Database.patience)
        }
        // The request that was under way is begun again, in its own message; what was shown is edited; the rest is new.
        #expect(sent.first?.message == 2 && sent.first?.mayRepeat == true)
        #expect(sent.first?.told.map(\.incident) == ["cccccccccccc-1"])
        #expect(sent.filter { $0.edits == "77" }.flatMap(\.told).map(\.incident) == ["aaaaaaaaaaaa-1"])
        #expect(
            sent.flatMap(\.told).map(\.incident).sorted()
                == (["aaaaaaaaaaaa-1", "bbbbbbbbbbbb-1", "cccccccccccc-1"] + conditions).sorted(), "each once")
        #expect(
            try database.run(
                "select count(*) from controller.outbox o join controller.incident i on i.id = o.incident "
                    + "where o.told_version <> i.version") == "0")
        if version >= 9 {
            #expect(try await outbox.gone("old", fingerprint: "print", timeout: Database.patience) == "404")
        }

        // And what it was about comes to its end.
        let drift = try #require(memory?.open["drift-1"])
        #expect(
            try await JournalStore(connection).write(
                [JournalEntry(.closed, drift)], lease: lease, cycle: 9, timeout: Database.patience))
        let end = try await outbox.desk(of: "alerts", timeout: Database.patience)
        #expect(end.rows.filter { $0.incident.version > $0.toldVersion }.map(\.incident.stage) == [.over])
    }

    /// Beside a daemon of the former version, which is in the middle of a round.
    @Test(arguments: [
        (
            9, "update controller.open_drift set detail = detail",
            "update controller.incident set text = text; update controller.outbox set told_stage = told_stage"
        ), (9, "select from controller.active_pause", "select from controller.drift_past"),
        (16, "select from controller.drift_past", "select from controller.approved_drift"),
        (
            16, "update controller.approval set by = by; update controller.repair_intent set why = why",
            "update controller.open_drift set repaired = repaired"
        ),
    ])
    func neitherWaitsForTheOtherWithoutEnd(version: Int, begun: String, then: String) async throws {
        let database = try await worked(upTo: version)
        let held = try await database.held(begun)
        let connection = try database.connection("postgres")
        async let migrating = Migrator.run(on: connection)
        try await database.somebodyWaits()
        try held.goOn(
            "\(then); insert into controller.repair_event (epoch, step, outcome) values (3, 'round', 'changed'); commit"
        )
        #expect(try await migrating.applied.count == Migration.all.count - version)
        try await held.end()
        #expect(try database.run("select count(*) from controller.repair_event where step = 'round'") == "1")
    }

    /// What has grown under one version is the same schema as what was made at once: one file after the other is all there is.
    @Test func whatHasGrownIsWhatIsNew() async throws {
        let (grown, new) = (try await worked(upTo: Self.first), try await Database.migrated())
        _ = try await Migrator.run(on: try grown.connection("postgres"))
        let shape = """
            select string_agg(x, E'\\n' order by x) from (
              select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull as x
                from pg_class c join pg_attribute a on a.attrelid = c.oid
               where c.relnamespace = 'controller'::regnamespace and a.attnum > 0 and not a.attisdropped
              union all select p.oid::regprocedure::text || md5(p.prosrc) || p.prosecdef || coalesce(p.proacl::text, '')
                from pg_proc p where p.pronamespace = 'controller'::regnamespace
              union all select k.conname || pg_get_constraintdef(k.oid) from pg_constraint k
               where k.connamespace = 'controller'::regnamespace
              union all select g.table_name || ' ' || g.grantee || ' ' || g.privilege_type
                from information_schema.table_privileges g where g.table_schema = 'controller') s
            """
        #expect(try grown.run(shape) == new.run(shape))
    }
}
