package import Core
private import Curl
package import Postgres

/// The long-running controller: runs a round when one is due or the database says that something changed, writes down what
/// changed, and carries out what was decided.
///
/// One thing after the other: while repairs run there is no round, and a round sees what they left behind. A change waits for neither:
/// a round is given up for it, two in a row at most, and repairs that have not begun are put off. Ends when its task is cancelled,
/// a running repair first.
package struct DaemonRun: Sendable {
    package struct Stores: Sendable {
        package var journal: JournalStore
        package var ledger: RepairLedger
        package var edge: EdgeLedger
        package var recall: LedgerRecall
        package var approvals: ApprovalStore
        package var timeout: Span
        /// How long events are kept.
        package var keep: Span

        package init(
            _ connection: PostgresConnection, settings: PipelineSettings, timeout: Span, keep: Span, now: @escaping Now
        ) {
            journal = JournalStore(connection)
            ledger = RepairLedger(connection)
            edge = EdgeLedger(connection, settings: settings, now: now)
            recall = LedgerRecall(connection, settings: settings)
            approvals = ApprovalStore(connection)
            self.timeout = timeout
            self.keep = keep
        }
    }

    /// What the daemon tells while it works.
    package enum News: Sendable {
        /// Between two rounds: those that are told after it were begun under it.
        case tenure(Tenure)
        case stance(StanceNews)
        case roundBegan
        /// For a change: another one begins in its place.
        case roundGivenUp
        /// A clock was set forward while it ran: nothing of it counts.
        case roundTorn
        case roundEnded(Outcome, took: Span)
        case journaled(Int)
        /// The ledger cannot be read or written: repairs wait.
        case failed(String)
        /// What is old could not be dropped; nothing waits for that.
        case unpruned(String)
        case repaired(Intent, RepairOutcome)
        /// It has not begun, since something has changed.
        case putOff(Intent)
        /// It is another time than this process went by, by so much: the database's, or, where that does not answer, what a clock that
        /// was set has added.
        case clockSet(Span)
        /// The database tells at once what changes; `again` where it did not before.
        case hears(again: Bool)
        /// It does not: changes wait for the round that is due.
        case deaf(String)
    }

    enum Signal: Sendable {
        case due(Int)
        case changed
        case tenure(Tenure)
        case hearsAgain
        case reloaded(PolicySet)
    }

    private let round: RoundRun
    private let clock: any RoundClock
    private let stores: Stores
    private let stewardship: any Stewardship
    private let reach: any EdgeReach
    private let job: @Sendable (JobReference) async -> Observed<[QueueReading.Place]>
    private let changes: ChangeListener?
    private let rows: DesiredStateReader
    private let arrivals = Arrivals()
    private let last = LastDesired()
    private let actDeadline: Span
    private let news: @Sendable (News) -> Void
    let signals: AsyncStream<Signal>
    private let sender: AsyncStream<Signal>.Continuation
    /// The policies that were read last; nil before the first reload. A reload reaches a repair that runs.
    private let inForce = Locked<PolicySet?>(nil)

    /// - Parameter rows: of a connection of its own: a comparison that takes too long costs that connection, and must cost no other.
    package init(
        observers: any Observers, clock: any RoundClock, stores: Stores, stewardship: any Stewardship,
        reach: any EdgeReach, job: @escaping @Sendable (JobReference) async -> Observed<[QueueReading.Place]>,
        changes: ChangeListener?, rows: DesiredStateReader, actDeadline: Span, news: @escaping @Sendable (News) -> Void
    ) {
        round = RoundRun(observers: RememberingObservers(observers: observers, last: last), clock: clock)
        self.clock = clock
        self.stores = stores
        self.stewardship = stewardship
        self.reach = reach
        self.job = job
        self.changes = changes
        self.rows = rows
        self.actDeadline = actDeadline
        self.news = news
        (signals, sender) = AsyncStream.makeStream()
    }

    /// Other policies for the rounds to come; a repair that was decided under others stops before its next request.
    package func reload(_ policies: PolicySet) {
        inForce.withLock { $0 = policies }
        sender.yield(.reloaded(policies))
    }

    package func run(_ controller: Controller, policies: PolicySet) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await hearTenures() }
            if let changes { group.addTask { await hearChanges(changes) } }
            var course = DaemonCourse(controller: controller, policies: policies)
            sender.yield(.due(0))
            for await signal in signals {
                await handle(signal, &course)
                if Task.isCancelled { break }
            }
            course.alarm?.cancel()
            group.cancelAll()
        }
    }

    // MARK: What comes in

    private func hearTenures() async {
        for await tenure in await stewardship.tenures() {
            // The round that runs gives way, so that what is open does not wait for its end.
            if tenure.isActing { arrivals.note(.everything) }
            sender.yield(.tenure(tenure))
        }
    }

    private func hearChanges(_ listener: ChangeListener) async {
        let told: @Sendable (News) -> Void = { [news, sender] item in
            news(item)
            if case .hears(again: true) = item { sender.yield(.hearsAgain) }
        }
        let ear = ChangeEar(clock: clock, news: told, next: { try await listener.next(timeout: .seconds(60)) })
        await ear.run { changed in
            if await isNoNews(changed) { return }
            arrivals.note(changed)
            sender.yield(.changed)
        }
    }

    /// Rows that are compared at most; where more have changed, something has.
    private static let mostCompared = 8
    /// How long a comparison may put off what is to be looked at within a second.
    private static let comparing = Span.milliseconds(500)

    /// Whether the last round has read all of it, or what it has not read decides nothing: an operation that enters its next phase is told
    /// as well, several times for each server that is made.
    private func isNoNews(_ changed: Changed) async -> Bool {
        guard case .instances(let vmids) = changed, vmids.count <= DaemonRun.mostCompared else { return false }
        do {
            return last.says(try await rows.slices(of: vmids, timeout: DaemonRun.comparing))
        } catch {
            // Who could not be asked may have changed; the round says what is wrong.
            return false
        }
    }

    private func handle(_ signal: Signal, _ course: inout DaemonCourse) async {
        let now = clock.now()
        switch signal {
        case .tenure(let tenure):
            news(.tenure(tenure))
            await carryOut(course.controller.handle(.tenure(tenure), at: now), &course)
            // Where no round ran that had to give way, the next one need not.
            await takeUp(&course)
        case .changed: await takeUp(&course)
        case .hearsAgain: _ = course.controller.handle(.hearsAgain, at: now)
        case .reloaded(let policies):
            course.policies = policies
        case .due(let number):
            guard number == course.number else { return }
            await runRound(&course)
        }
    }

    /// Tells the controller what has changed, unless a round or a repair in between did so already.
    private func takeUp(_ course: inout DaemonCourse) async {
        guard let changed = arrivals.take() else { return }
        await carryOut(course.controller.handle(.desiredChanged(changed), at: clock.now()), &course)
    }

    // MARK: What goes out

    private func runRound(_ course: inout DaemonCourse) async {
        let step = await clock.settle()
        let begun = clock.now()
        if SteadyTime.isFar(step) {
            news(.clockSet(step))
            _ = course.controller.handle(.clockSet, at: begun)
            // What is old is not known either.
            course.prunedAt = begun
        }
        (course.repaired, course.hasBegunNew) = ([], false)
        _ = course.controller.handle(
            .reloaded(course.policies, RepairCalendar(course.policies.windows, around: begun)), at: begun)
        news(.roundBegan)
        let end = await round.run(course.controller, .woke(.cycle), arrivals: arrivals)
        if clock.isTorn() {
            // Nothing of it is believed, nor remembered; the next one asks the database what time it is.
            news(.roundTorn)
            last.forget()
            return await carryOut(course.controller.handle(.roundTorn(end.heard), at: clock.now()), &course)
        }
        course.controller = end.controller
        if end.gaveWay {
            news(.roundGivenUp)
            return await carryOut(end.effects, &course)
        }
        guard let outcome = end.outcome else {
            // Whatever ended it: the controller would wait for it, and begin no other.
            _ = course.controller.handle(.stop, at: clock.now())
            if !Task.isCancelled { schedule(at: clock.now() + .seconds(5), &course) }
            return
        }
        news(.roundEnded(outcome, took: clock.now() - begun))
        await carryOut(end.effects, &course)
        await prune(&course)
    }

    /// How long a round waits for old rows to go, a piece that hangs aside. What is left goes after the next round.
    private static let pruning = Span.seconds(2)

    /// Once an hour, by whoever leads; for the first time after an hour, and an hour after any clock was set: by a clock that is wrong
    /// for a while all that there is might be old.
    private func prune(_ course: inout DaemonCourse) async {
        let now = clock.now()
        let since = course.prunedAt ?? now
        course.prunedAt = since
        guard now - since > .minutes(60), let epoch = course.controller.tenure?.epoch,
            let lease = await stewardship.lease(), lease.epoch == epoch
        else { return }
        do {
            let isDone = try await stores.journal.prune(
                lease: lease, keep: stores.keep, within: DaemonRun.pruning, timeout: stores.timeout)
            if isDone { course.prunedAt = now }
        } catch {
            // Not after each round: what fails may take its time.
            course.prunedAt = now
            if !Task.isCancelled { news(.unpruned("\(error)")) }
        }
    }

    private func carryOut(_ effects: [Effect], _ course: inout DaemonCourse) async {
        for effect in effects {
            switch effect {
            case .recall(let epoch):
                let memory = await recall(epoch: epoch)
                await carryOut(course.controller.handle(.recalled(memory), at: clock.now()), &course)
            case .journal(let entries, let epoch, let cycle, let intents):
                let isWritten = await write(entries, epoch: epoch, cycle: cycle)
                await carryOut(
                    course.controller.handle(.journaled(isWritten, then: intents), at: clock.now()), &course)
            case .repair(let intent):
                // Who is asked to stop ends the repair that runs and begins no other: nothing of this one is written down yet.
                if Task.isCancelled { return }
                // One of each batch goes on, whatever changes; what the repairs before it have changed is no news.
                await takeUp(&course)
                if course.hasBegunNew,
                    course.controller.putsOff(intent, own: Set(course.repaired.compactMap(\.self)))
                {
                    news(.putOff(intent))
                    await carryOut(course.controller.handle(.postponed(intent), at: clock.now()), &course)
                    continue
                }
                course.repaired.append(intent.drift.vmid)
                // What was interrupted goes on anyway: it takes no new one's place.
                if intent.resumed == nil { course.hasBegunNew = true }
                let repairer = self.repairer
                let decided = course.policies
                let rules: @Sendable () -> PoliciesInForce = { [inForce, clock] in
                    let policies = inForce.withLock { $0 } ?? decided
                    return PoliciesInForce(
                        policies, calendar: RepairCalendar(policies.windows, around: clock.now()))
                }
                // Apart from this task: who stops the daemon does not cut a step in two.
                let outcome = await Task { await repairer.run(intent, rules: rules) }.value
                news(.repaired(intent, outcome))
                await carryOut(course.controller.handle(.repaired(intent, outcome), at: clock.now()), &course)
            case .redeem(let redemption, let epoch):
                let isWritten = await redeem(redemption, epoch: epoch)
                await carryOut(course.controller.handle(.redeemed(isWritten), at: clock.now()), &course)
            case .wake(.cycle, let moment): schedule(at: moment, &course)
            case .wake, .observe, .tell, .giveWay: break
            }
        }
    }

    private var repairer: Repairer {
        Repairer(
            ledger: stores.ledger,
            edge: EdgeRepairer(
                ledger: stores.edge, reach: reach, stewardship: stewardship, clock: clock, actDeadline: actDeadline),
            stewardship: stewardship, job: job, actDeadline: actDeadline, now: clock.now)
    }

    private func schedule(at moment: Timestamp, _ course: inout DaemonCourse) {
        course.alarm?.cancel()
        course.number += 1
        let number = course.number
        course.alarm = Task { [clock, sender] in
            await clock.sleep(until: moment)
            if !Task.isCancelled { sender.yield(.due(number)) }
        }
    }

    private func recall(epoch: Int64) async -> Memory? {
        guard let lease = await stewardship.lease(), lease.epoch == epoch else { return nil }
        do {
            return try await stores.recall.read(lease: lease, timeout: stores.timeout)
        } catch {
            failed("what is open could not be read: \(error)")
            return nil
        }
    }

    private func redeem(_ redemption: Redemption, epoch: Int64) async -> Bool {
        guard let lease = await stewardship.lease(), lease.epoch == epoch else { return false }
        do {
            return try await stores.approvals.redeem(redemption, lease: lease, timeout: stores.timeout)
        } catch {
            failed("what an approval covers could not be written down, so nothing of it begins: \(error)")
            return false
        }
    }

    private func write(_ entries: [JournalEntry], epoch: Int64, cycle: Int64) async -> Bool {
        guard let lease = await stewardship.lease(), lease.epoch == epoch else { return false }
        do {
            let isWritten = try await stores.journal.write(
                entries, lease: lease, cycle: cycle, timeout: stores.timeout, wrote: { [news] in news(.journaled($0)) })
            if !isWritten { await stewardship.refused(lease) }
            return isWritten
        } catch {
            failed("what changed could not be written down, so nothing is done about it: \(error)")
            return false
        }
    }

    /// Not what a stop cuts off: that is no trouble, and whoever leads next does it.
    private func failed(_ why: String) { if !Task.isCancelled { news(.failed(why)) } }
}

/// Where a daemon stands between two signals.
struct DaemonCourse {
    var controller: Controller
    var policies: PolicySet
    var alarm: Task<Void, Never>?
    var prunedAt: Timestamp?
    /// Whose repairs have begun since the last round did, and whether one of them was a new one.
    var repaired: [VMID?] = []
    var hasBegunNew = false
    /// Of the alarm that counts.
    var number = 0
}
