/// The columns of `platform` that the controller's views and functions read, as migration 0001 makes them.
enum PlatformShape {
    static let tables: [(name: String, columns: [String])] = [
        (
            "container_instance",
            [
                "vmid", "external_id", "customer_id", "ctype", "hostname", "node", "ip", "game", "variant", "port",
                "desired_power", "status", "created_at", "updated_at",
            ]
        ),
        (
            "provisioning_operation",
            [
                "id", "idempotency_key", "customer_id", "vmid", "kind", "queue", "job_id", "status", "phase",
                "attempts",
                "enqueued_at", "started_at", "heartbeat_at", "lease_expires_at", "finished_at", "error",
            ]
        ),
        (
            "billing_enforcement_state",
            [
                "customer_id", "billing_status", "server_billing_state", "suspended_at", "retention_until",
                "updated_at",
            ]
        ),
        (
            "deleted_instance",
            ["id", "vmid", "external_id", "customer_id", "hostname", "game", "variant", "ip", "reason", "deleted_at"]
        ),
    ]

    /// Fails when a platform has tables of these names with other columns: the views could not be made over them, and
    /// PostgreSQL would name one column and no way out. Once the views are there they may have been redefined, and nothing
    /// is asked.
    static func check(in session: PostgresSession) throws(PostgresError) {
        // By the catalogues alone: a name would be looked up with the rights of a role that may not have them yet.
        let views = try session.rows("select \(exists("controller", "desired_instance"))")
        if views.first?.first == "t" { return }
        var problems: [String] = []
        for table in tables {
            let rows = try session.rows(
                """
                select w.name from unnest($1::text[]) with ordinality w(name, n)
                 where \(exists("platform", table.name))
                   and not exists (select from pg_attribute a join pg_class c on c.oid = a.attrelid
                                     join pg_namespace n on n.oid = c.relnamespace
                                    where n.nspname = 'platform' and c.relname = '\(table.name)' and a.attname = w.name
                                      and a.attnum > 0 and not a.attisdropped)
                 order by w.n
                """, ["{" + table.columns.joined(separator: ",") + "}"])
            let missing = rows.compactMap { $0.first.flatMap { $0 } }
            if missing.isEmpty { continue }
            problems.append(
                "platform.\(table.name) lacks \(missing.count == 1 ? "column" : "columns") \(missing.joined(separator: ", "))"
            )
        }
        guard problems.isEmpty else {
            throw PostgresError(
                .undefinedObject, "the tables of schema platform are not those of the contract; nothing was changed",
                cause: problems.joined(separator: "; ")
                    + ". Keep your tables under another name: move them (alter table platform.T set schema S), migrate, "
                    + "then redefine the views controller.desired_instance, desired_operation, desired_billing and "
                    + "retired_instance and the functions mark_operation_stale and fail_stuck_operation over them")
        }
    }

    private static func exists(_ schema: String, _ name: String) -> String {
        "exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            + " where n.nspname = '\(schema)' and c.relname = '\(name)')"
    }
}
