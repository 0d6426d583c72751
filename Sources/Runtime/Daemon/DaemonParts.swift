package import Core
import Postgres
import Redis
package import Settings

/// The daemon with everything that it works with, from its configuration.
package struct DaemonParts: Sendable {
    package let run: DaemonRun
    package let controller: Controller
    package let leadership: LeadershipLoop
    private let installation: Installation
    private let connections: [PostgresConnection]
    private let redis: RedisConnection

    /// - Throws: when a part of the configuration that only the daemon needs is missing or makes no sense.
    package init(
        _ configuration: Configuration, policies: PolicySet, standing: @escaping @Sendable (LeadStanding) -> Void,
        news: @escaping @Sendable (DaemonRun.News) -> Void
    ) throws(Installation.SetupError) {
        guard let settings = configuration.redis else {
            throw Installation.SetupError(description: "redis is missing: the daemon keeps its lock there")
        }
        guard configuration.lock.actDeadline < configuration.lock.ttl else {
            throw Installation.SetupError(
                description: "lock.act_deadline has to be shorter than lock.ttl: an act ends before the lease does")
        }
        installation = try Installation(configuration, now: WallClock.now)
        // Each of its own: whoever waits on one of them must not keep the others waiting.
        let (ledger, row, listener) = (
            try Installation.database(configuration.postgres), try Installation.database(configuration.postgres),
            try Installation.database(configuration.postgres)
        )
        connections = [ledger, row, listener]
        redis = try Installation.redis(settings)
        var source = SystemRandomNumberGenerator()
        let holder = HolderID(using: &source)
        let times = LeadTimes(ttl: configuration.lock.ttl, actDeadline: configuration.lock.actDeadline)
        let token = LockToken(id: configuration.id, holder: holder)
        let edges = LeadEdges(
            lock: LeaderLock(connection: redis, key: configuration.lock.key, token: token, times: times),
            row: LeadershipRow(connection: row, holder: holder, times: times))
        leadership = LeadershipLoop(token: token, times: times) { await edges.perform($0) }
        guard let stewardship = LedByLoop(leadership, holder: holder, told: standing) else {
            throw Installation.SetupError(description: "no name could be made for this process")
        }
        run = DaemonRun(
            observers: LiveObservers(installation), clock: WallClock(),
            stores: DaemonRun.Stores(ledger, timeout: configuration.postgres.timeout), stewardship: stewardship,
            changes: ChangeListener(listener), actDeadline: configuration.lock.actDeadline, news: news)
        controller = Controller(
            settings: configuration.pipelineSettings(), policies: policies, duty: Duty(configuration))
    }

    /// Works until the task is cancelled: then the running step comes to its end, the leadership row is closed, and the lock
    /// released last.
    package func run(policies: PolicySet) async {
        let leading = Task { await leadership.run() }
        await run.run(controller, policies: policies)
        // Apart from this task, which is cancelled by now.
        await Task { await leadership.stop() }.value
        await leading.value
        for connection in connections { await connection.close() }
        await redis.close()
        await installation.close()
    }
}

extension Duty {
    package init(_ configuration: Configuration) {
        var vmids: [ClosedRange<Int>]?
        if case .ranges(let ranges) = configuration.repair.vmids { vmids = ranges }
        self.init(
            mode: configuration.mode == .repair ? .repair : .dryRun, kinds: configuration.repair.kinds, vmids: vmids,
            cycle: configuration.cycle)
    }
}
