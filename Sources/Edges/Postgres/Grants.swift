/// Who may do what, as `migrate` sets it each time and prints it.
enum Grants {
    struct Grant: Equatable, Sendable {
        let role: String
        /// For a person: what it allows.
        let words: String
        let needs: [Need]
    }

    /// One statement, and the question whether it is needed: its answer is true when it is not.
    struct Need: Equatable, Sendable {
        let question: String?
        let remedy: String
    }

    static let owner = "zlh_migrate"
    static let roles = [owner, "zlh_run", "zlh_audit"]

    private static let views = [
        "desired_instance", "desired_operation", "desired_billing", "retired_instance", "active_pause",
        "accepted_drift", "schema_version", "plan_answer", "approved_drift", "drift_past",
    ].map { "controller.\($0)" }

    /// Asked view by view: one that a platform has made anew may have lost them, and is not ours to grant.
    private static func reading(_ role: String) -> [Need] {
        views.map {
            Need(
                question: "select has_table_privilege('\(role)', '\($0)', 'SELECT')",
                remedy: "grant select on \($0) to \(role)")
        }
    }

    private static func plain(_ statements: String...) -> [Need] {
        statements.map { Need(question: nil, remedy: $0) }
    }

    private static let cas = "text, bigint, uuid, text, text, integer, timestamptz, timestamptz"

    static let all = [
        Grant(
            role: "zlh_audit", words: "may use schema controller, select on its views, and nothing else",
            needs: plain("grant usage on schema controller to zlh_audit") + reading("zlh_audit")),
        Grant(
            role: "zlh_run", words: "may use schema controller and select on its views",
            needs: plain("grant usage on schema controller to zlh_run") + reading("zlh_run")),
        Grant(
            role: "zlh_run", words: "may take over and close the leadership row",
            needs: plain("grant select, update on controller.leadership to zlh_run")),
        Grant(
            role: "zlh_run", words: "may add to and read repair_event, and drop what is older than events.keep",
            needs: plain(
                "grant select, insert on controller.repair_event to zlh_run",
                "grant execute on function controller.prune_repair_event(interval) to zlh_run")),
        Grant(
            role: "zlh_run", words: "may keep the ledger: open drifts, attempts and their steps",
            needs: plain(
                "grant select, insert, update, delete on controller.open_drift to zlh_run",
                "grant select, insert, update on controller.repair_intent to zlh_run",
                "grant select, insert, update on controller.repair_step to zlh_run",
                "grant execute on function controller.prune_repair_intent(interval) to zlh_run")),
        Grant(
            role: "zlh_run", words: "may keep the outbox: incidents, their messages, and who was told",
            needs: plain(
                "grant select, insert, update on controller.incident to zlh_run",
                "grant select, insert, update, delete on controller.message to zlh_run",
                "grant select, insert, update on controller.outbox to zlh_run",
                "grant select, insert, update on controller.webhook_gone to zlh_run",
                "grant execute on function controller.prune_incident(interval) to zlh_run")),
        Grant(
            role: "zlh_run", words: "may set and end pauses, accept drifts, and answer plans",
            needs: plain(
                "grant select, insert, update on controller.approval to zlh_run",
                "grant select, insert on controller.approval_cover to zlh_run",
                "grant execute on function controller.prune_approval(interval) to zlh_run",
                "grant select, insert, update on controller.pause to zlh_run",
                "grant select, insert, update, delete on controller.accepted to zlh_run")),
        Grant(
            role: "zlh_run",
            words: "may call mark_operation_stale and fail_stuck_operation, its only writes to desired state",
            needs: plain(
                "grant execute on function controller.mark_operation_stale(\(cas)) to zlh_run",
                "grant execute on function controller.fail_stuck_operation(\(cas), text) to zlh_run")),
    ]

    /// What the owner needs on tables that an existing platform made: a question with one boolean, and the answer's
    /// remedy.
    static func needs(database: String) -> [Need] {
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
        return needs.map { Need(question: $0.0, remedy: $0.1) }
    }

    static func quoted(_ identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
