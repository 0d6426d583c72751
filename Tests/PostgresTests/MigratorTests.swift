import Core
import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct MigratorTests {
    @Test func theListIsTheFolder() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Edges/Postgres/Migrations").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let listed = Migration.all.map { migration in
            let digits = String(migration.number)
            return String(repeating: "0", count: 4 - digits.count) + "\(digits)_\(migration.name).sql"
        }
        #expect(files == listed)
        for (file, migration) in zip(files, Migration.all) {
            var hash = SHA256()
            hash.update(try Data(contentsOf: folder.appendingPathComponent(file)))
            #expect(hash.finish() == migration.checksum)
        }
    }

    @Test func twiceChangesNothing() async throws {
        let database = try Database.empty()
        let connection = try database.connection("postgres")
        let first = try await Migrator.run(on: connection)
        #expect(first.applied.count == Migration.all.count)
        #expect(first.alreadyApplied == 0)
        let second = try await Migrator.run(on: connection)
        #expect(second.applied == [])
        #expect(second.rolesCreated == [])
        #expect(second.alreadyApplied == Migration.all.count)
        #expect(second.grants == first.grants)
        let owners = try database.run(
            """
            select distinct pg_get_userbyid(c.relowner) from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname in ('controller', 'platform')
            """)
        #expect(owners == "zlh_migrate")
    }

    @Test func twoAtOnceInOneDatabase() async throws {
        let database = try Database.empty()
        let (one, two) = (try database.connection("postgres"), try database.connection("postgres"))
        async let first = Migrator.run(on: one)
        async let second = Migrator.run(on: two)
        let applied = try await [first.applied.count, second.applied.count].sorted()
        #expect(applied == [0, Migration.all.count])
    }

    /// Roles belong to the cluster: both find them missing, one creates them.
    @Test func twoDatabasesOfAFreshClusterAtOnce() async throws {
        let server = try PrivatePostgres()
        let names = [try server.createDatabase(), try server.createDatabase()]
        let connections = try names.map { try PostgresConnection(PostgresTarget(url: server.url(database: $0))) }
        async let first = Migrator.run(on: connections[0])
        async let second = Migrator.run(on: connections[1])
        let reports = try await [first, second]
        #expect(reports.allSatisfy { $0.applied.count == Migration.all.count })
        #expect(reports.flatMap(\.rolesCreated).sorted() == ["zlh_audit", "zlh_migrate", "zlh_run"])
        try server.kill()
    }

    @Test func anUnprivilegedRoleIsToldWhatToRunAndThenSucceeds() async throws {
        let server = try PrivatePostgres()
        let name = try server.createDatabase()
        try server.run("create role zlh_migrate login")
        let connection = try PostgresConnection(
            PostgresTarget(url: server.url(user: "zlh_migrate", database: name)))
        let roles = await postgresError { () async throws(PostgresError) in _ = try await Migrator.run(on: connection) }
        #expect(roles?.code == .permission)
        #expect(roles?.cause == "create role zlh_run login; create role zlh_audit login;")
        // The advice is run to the letter.
        try server.run(roles?.cause ?? "", database: name)
        let create = await postgresError { () async throws(PostgresError) in _ = try await Migrator.run(on: connection)
        }
        #expect(create?.cause == "grant create on database \"\(name)\" to zlh_migrate;")
        try server.run(create?.cause ?? "", database: name)
        let report = try await Migrator.run(on: connection)
        #expect(report.applied.count == Migration.all.count)
        #expect(report.rolesCreated == [])
        try server.kill()
    }

    @Test(arguments: ["postgres", "zlh_migrate"])
    func anExistingPlatformKeepsItsTables(_ user: String) async throws {
        let template = try await Database.migrated()  // for the roles
        let database = try Database.empty()
        try template.run("select 1")
        try database.run(
            """
            create schema platform;
            create table platform.container_instance (vmid integer primary key, external_id uuid not null,
              customer_id text, ctype text, hostname text, node text, ip inet, game text, variant text, port integer,
              desired_power text, status text, payload jsonb, created_at timestamptz, updated_at timestamptz);
            insert into platform.container_instance values (5001, gen_random_uuid(), 'c', 'game', 'mc-5001');
            grant create on database \(database.name) to zlh_migrate;
            """)
        let connection = try database.connection(user)
        if user == "zlh_migrate" {
            let error = await postgresError { () async throws(PostgresError) in
                _ = try await Migrator.run(on: connection)
            }
            #expect(error?.code == .permission)
            try database.run(error?.cause ?? "")
        }
        _ = try await Migrator.run(on: connection)
        let state = try await database.read()
        #expect(state.unreadable.map(\.why) == ["desired_power: null"])
        #expect(
            try database.run("select tableowner from pg_tables where tablename = 'container_instance'") == "postgres")
    }

    @Test func theShapeIsWhatTheFirstMigrationMakes() async throws {
        let database = try await Database.migrated()
        for table in PlatformShape.tables {
            let columns = try database.run(
                """
                select string_agg(column_name, ',' order by ordinal_position) from information_schema.columns
                 where table_schema = 'platform' and table_name = '\(table.name)' and column_name <> 'payload'
                """)
            #expect(columns == table.columns.joined(separator: ","))
        }
    }

    @Test func aPlatformWithOtherColumnsIsToldSoBeforeAnythingIsChanged() async throws {
        let server = try PrivatePostgres()
        let name = try server.createDatabase()
        try server.run(
            """
            create schema platform;
            create table platform.container_instance (vm_id integer primary key, external_id uuid, customer_id text,
              ctype text, hostname text, node text, game text, variant text, port integer, desired_power text,
              status text, created_at timestamptz, updated_at timestamptz);
            insert into platform.container_instance (vm_id, hostname) values (5001, 'mc-5001');
            create table platform.deleted_instance (id bigint, vmid integer, external_id uuid, customer_id text,
              hostname text, game text, variant text, ip inet, reason text);
            """, database: name)
        let connection = try PostgresConnection(PostgresTarget(url: server.url(database: name)))
        let error = await postgresError { () async throws(PostgresError) in _ = try await Migrator.run(on: connection) }
        #expect(error?.code == .undefinedObject)
        #expect(error?.message.contains("nothing was changed") == true)
        #expect(
            error?.cause?.hasPrefix(
                "platform.container_instance lacks columns vmid, ip; platform.deleted_instance lacks column deleted_at. "
            )
                == true)
        #expect(error?.cause?.contains("redefine the views") == true)
        #expect(try server.run("select count(*) from pg_roles where rolname like 'zlh%'", database: name) == "0")
        #expect(try server.run("select to_regnamespace('controller') is null", database: name) == "t")
        // The advice is followed: the tables move, and the view is made anew over them.
        try server.run(
            "create schema own; alter table platform.container_instance set schema own;"
                + "alter table platform.deleted_instance set schema own", database: name)
        _ = try await Migrator.run(on: connection)
        try server.run(
            """
            create or replace view controller.desired_instance as
            select i.vm_id as vmid, i.external_id, i.customer_id, i.ctype, i.hostname, i.node, null::inet as ip, i.game,
                   i.variant, i.port, i.desired_power, i.status, i.created_at, i.updated_at from own.container_instance i;
            grant usage on schema own to zlh_migrate;
            grant select on own.container_instance to zlh_migrate
            """, database: name)
        #expect(try await Migrator.run(on: connection).applied == [])
        #expect(try server.run("select vmid from controller.desired_instance", database: name) == "5001")
        try server.kill()
    }

    @Test func aChangedOrUnknownMigrationIsRefused() async throws {
        let database = try await Database.migrated()
        let connection = try database.connection("postgres")
        try database.run("update controller.schema_migration set checksum = 'x' where number = 2")
        let changed = await postgresError { () async throws(PostgresError) in _ = try await Migrator.run(on: connection)
        }
        #expect(changed?.description.contains("0002 controller was applied with another content") == true)
        try database.run("update controller.schema_migration set number = 99 where number = 2")
        let newer = await postgresError { () async throws(PostgresError) in _ = try await Migrator.run(on: connection) }
        #expect(newer?.description.contains("newer than this program") == true)
    }

    @Test func serverFacts() async throws {
        let database = try await Database.migrated()
        let facts = try await database.connection("zlh_audit").serverFacts(timeout: Database.patience)
        #expect(facts.user == "zlh_audit")
        #expect(!facts.isInRecovery)
        #expect(facts.applied == .numbers(facts.expected))
        let bare = try await Database.empty().connection("postgres").serverFacts(timeout: Database.patience)
        #expect(bare.applied == .none)
        try database.run("revoke select on controller.schema_version from zlh_audit")
        let blind = try await database.connection("zlh_audit").serverFacts(timeout: Database.patience)
        #expect(blind.applied == .unreadable("the role zlh_audit may not read controller.schema_version"))
    }
}
