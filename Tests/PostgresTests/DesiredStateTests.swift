import Core
import Postgres
import TestSupport
import Testing

@Suite struct DesiredStateTests {
    @Test func readsEverythingUnderTheAuditRole() async throws {
        let database = try await Database.migrated()
        try database.run(
            """
            insert into platform.container_instance (vmid, external_id, customer_id, ctype, hostname, node, ip, game, port,
              payload) values
              (6001, '00000000-0000-0000-0000-0000000000B2', null, 'dev', 'dev-6001', null, null, null, null, '{}'),
              (5001, '00000000-0000-0000-0000-0000000000a1', 'c1', 'game', 'mc-5001', 'n1', '10.70.0.5/16', 'minecraft',
               25565, '{"password": "x"}');
            insert into platform.provisioning_operation (id, customer_id, vmid, kind, status, phase, attempts, enqueued_at,
              heartbeat_at) values
              ('op-1', 'c1', 5001, 'create', 'running', 'clone', 2,
               '2026-01-01 00:00:00.123456+02', '2026-01-01 00:00:01Z'),
              ('op-old', 'c1', 5001, 'create', 'ready', null, 0, now() - interval '31 days', null);
            insert into platform.billing_enforcement_state values ('c1', 'past_due', 'backup_blocked');
            insert into platform.deleted_instance (vmid, hostname, deleted_at) values
              (5002, 'mc-5002', '2026-01-01Z'), (5003, 'mc-5003', now()), (5001, 'MC-5001', now());
            insert into controller.pause (vmid, until, reason, by) values (null, now() + interval '1 hour', 'why', 'me'),
              (5001, now() + interval '2 hours', 'ended', 'me');
            update controller.pause set ended_at = now() where vmid = 5001;
            insert into controller.accepted (drift_id, reason, until, by)
              values ('abc', 'known', now() + interval '1 day', 'me'), ('old', 'known', now() - interval '1 day', 'me');
            """)
        let state = try await database.read()
        #expect(state.unreadable == [])
        #expect(state.instances.map(\.vmid.description) == ["5001", "6001"])
        let first = try #require(state.instances.first)
        #expect(first.address == "10.70.0.5")
        #expect(first.key.externalID.description == "00000000-0000-0000-0000-0000000000a1")
        #expect(first.ctype == .game && first.power == .running && first.status == .active && first.port == 25565)
        #expect(state.operations.map(\.id) == ["op-1"])
        #expect(state.operations.first?.enqueuedAt.microseconds == 1_767_218_400_123_456)
        #expect(state.operations.first?.heartbeatAt == Timestamp(seconds: 1_767_225_601))
        #expect(state.operations.first?.leaseExpiresAt == nil)
        #expect(state.billing == [BillingRow(customer: "c1", status: .pastDue, serverState: .backupBlocked)])
        #expect(state.retired.map(\.hostname) == ["mc-5003"])
        #expect(state.pauses.map(\.why) == ["why"])
        #expect(state.accepted.map(\.driftID) == ["abc"])
        #expect(state.readAt == Timestamp(seconds: 1))
        let run = try await database.read(as: "zlh_run")
        #expect(run == state)
    }

    @Test func twoRowsUnderOneVMIDAreTwoRows() async throws {
        let database = try await Database.migrated()
        try redefine(
            database, "vmid integer, external_id uuid, ctype text, hostname text",
            """
            (5001, 'bbbbbbbb-0000-0000-0000-000000000000', 'game', 'mc-5001'),
            (5001, 'aaaaaaaa-0000-0000-0000-000000000000', 'game', 'mc-5001')
            """)
        let state = try await database.read()
        #expect(state.instances.map(\.vmid.number) == [5001, 5001])
        #expect(state.instances.map { $0.key.externalID.high >> 60 } == [10, 11])
    }

