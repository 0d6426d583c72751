package import Core
import Postgres
package import Settings

/// The daemon with everything that it works with, from its configuration.
package struct DaemonParts: Sendable {
    package let run: DaemonRun
    private let herald: Herald
    package let controller: Controller
    private let leadership: LiveLeadership
    private let stewardship: LedByLoop
    private let installation: Installation
    private let connections: [PostgresConnection]
    private let duty: Duty

    /// - Throws: when a part of the configuration that only the daemon needs is missing or makes no sense.
    package init(
        _ configuration: Configuration, policies: PolicySet,
        clocks: @escaping DatabaseClock.Clocks = DatabaseClock.ofThisMachine,
        standing: @escaping @Sendable (LeadStanding) -> Void,
        news: @escaping @Sendable (DaemonRun.News) -> Void,
        told: @escaping @Sendable (Herald.News) -> Void = { _ in }
    ) throws(Installation.SetupError) {
        let clock: DatabaseClock
        (clock, installation) = try Installation.timed(configuration, looksOften: true, clocks: clocks)
        // Each of its own: whoever waits on one of them must not keep the others waiting.
        let (ledger, listener, compared, outbox) = (
            try Installation.database(configuration.postgres), try Installation.database(configuration.postgres),
            try Installation.database(configuration.postgres), try Installation.database(configuration.postgres)
        )
        connections = [ledger, listener, compared, outbox]
        let duty = Duty(configuration)
        self.duty = duty
        leadership = try LiveLeadership(
            configuration, stances: StanceBook(Stance(duty, policies), told: { news(.stance($0)) }))
        let stewardship = LedByLoop(
            leadership.loop, holder: leadership.token.holder, times: leadership.times, told: standing)
        self.stewardship = stewardship
        let herald = Herald(
            sinks: try installation.webhooks(), store: OutboxStore(outbox), stewardship: stewardship,
            teller: IncidentMessage.Teller(configuration), host: HostInfo.name, notifications: policies.notifications,
            timeout: configuration.postgres.timeout, clock: WallClock(), told: told)
        self.herald = herald
        run = DaemonRun(
            observers: LiveObservers(installation), clock: clock,
            stores: DaemonRun.Stores(
                ledger, settings: configuration.pipelineSettings(), timeout: configuration.postgres.timeout,
                keep: configuration.events.keep, now: clock.now),
            stewardship: stewardship, reach: installation.edgeHands,
            job: { [installation] in await installation.place(of: $0) },
            changes: ChangeListener(listener), rows: DesiredStateReader(compared),
            actDeadline: configuration.lock.actDeadline,
            news: {
                news($0)
                herald.note($0)
            })
        controller = Controller(
            settings: configuration.pipelineSettings(), policies: policies, duty: duty)
    }

    /// Other policies for the rounds to come, and for who is told; whoever stands by hears of them.
    package func reload(_ policies: PolicySet) {
        leadership.stances?.turn(to: Stance(duty, policies))
        run.reload(policies)
        herald.reload(policies)
    }

    /// Works until the task is cancelled: then the running step comes to its end, the leadership row is closed, and the lock
    /// released last.
    package func run(policies: PolicySet) async {
        let leading = Task { await leadership.loop.run() }
        // Heard to the end: that it is stopping, and what becomes of its lease while the last repair runs.
        let hearing = Task { await stewardship.hear() }
        let telling = Task { await herald.run() }
        await run.run(controller, policies: policies)
        telling.cancel()
        await telling.value
        // Apart from this task, which is cancelled by now.
        await Task { await leadership.loop.stop() }.value
        await leading.value
        await hearing.value
        for connection in connections { await connection.close() }
        await leadership.close()
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
