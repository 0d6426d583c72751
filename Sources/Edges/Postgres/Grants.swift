/// Who may do what, as `migrate` sets it each time and prints it.
enum Grants {
    struct Grant: Equatable, Sendable {
        let role: String
        /// For a person: what it allows.
        let words: String
        let sql: [String]
    }

    static let owner = "zlh_migrate"
    static let roles = [owner, "zlh_run", "zlh_audit"]

    private static let views = [
        "desired_instance", "desired_operation", "desired_billing", "retired_instance", "active_pause",
        "accepted_drift", "schema_version",
    ].map { "controller.\($0)" }.joined(separator: ", ")

    private static let cas = "text, bigint, uuid, text, text, integer, timestamptz, timestamptz"

    static let all = [
        Grant(
            role: "zlh_audit", words: "may use schema controller, select on its views, and nothing else",
            sql: ["grant usage on schema controller to zlh_audit", "grant select on \(views) to zlh_audit"]),
        Grant(
            role: "zlh_run", words: "may use schema controller and select on its views",
            sql: ["grant usage on schema controller to zlh_run", "grant select on \(views) to zlh_run"]),
        Grant(
            role: "zlh_run", words: "may take over and close the leadership row",
            sql: ["grant select, update on controller.leadership to zlh_run"]),
        Grant(
            role: "zlh_run", words: "may add to and read repair_event, and drop what is older than events.keep",
            sql: [
                "grant select, insert on controller.repair_event to zlh_run",
                "grant execute on function controller.prune_repair_event(interval) to zlh_run",
            ]),
        Grant(
            role: "zlh_run", words: "may set and end pauses, and accept drifts",
            sql: [
                "grant select, insert, update on controller.pause to zlh_run",
                "grant select, insert, update, delete on controller.accepted to zlh_run",
            ]),
        Grant(
            role: "zlh_run",
            words: "may call mark_operation_stale and fail_stuck_operation, its only writes to desired state",
            sql: [
                "grant execute on function controller.mark_operation_stale(\(cas)) to zlh_run",
                "grant execute on function controller.fail_stuck_operation(\(cas), text) to zlh_run",
            ]),
    ]

    /// What the owner needs on tables that an existing platform made: a question with one boolean, and the answer's remedy.
    static func needs(database: String) -> [(question: String, remedy: String)] {
        var needs = [
            (
                "select to_regnamespace('controller') is not null and to_regnamespace('platform') is not null"
                    + " or has_database_privilege('\(owner)', current_database(), 'CREATE')",
                "grant create on database \(quoted(database)) to \(owner)"
            ),
            (
                "select to_regnamespace('controller') is null or has_schema_privilege('\(owner)', 'controller', 'CREATE')",
                "alter schema controller owner to \(owner)"
            ),
            (
                "select to_regnamespace('platform') is null or has_schema_privilege('\(owner)', 'platform', 'USAGE')",
                "grant usage on schema platform to \(owner)"
            ),
        ]
        let tables = [
            ("container_instance", "select, trigger"), ("provisioning_operation", "select, update, trigger"),
            ("billing_enforcement_state", "select, trigger"), ("deleted_instance", "select, trigger"),
        ]
        for (table, privileges) in tables {
            let held = privileges.split(separator: ", ").map {
                "has_table_privilege('\(owner)', c.oid, '\($0)')"
            }.joined(separator: " and ")
            let found =
                "from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                + " where n.nspname = 'platform' and c.relname = '\(table)'"
            needs.append(
                (
                    "select coalesce((select \(held) \(found)), true)",
                    "grant \(privileges) on platform.\(table) to \(owner)"
                ))
            needs.append(
                (
                    "select to_regnamespace('platform') is null or exists (select \(found))"
                        + " or has_schema_privilege('\(owner)', to_regnamespace('platform'), 'CREATE')",
                    "grant create on schema platform to \(owner)"
                ))
        }
        return needs
    }

    static func quoted(_ identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
