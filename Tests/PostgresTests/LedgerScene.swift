import Core
import Postgres
import TestSupport
import Testing

/// One operation that nobody works on, whoever leads, and the repair that was decided on it.
struct LedgerScene {
    var database: Database
    var connection: PostgresConnection
    var lease: Lease
    var intent: Intent

    var ledger: RepairLedger { RepairLedger(connection) }

    func events() throws -> String {
        try database.run(
            "select coalesce(string_agg(outcome, ' ' order by id), '') from controller.repair_event")
    }

    func status() throws -> String {
        try database.run("select status from platform.provisioning_operation where id = 'op'")
    }

    func state() throws -> String {
        try database.run("select coalesce(string_agg(state, ' '), '') from controller.repair_intent")
    }

    func repair() async throws -> RepairOutcome? {
        guard try await ledger.claim(intent, lease: lease, timeout: Database.patience) == nil else { return nil }
        guard try await ledger.act(intent, lease: lease, fresh: .seconds(8), timeout: Database.patience) else {
            return nil
        }
        return try await ledger.check(intent, lease: lease, timeout: Database.patience)
    }

    static let stale = """
        ('op', 'restart', 'running', 'stop', 1, 5001, now() - interval '1 hour', now() - interval '11 minutes',
         now() - interval '10 minutes 1.234567 seconds')
        """
    static let stuck =
        "('op', 'create', 'queued', null, 0, null, now() - interval '16 minutes', null, null)"

    static func make(_ operation: String = stale) async throws -> LedgerScene {
        let database = try await Database.migrated()
        try database.run(
            """
            update controller.leadership set epoch = 3, holder = '\(Database.holder)', taken_at = now(), closed_at = null;
            insert into platform.container_instance (vmid, ctype, hostname) values (5001, 'game', 'mc-paper-5001');
            insert into platform.provisioning_operation
              (id, kind, status, phase, attempts, vmid, enqueued_at, heartbeat_at, lease_expires_at) values \(operation)
            """)
        let desired = try await database.read()
        let row = try #require(desired.operations.first)
        let isStale = row.kind == .restart
        let drift = OpenDrift(
            id: "0123456789abcdef", kind: isStale ? .operationStale : .operationStuck, vmid: row.vmid,
            externalID: isStale ? desired.instances.first?.key.externalID : nil,
            hostname: isStale ? "mc-paper-5001" : nil, level: .automatic,
            action: isStale ? .clearStaleOperationLock : .failStuckOperation, verdict: .repair, reason: .policyMatched,
            since: Timestamp(seconds: 1_767_225_600))
        let act: Intent.Act =
            isStale ? .clearStaleOperationLock(row) : .failStuckOperation(row, reason: "never begun")
        return LedgerScene(
            database: database, connection: try database.connection("zlh_run"),
            lease: Lease(epoch: 3, holder: try #require(HolderID(Database.holder))),
            intent: Intent(
                drift: drift, act: act, attempt: 1, epoch: 3, cycle: 7, policies: "p",
                evidenceAt: Timestamp(seconds: 1)))
    }
}