    /// Each row is wrong in its own way; the one that is right is read all the same.
    @Test func unreadableRowsAreReportedAndHideNothing() async throws {
        let database = try await Database.migrated()
        try redefine(
            database, "vmid text, external_id text, ctype text, hostname text",
            """
            (null, 'aaaaaaaa-0000-0000-0000-000000000000', 'game', 'a'),
            ('99', 'aaaaaaaa-0000-0000-0000-000000000000', 'game', 'a'),
            ('five', 'aaaaaaaa-0000-0000-0000-000000000000', 'game', 'a'), ('5001', 'no-uuid', 'game', 'a'),
            ('5002', null, 'game', 'a'), ('5003', 'aaaaaaaa-0000-0000-0000-000000000000', 'vm', 'a'),
            ('5004', 'aaaaaaaa-0000-0000-0000-000000000000', 'game', null),
            ('5005', 'aaaaaaaa-0000-0000-0000-000000000000', 'game', ''),
            ('5006', 'aaaaaaaa-0000-0000-0000-000000000000', 'game', 'right')
            """)
        let state = try await database.read()
        #expect(state.instances.map(\.hostname) == ["right"])
        #expect(
            Set(state.unreadable.map(\.why)) == [
                "vmid: null", "vmid: no number from 100 to 999999999", "external_id: no UUID", "external_id: null",
                "ctype: a word that is not known", "hostname: null", "hostname: empty",
            ])
        #expect(state.unreadable.count == 8)
        #expect(state.unreadable.compactMap { $0.vmid?.number }.sorted() == [5001, 5002, 5003, 5004, 5005])
        #expect(state.unreadable.allSatisfy { $0.table == .instance })
    }

    /// What other types a platform may have for what is a number, an identity or an address here.
    @Test(arguments: [
        ("char(12)", "char(40)", "char(20)", "char(9)"), ("bigint", "uuid", "inet", "bigint"),
        ("numeric(10)", "varchar", "cidr", "numeric"), ("padded", "padded", "padded", "padded"),
    ])
    func otherTypesAreReadAsText(_ vmid: String, _ id: String, _ ip: String, _ port: String) async throws {
        let database = try await Database.migrated()
        try database.run("create domain public.padded as char(50)")
        try redefine(
            database, "vmid \(vmid), external_id \(id), ctype text, hostname text, ip \(ip), port \(port)",
            "('5001', 'aaaaaaaa-0000-0000-0000-000000000000', 'game', 'mc-5001', '10.0.0.1', '25565')",
            replacing: ["ip": "o.ip", "port": "o.port"])
        let state = try await database.read()
        #expect(state.unreadable == [])
        let row = try #require(state.instances.first)
        #expect(row.vmid.number == 5001 && row.key.externalID.high >> 60 == 10)
        #expect(row.address == "10.0.0.1" && row.port == 25565)
    }

    @Test(arguments: [
        ("status", "'gone'", "status: a word that is not known"), ("desired_power", "null", "desired_power: null"),
        ("ip", "'10.0.0.999'", "ip: no address"), ("port", "'70000'", "port: no number from 1 to 65535"),
    ])
    func aColumnThatCannotBeUnderstood(_ column: String, _ value: String, _ why: String) async throws {
        let database = try await Database.migrated()
        try redefine(
            database, "vmid integer, external_id uuid, ctype text, hostname text",
            "(5001, 'aaaaaaaa-0000-0000-0000-000000000000', 'game', 'mc-5001')", replacing: [column: "\(value)::text"])
        let state = try await database.read()
        #expect(state.instances == [])
        #expect(state.unreadable.map(\.why) == [why])
        #expect(state.unreadable.first?.hostname == "mc-5001")
    }

    @Test func otherTablesToo() async throws {
        let database = try await Database.migrated()
        try database.run(
            """
            alter table platform.provisioning_operation drop constraint provisioning_operation_status_check;
            alter table platform.billing_enforcement_state drop constraint billing_enforcement_state_billing_status_check;
            insert into platform.provisioning_operation (id, vmid, kind, status) values
              ('a', 5001, 'create', 'odd'), ('b', 5, 'create', 'queued'), ('d', 5001, 'create', 'queued');
            insert into platform.provisioning_operation (id, kind, status, enqueued_at)
              values ('c', 'create', 'queued', 'infinity');
            insert into platform.billing_enforcement_state (customer_id, billing_status) values ('c1', 'odd');
            insert into platform.deleted_instance (vmid, hostname) values (7, 'mc-7');
            """)
        let state = try await database.read()
        #expect(state.operations.map(\.id) == ["d"])
        #expect(state.unreadable.map(\.table) == [.operation, .operation, .operation, .billing, .retired])
        #expect(
            state.unreadable.map(\.why) == [
                "status: a word that is not known", "vmid: no number from 100 to 999999999",
                "enqueued_at: no finite time with an offset", "billing_status: a word that is not known",
                "vmid: no number from 100 to 999999999",
            ])
        #expect(state.billing == [BillingRow(customer: "c1", status: nil, serverState: .allowed)])
    }

    /// A view of the snapshot's first query commits a change of another table: the later queries must not see it.
    @Test func everythingComesFromOneSnapshot() async throws {
        let database = try await Database.migrated()
        let reading = try database.connection("zlh_audit")
        let platform = try database.connection("postgres")
        // The instances' view waits for an advisory lock, so that the change falls between the first and the second
        // query.
        try database.run(
            """
            create or replace view controller.desired_instance as
              select i.vmid, i.external_id, i.customer_id, i.ctype, i.hostname, i.node, i.ip, i.game, i.variant, i.port,
                     i.desired_power, i.status, i.created_at, i.updated_at
                from platform.container_instance i, (select pg_advisory_xact_lock_shared(77)) as gate;
            insert into platform.container_instance (vmid, ctype, hostname) values (5001, 'game', 'mc-5001');
            """)
        let change = try database.connection("postgres")
        async let changed: Void = change.run(timeout: Database.patience) { session throws(PostgresError) in
            try session.transaction { session throws(PostgresError) in
                _ = try session.query("select pg_advisory_xact_lock(77)")
                // Until the reader waits at the gate: its snapshot is taken by then.
                while try session.rows(
                    "select from pg_locks where locktype = 'advisory' and objid = 77 and not granted"
                        + " and database = (select oid from pg_database where datname = current_database())"
                ).isEmpty { _ = try session.query("select pg_sleep(0.02)") }
                try session.script(
                    """
                    insert into platform.provisioning_operation (id, kind, status) values ('late', 'create', 'queued');
                    insert into platform.container_instance (vmid, ctype, hostname) values (5002, 'game', 'mc-5002')
                    """)
            }
        }
        // The gate is shut before the reader comes.
        let shut = "select count(*) from pg_locks where locktype = 'advisory' and objid = 77 and granted"
        while try await platform.rows(shut, timeout: Database.patience) != [["1"]] { await Task.yield() }
        let state = try await DesiredStateReader(reading).read(
            timeout: Database.patience, now: { Timestamp(seconds: 1) }
        ).get()
        try await changed
        #expect(state.instances.map(\.vmid.number) == [5001])
        #expect(state.operations == [])
        let later = try await database.read()
        #expect(later.instances.count == 2)
        #expect(later.operations.map(\.id) == ["late"])
    }

    @Test func failuresSayWhatToDo() async throws {
        let bare = try Database.empty()
        let missing = try await bare.failure(as: "postgres")
        #expect(missing?.code == .database)
        #expect(missing?.detail.contains("zlh-controller migrate") == true)
        let database = try await Database.migrated()
        try database.run("revoke select on controller.desired_billing from zlh_audit")
        let forbidden = try await database.failure()
        #expect(forbidden?.code == .forbidden)
        #expect(forbidden?.detail.contains("desired_billing") == true)
        let unauthorized = try await database.failure(as: PrivatePostgres.passwordUser)
        #expect(unauthorized?.code == .unauthorized)
        let reader = DesiredStateReader(try database.connection("zlh_audit"))
        let late = await reader.read(timeout: .milliseconds(0), now: { Timestamp(seconds: 1) })
        #expect(throws: ReadFailure.self) { try late.get() }
        if case .failure(let failure) = late { #expect(failure.code == .timeout) }
    }

    /// What is late is judged by this server's clock: by another one a worker that lives would be called dead.
    @Test(arguments: [-60, -1, 0, 1, 60])
    func aClockThatIsAnotherDecidesNothing(minutes: Int64) async throws {
        let database = try await Database.migrated()
        let reader = DesiredStateReader(try database.connection("zlh_audit"))
        let said = try await reader.clock(timeout: Database.patience)
        let result = await reader.read(
            timeout: Database.patience, now: { said + .minutes(minutes) }, mostApart: .seconds(30))
        switch result {
        case .success: #expect(minutes == 0)
        case .failure(let failure):
            #expect(minutes != 0 && failure.code == .database)
            #expect(failure.detail.contains("what is late is not judged"))
        }
    }

    /// PostgreSQL hides what a policy does not show, and says nothing: a server would be missing from what should be.
    @Test func rowsThatAPolicyHidesAreNoShorterList() async throws {
        let database = try await Database.migrated()
        try database.run(
            """
            insert into platform.container_instance (vmid, ctype, hostname) values (5001, 'game', 'mc-5001'),
              (5002, 'game', 'mc-5002');
            alter table platform.container_instance enable row level security, force row level security;
            create policy hiding on platform.container_instance using (vmid <> 5001)
            """)
        let hidden = try await database.failure()
        #expect(hidden?.code == .forbidden)
        #expect(hidden?.detail.contains("row-level security") == true)
        #expect(hidden?.detail.contains("BYPASSRLS") == true)
        // What it would have been without a word: the owner of the view is zlh_migrate, as the tables' is.
        #expect(
            try database.run("set role zlh_audit; select string_agg(vmid::text, ',') from controller.desired_instance")
                == "5002")
        try database.run("alter table platform.container_instance no force row level security")
        #expect(try await database.read().instances.count == 2)
    }

    /// Replaces the view as a platform with other tables would.
    /// A redefined view may yield anything, and all of it is held.
    @Test(arguments: [Intake(rows: 150, bytes: 1 << 20), Intake(rows: 10_000, bytes: 4000)])
    func moreThanAnyEstateHasIsNoReading(_ most: Intake) async throws {
        let database = try await Database.migrated()
        try database.run(
            """
            insert into platform.container_instance (vmid, ctype, hostname)
              select n, 'game', 'mc-' || n from generate_series(5001, 5200) n
            """)
        let url = database.server.url(user: "zlh_audit", database: database.name)
        let connection = try PostgresConnection(PostgresTarget(url: url), taking: most)
        let reader = DesiredStateReader(connection)
        for _ in 1...2 {
            let result = await reader.read(timeout: Database.patience, now: { Timestamp(seconds: 1) })
            guard case .failure(let failure) = result else {
                Issue.record("it was read")
                return
            }
            #expect(failure.code == .oversize)
            #expect(failure.detail.contains("views"))
        }
        // Each call has the whole of it again, and what came before is no harm to it.
        #expect(try await connection.rows("select 1", timeout: Database.patience) == [["1"]])
        try database.run("delete from platform.container_instance where vmid > 5010")
        for _ in 1...20 {
            let state = try await reader.read(timeout: Database.patience, now: { Timestamp(seconds: 1) }).get()
            #expect(state.instances.count == 10)
        }
        await connection.close()
    }

    private func redefine(
        _ database: Database, _ columns: String, _ values: String, replacing: [String: String] = [:]
    ) throws {
        func column(_ name: String, _ usual: String) -> String { "\(replacing[name] ?? usual) as \(name)" }
        try database.run(
            """
            drop view controller.desired_instance;
            create table platform.other (\(columns));
            insert into platform.other values \(values);
            create view controller.desired_instance as
              select o.vmid, o.external_id, 'c'::text as customer_id, o.ctype, o.hostname, null::text as node,
                     \(column("ip", "null::inet")), null::text as game, null::text as variant,
                     \(column("port", "null::integer")), \(column("desired_power", "'running'::text")),
                     \(column("status", "'active'::text")), now() as created_at, now() as updated_at
                from platform.other o;
            grant select on controller.desired_instance to zlh_audit;
            """)
    }
}
