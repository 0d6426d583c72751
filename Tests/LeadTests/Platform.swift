import Core
import Postgres
import TestSupport
import Testing

@testable import Runtime

/// What the platform has in one house: a server and an operation on it that is dead, both of which a leader with epoch 1 may repair.
struct Platform {
    static let policies = PolicySet(policies: [], brakes: .defaults, windows: [], notifications: [])

    let house: House
    let lease: Lease
    let connection: PostgresConnection
    let row: DesiredInstance
    let operation: DesiredOperation

    /// - Parameter holder: of the leadership row already; otherwise it is made so.
    init(_ house: House, holder: HolderID? = nil) async throws {
        self.house = house
        if holder == nil {
            let other = token().holder
            lease = Lease(epoch: 1, holder: other, limits: HoldLimits(ttl: House.times.ttl))
            try house.run(
                "update controller.leadership set epoch = 1, holder = '\(other)', taken_at = now(), closed_at = null")
        } else {
            lease = Lease(epoch: 1, holder: try #require(holder), limits: HoldLimits(ttl: House.times.ttl))
        }
        try house.run(
            """
            insert into platform.container_instance (vmid, ctype, hostname, customer_id, game, ip)
              values (5001, 'game', 'mc-paper-5001', 'c1', 'minecraft', '10.70.0.1');
            insert into platform.provisioning_operation (id, kind, status, phase, attempts, vmid, heartbeat_at)
              values ('op', 'restart', 'running', 'stop', 1, 5001, now() - interval '11 minutes')
            """)
        connection = try house.connection()
        let desired = try await DesiredStateReader(connection).read(timeout: .seconds(30), now: { Fleet.now }).get()
        row = try #require(desired.instances.first)
        operation = try #require(desired.operations.first)
    }

    /// Holds the row of the operation, as a transaction of its worker would.
    func holdOperation() async throws -> HeldTransaction {
        try await house.postgres.hold(
            "select from platform.provisioning_operation where id = 'op' for update", database: house.database)
    }

    func holdLeadership() async throws -> HeldTransaction {
        try await house.postgres.hold("select from controller.leadership for update", database: house.database)
    }

    /// Ends the operation, in the ledger's own database.
    var ending: Intent { intent(.operationStale, .clearStaleOperationLock(operation)) }

    /// Creates the server's public address record.
    func publishing() throws -> (intent: Intent, grounds: EdgeGrounds) {
        let rule = try #require(EdgeWish.rules(for: row, in: .publicDNS, settings: Fleet(0).settings).first)
        let grounds = EdgeGrounds(
            key: row.key, change: .record(RecordChange(rule, deed: .create)), dead: [operation])
        return (intent(.publicAMissing, .edgeRepublish(grounds)), grounds)
    }

    private func intent(_ kind: DriftKind, _ act: Intent.Act) -> Intent {
        let drift = OpenDrift(
            id: "0123456789abcdef", kind: kind, vmid: row.vmid, externalID: row.key.externalID,
            hostname: row.hostname, level: .automatic, action: act.action, verdict: .repair, reason: .policyMatched,
            since: Fleet.now)
        return Intent(
            drift: drift, act: act, attempt: 1, epoch: 1, cycle: 1, policies: Self.policies.hash,
            evidenceAt: Fleet.now)
    }

    /// Carries one repair out as the daemon does, under a leadership that believes in itself.
    func repair(
        _ intent: Intent, _ reach: Reach = Reach(), under steward: (any Stewardship)? = nil,
        job: Observed<[QueueReading.Place]> = .absent(Evidence(plane: .queues, observedAt: Fleet.now))
    ) async -> RepairOutcome {
        let steward = steward ?? Believer(lease: lease)
        let edge = EdgeRepairer(
            ledger: EdgeLedger(connection, settings: Fleet(0).settings, now: { Fleet.now }), reach: reach,
            stewardship: steward, clock: FixtureClock(Fleet.now), actDeadline: .seconds(8))
        let repairer = Repairer(
            ledger: RepairLedger(connection), edge: edge, stewardship: steward, job: { _ in job },
            actDeadline: .seconds(8), now: { Fleet.now })
        return await repairer.run(intent, rules: { PoliciesInForce(Self.policies, calendar: .always) })
    }

    /// The attempts by their states.
    func attempts() throws -> String {
        try house.run("select coalesce(string_agg(state, ' ' order by id), '') from controller.repair_intent")
    }
}

/// Leadership that has not heard of anything yet.
struct Believer: Stewardship {
    let lease: Lease

    func tenures() async -> AsyncStream<Tenure> { AsyncStream { $0.finish() } }
    func lease() async -> Lease? { lease }
    func beginAct() async -> ActLeave? {
        ActLeave(lease: lease, isValid: { true }, left: { .seconds(8) })
    }
    func refused(_ lease: Lease) async {}
}

/// Leadership that is lost for good when it has been asked for a lease so often.
actor Fading: Stewardship {
    private let lease: Lease
    private var left: Int

    init(_ lease: Lease, after left: Int) { (self.lease, self.left) = (lease, left) }

    func tenures() async -> AsyncStream<Tenure> { AsyncStream { $0.finish() } }
    func lease() async -> Lease? {
        left -= 1
        return left >= 0 ? lease : nil
    }
    func beginAct() async -> ActLeave? { nil }
    func refused(_ lease: Lease) async {}
}

/// A zone without a record, which takes none. What happens while it is looked at, and what is written to it, is the test's.
struct Reach: EdgeReach {
    var waiting: @Sendable () -> Void = {}
    var looking: @Sendable () async -> Void = {}
    var writing: @Sendable (EdgeWrite) -> Void = { _ in }

    func obstacle(to change: EdgeChange, within timeout: Span) async -> String? {
        waiting()
        return nil
    }

    func look(at change: EdgeChange, timeout: Span) async -> EdgeSight {
        await looking()
        return .records([])
    }

    func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer {
        writing(write)
        return .refused("the zone is full")
    }
}
