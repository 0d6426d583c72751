import Core
import Postgres
import TestSupport
import Testing

@Suite struct RoleTests {
    private static let relations = """
        select quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind, a.attname
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum = 2
         where n.nspname in ('controller', 'platform') and c.relkind in ('r', 'v') order by 1
        """

    /// Everything there is, tried: reading works on the views alone, and no write and no call works anywhere.
    @Test func theAuditRoleReadsTheViewsAndDoesNothingElse() async throws {
        let database = try await Database.migrated()
        let admin = try database.connection("postgres")
        let audit = try database.connection("zlh_audit")
        let relations = try await admin.rows(Self.relations, timeout: Database.patience)
        #expect(relations.count == 28)
        for row in relations {
            let (name, isView, column) = (row[0] ?? "", row[1] == "v", row[2] ?? "")
            let select = await code(audit, "select * from \(name)")
            #expect(select == (isView ? nil : .permission), "select from \(name)")
            for write in [
                "insert into \(name) default values", "update \(name) set \(column) = null", "delete from \(name)",
            ] {
                // A view over two tables cannot be written by anybody: PostgreSQL says so before it asks who it is.
                let allowed: [PostgresError.Code] = isView ? [.permission, .server("55000")] : [.permission]
                let code = await code(audit, write)
                #expect(code.map { allowed.contains($0) } == true, "\(write)")
            }
            if !isView { #expect(await code(audit, "truncate \(name)") == .permission, "truncate \(name)") }
        }
        let functions = try await admin.rows(
            """
            select p.oid::regprocedure::text, has_function_privilege('zlh_audit', p.oid, 'execute'),
                   has_function_privilege('zlh_run', p.oid, 'execute')
              from pg_proc p where p.pronamespace = 'controller'::regnamespace order by 1
            """, timeout: Database.patience)
        #expect(functions.count == 13)
        for function in functions {
            #expect(function[1] == "f", "\(function[0] ?? "")")
            let isForRun = ["mark_", "fail_", "prune_"].contains { function[0]?.contains("controller.\($0)") == true }
            #expect(function[2] == (isForRun ? "t" : "f"), "\(function[0] ?? "")")
        }
        let nulls = "null, null, null, null, null, null, null, null"
        #expect(await code(audit, "select controller.mark_operation_stale(\(nulls))") == .permission)
        #expect(await code(audit, "select controller.fail_stuck_operation(\(nulls), null)") == .permission)
        #expect(await code(audit, "create table controller.t (x integer)") == .permission)
    }

    @Test func theRunRoleHasNothingOnPlatform() async throws {
        let database = try await Database.migrated()
        let run = try database.connection("zlh_run")
        #expect(await code(run, "select from platform.container_instance") == .permission)
        #expect(await code(run, "update platform.provisioning_operation set status = 'stale'") == .permission)
        #expect(await code(run, "update controller.desired_operation set status = 'stale'") == .permission)
        #expect(await code(run, "delete from controller.repair_event") == .permission)
        #expect(await code(run, "update controller.repair_event set outcome = 'x'") == .permission)
        #expect(await code(run, "delete from controller.leadership") == .permission)
        #expect(await code(run, "insert into controller.repair_event (outcome) values ('asked')") == nil)
    }

    @Test func noViewShowsThePayload() async throws {
        let database = try await Database.migrated()
        let count = try database.run(
            "select count(*) from information_schema.columns where table_schema = 'controller' and column_name = 'payload'"
        )
        #expect(count == "0")
    }

    /// Append-only for its owner, too; what is older than a day may go.
    @Test func historyCannotBeEdited() async throws {
        let database = try await Database.migrated()
        let admin = try database.connection("postgres")
        _ = try database.run(
            "insert into controller.repair_event (at) values (now()), (now() - interval '91 days')")
        for sql in [
            "update controller.repair_event set step = 'x'", "truncate controller.repair_event",
            "delete from controller.repair_event", "delete from controller.leadership",
            "update controller.leadership set epoch = -1",
        ] {
            #expect(await code(admin, sql) == .server("23001"), "\(sql)")
        }
        let run = try database.connection("zlh_run")
        #expect(await code(run, "select controller.prune_repair_event(interval '1 hour')") == .server("22023"))
        let gone = try await run.rows(
            "select controller.prune_repair_event(interval '90 days')", timeout: Database.patience)
        #expect(gone == [["1"]])
        #expect(try database.run("select count(*) from controller.repair_event") == "1")
    }

    private func code(_ connection: PostgresConnection, _ sql: String) async -> PostgresError.Code? {
        await postgresError { () async throws(PostgresError) in
            try await connection.rows(sql, timeout: Database.patience)
        }?.code
    }
}
