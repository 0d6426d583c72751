import Core
import Postgres
import TestSupport
import Testing

@Suite struct ChangeTests {
    private static let instance =
        "insert into platform.container_instance (vmid, ctype, hostname) values (5001, 'game', 'mc-5001')"
    private static let operation = """
        insert into platform.provisioning_operation (id, vmid, kind, status) values ('a', 5001, 'create', 'running')
        """

    /// What one statement tells; a marker is sent behind it, so that silence needs no waiting.
    private func told(after setup: String, by statement: String) async throws -> [String] {
        let database = try await Database.migrated()
        try database.run(setup)
        let listener = ChangeListener(try database.connection("zlh_audit"))
        #expect(try await listener.next(timeout: Database.patience) == [.everything])
        try database.run(statement)
        try database.run("notify controller_desired, '999'")
        var heard: Set<ChangeListener.Change> = []
        let marker = ChangeListener.Change.instance(try #require(VMID(999)))
        while !heard.contains(marker) { heard.formUnion(try await listener.next(timeout: Database.patience)) }
        heard.remove(marker)
        return heard.map { change in
            switch change {
            case .everything: "everything"
            case .instance(let vmid): vmid.description
            }
        }.sorted()
    }

    @Test(arguments: [
        "update platform.provisioning_operation set heartbeat_at = now()",
        "update platform.provisioning_operation set heartbeat_at = now(), lease_expires_at = now()",
        "update platform.container_instance set updated_at = now(), payload = '{\"a\": 1}'",
        "update platform.container_instance set status = 'active'",
        "update platform.container_instance set status = 'failed' where vmid = 4711",
        "delete from platform.container_instance where vmid = 4711",
        "update platform.billing_enforcement_state set updated_at = now()",
    ])
    func noNews(_ statement: String) async throws {
        #expect(try await told(after: Self.instance + ";" + Self.operation, by: statement) == [])
    }

    @Test(arguments: [
        "update platform.provisioning_operation set status = 'ready', heartbeat_at = now()",
        "update platform.provisioning_operation set phase = 'clone'",
        "update platform.container_instance set ip = '10.0.0.1'",
        "update platform.container_instance set status = 'terminating'",
        "delete from platform.container_instance", "delete from platform.provisioning_operation",
        "insert into platform.deleted_instance (vmid, hostname) values (5001, 'x')",
        "insert into platform.provisioning_operation (id, vmid, kind, status) values ('b', 5001, 'stop', 'queued')",
    ])
    func oneInstance(_ statement: String) async throws {
        #expect(try await told(after: Self.instance + ";" + Self.operation, by: statement) == ["5001"])
    }

    /// The rows of one server by themselves are what a round reads of them, until something changes that decides.
    @Test func aSliceIsWhatAWholeReadingHas() async throws {
        let database = try await Database.migrated()
        try database.run(Self.instance + ";" + Self.operation)
        try database.run("insert into platform.deleted_instance (vmid, hostname) values (5001, 'x')")
        let vmid = try #require(VMID(5001))
        let reader = DesiredStateReader(try database.connection("zlh_audit"))
        func slice() async throws -> DesiredSlice? {
            try await reader.slices(of: [vmid], timeout: Database.patience)[vmid]
        }
        let known = DesiredSlice(vmid, in: try await database.read())
        #expect(try await slice() == known)
        try database.run("update platform.provisioning_operation set phase = 'clone'")
        let begun = try await slice()
        #expect(begun != known)
        try database.run("update platform.provisioning_operation set phase = 'start', heartbeat_at = now()")
        #expect(try await slice() == begun)
        // A platform's own triggers may tell of a customer by the VMID of a server.
        try database.run("update platform.container_instance set customer_id = 'c1'")
        for change in [
            "insert into platform.billing_enforcement_state (customer_id, billing_status) values ('c1', 'suspended')",
            "update platform.billing_enforcement_state set billing_status = 'active'",
            "update platform.container_instance set ip = '10.0.0.1'",
            "update platform.provisioning_operation set status = 'ready'", "delete from platform.deleted_instance",
        ] {
            let before = try await slice()
            try database.run(change)
            let after = try await slice()
            #expect(after != before, "\(change)")
            #expect(after == DesiredSlice(vmid, in: try await database.read()), "\(change)")
        }
    }

    @Test(arguments: [
        "update platform.container_instance set vmid = 5002",
        "insert into platform.container_instance (vmid, ctype, hostname) values (5002, 'game', 'a'), (5003, 'game', 'b')",
        "insert into platform.provisioning_operation (id, kind, status) values ('b', 'create', 'queued')",
        "insert into platform.billing_enforcement_state (customer_id, billing_status) values ('c', 'suspended')",
        "truncate platform.container_instance",
    ])
    func everything(_ statement: String) async throws {
        #expect(try await told(after: Self.instance + ";" + Self.operation, by: statement) == ["everything"])
    }

    /// The role that writes a platform table need know nothing of the controller's schema.
    @Test func thePlatformsOwnRoleCanWrite() async throws {
        let heard = try await told(
            after: """
                do $$ begin create role platform_app; exception when duplicate_object then null; end $$;
                grant usage on schema platform to platform_app;
                grant insert on platform.container_instance to platform_app
                """, by: "set role platform_app; \(Self.instance)")
        #expect(heard == ["5001"])
    }

    @Test func afterALostConnectionEverythingIsToBeLookedAt() async throws {
        let database = try await Database.migrated()
        let listener = ChangeListener(try database.connection("zlh_audit"))
        #expect(try await listener.next(timeout: Database.patience) == [.everything])
        #expect(try await listener.next(timeout: .milliseconds(20)) == [])
        try database.run(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = 'zlh_audit'"
                + " and datname = current_database()")
        #expect(try await listener.next(timeout: Database.patience) == [.everything])
    }
}
