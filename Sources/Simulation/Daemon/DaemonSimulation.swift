package import Core
import World

/// Two daemons on one estate, in virtual time: processes that crash between any two I/Os, answers that are lost, a database
/// that is away, pauses, and leadership that passes on while the old leader still believes in it. The same seed gives the
/// same trace.
package struct DaemonSimulation {
    package struct Counts: Equatable, Sendable {
        package var rounds = 0
        package var acts = 0
        package var crashes = 0
        package var lostAnswers = 0
        package var takeovers = 0
        package var verified = 0
        package var edgeWrites = 0
        package var compensated = 0
        package var events = 0
        /// Repairs that rest on an approval.
        package var approved = 0
        /// Drifts told that had to last.
        package var lasted = 0

        package init() {}

        package static func += (a: inout Counts, b: Counts) {
            a.rounds += b.rounds
            a.acts += b.acts
            a.crashes += b.crashes
            a.lostAnswers += b.lostAnswers
            a.takeovers += b.takeovers
            a.verified += b.verified
            a.edgeWrites += b.edgeWrites
            a.compensated += b.compensated
            a.events += b.events
            a.approved += b.approved
            a.lasted += b.lasted
        }
    }

    static let begin = Timestamp(seconds: 1_767_225_600)

    package let seed: UInt64
    package private(set) var trace: [String] = []
    package internal(set) var violations: [String] = []
    package internal(set) var counts = Counts()

    let policies: PolicySet
    let keepsTrace: Bool
    var chance: Seed
    var person = SimulatedOperator(seed: 0)
    var estate: Estate
    var ledger = SimulatedLedger()
    var daemons: [SimulatedDaemon]
    var now: Timestamp
    /// Whether the edge is looked at and repaired, too.
    let hasEdge: Bool
    var edgeWatch = EdgeWatch()
    private var isCalmedDown = false
    /// Set where nothing is left to chance.
    package internal(set) var script: Script?
    private var lasting = LastingTruth()
    /// Until when things go wrong; afterwards everything has to come to rest.
    let calmAt: Timestamp
    let mode: Duty.Mode

    package init(seed: UInt64, policies: PolicySet, keepsTrace: Bool = false) {
        self.seed = seed
        person = SimulatedOperator(seed: seed)
        let policies = person.braking(policies)
        self.policies = policies
        self.keepsTrace = keepsTrace
        chance = Seed(seed &* 0x9e37_79b9 &+ 5)
        let begin = DaemonSimulation.begin
        now = begin
        estate = Estate.random(seed: seed, instances: [2, 4, 6][chance.below(3)], at: begin)
        hasEdge = chance.chance(percent: 60)
        if !hasEdge {
            // The queues are what the two repairs of operations need; fewer planes, more rounds in the same time.
            estate.settings.agents = false
            estate.settings.velocity = false
            estate.settings.internalDNS = nil
        }
        calmAt = begin + .minutes(Int64(4 + chance.below(hasEdge ? 20 : 8)))
        let mode: Duty.Mode = chance.chance(percent: 10) ? .dryRun : .repair
        self.mode = mode
        DaemonSimulation.addOperations(to: &estate, &chance, at: begin)
        let settings = estate.settings
        daemons = (0..<2).map {
            SimulatedDaemon(number: $0, mode: mode, settings: settings, policies: policies, at: begin)
        }
    }

    /// One leader on an estate, with a script.
    init(_ estate: Estate, script: Script, policies: PolicySet, keepsTrace: Bool = false) {
        (seed, chance) = (0, Seed(1))
        (self.policies, self.keepsTrace, self.estate, self.script) = (policies, keepsTrace, estate, script)
        now = estate.drawnAt
        hasEdge = true
        calmAt = now + .minutes(24 * 60)
        mode = .repair
        daemons = [
            SimulatedDaemon(number: 0, mode: .repair, settings: estate.settings, policies: policies, at: now)
        ]
    }

    /// Work under way on half of the servers, and creates that wait: what can die.
    private static func addOperations(to estate: inout Estate, _ chance: inout Seed, at begin: Timestamp) {
        let taken = Set(estate.operations.compactMap(\.vmid))
        for row in estate.instances where !taken.contains(row.vmid) && chance.chance(percent: 60) {
            let isCreate = row.status == .provisioning
            let operation = DesiredOperation(
                id: "op-sim-\(row.vmid)", idempotencyKey: nil, customer: row.customer, vmid: row.vmid,
                kind: isCreate ? .create : .backup, queue: "provisioning", jobID: nil,
                status: isCreate ? .queued : .running, phase: isCreate ? nil : "archive", attempts: 1,
                enqueuedAt: begin - .minutes(20), startedAt: nil,
                heartbeatAt: isCreate ? nil : begin - .minutes(isDying(row) ? 30 : 0),
                leaseExpiresAt: isCreate ? nil : begin + .minutes(isDying(row) ? -20 : 400), finishedAt: nil)
            estate.operations.append(operation)
            if isDying(row) { continue }
            estate.queueHouse.change("provisioning") {
                $0.jobs.append(
                    QueueHouse.Job(
                        id: operation.job.id, place: isCreate ? .wait : .active, createdAt: begin,
                        processedOn: isCreate ? nil : begin, lock: isCreate ? nil : .seconds(30)))
            }
        }
    }

    private static func isDying(_ row: DesiredInstance) -> Bool { row.vmid.number % 3 == 0 }

    var isCalm: Bool { now >= calmAt }

    package mutating func run() {
        lead(0)
        var steps = 0
        let end = calmAt + .minutes(50)
        var events = 0
        while now < end {
            steps += 1
            if steps > 200_000 {
                violations.append("a hot loop: \(steps) steps")
                break
            }
            guard let (index, at) = next() else {
                // All are dead: they are started again when it calms down.
                if isCalm { break }
                now = calmAt
                calmDown()
                continue
            }
            now = max(now, at)
            if isCalm { calmDown() } else { happen() }
            if now < calmAt + SimulatedOperator.patience,
                let word = person.answer(daemons.map(\.last), in: &ledger, at: now)
            {
                note(word)
            }
            step(index)
            if now > end - .minutes(15), events == 0 { events = ledger.events.count }
        }
        edgeWatch.rest(estate)
        violations += ledger.violations + edgeWatch.violations
        counts.edgeWrites = edgeWatch.writes
        counts.compensated = ledger.events.count { $0.outcome == "compensated" }
        rest(eventsBefore: events)
        counts.acts = ledger.acts.count
        counts.events = ledger.events.count
        counts.approved = ledger.attempts.count { $0.intent.approval != nil }
        counts.verified = ledger.events.count { $0.outcome == "verified" }
    }

    func next() -> (Int, Timestamp)? {
        let ready = daemons.indices.compactMap { index in daemons[index].nextAt.map { (index, max($0, now)) } }
        guard let first = ready.map(\.1).min() else { return nil }
        let choices = ready.filter { $0.1 == first }
        return choices.count == 1 ? choices[0] : choices[Int(first.microseconds / 1000 % Int64(choices.count))]
    }

    mutating func note(_ line: @autoclosure () -> String) {
        if keepsTrace { trace.append("\(now) \(line())") }
    }

    // MARK: What happens around them

    private mutating func happen() {
        if hasEdge, chance.chance(percent: 5) {
            if let what = EdgeMischief.happen(to: &estate, &chance, at: now) { note(what) }
        }
        // A change of the edge takes more steps: as much would happen to it otherwise that none ever ended.
        switch chance.below(hasEdge ? 400 : 100) {
        case 0, 7, 8, 9: passOn()
        case 1, 2:
            let until = now + .seconds(Int64(5 + chance.below(300)))
            let vmid = chance.chance(percent: 50) ? chance.pick(estate.operations)?.vmid : nil
            ledger.pauses.append(Pause(vmid: vmid, since: now, until: until, why: "w", by: "b"))
            note("paused \(vmid?.description ?? "all") until \(until)")
        case 3, 4: workerDies()
        case 5: retried()
        case 6:
            let index = chance.below(daemons.count)
            daemons[index].busyUntil = now + .seconds(Int64(1 + chance.below(150)))
            note("\(index) stands still")
        case 10:
            guard let row = chance.pick(estate.instances) else { break }
            let lock = chance.pick(["backup", "snapshot", nil])
            note("lock \(lock.flatMap { $0 } ?? "none") on \(row.vmid)")
            lasting.lock(row.vmid, lock ?? nil, in: &estate, at: now)
        case 11:
            note("workers come or leave")
            lasting.turnWorkers(in: &estate, at: now)
        default: break
        }
        for index in daemons.indices where daemons[index].isDead && chance.chance(percent: 5) { restart(index) }
        person.moves(&estate.operations)
    }

    /// Nothing goes wrong from now on: whoever died is there again, and one of them leads.
    private mutating func calmDown() {
        guard !isCalmedDown else { return }
        isCalmedDown = true
        for index in daemons.indices where daemons[index].isDead { restart(index) }
    }

    mutating func restart(_ index: Int) {
        note("\(index) is started again")
        daemons[index] = SimulatedDaemon(
            number: index, mode: mode, settings: estate.settings, policies: policies, at: now)
        if ledger.holder == index { lead(index) }
    }

    /// The other one takes the row. The one that had it may hear of it at once, late, or only by being refused.
    private mutating func passOn() {
        let index = 1 - max(0, ledger.holder)
        let old = 1 - index
        guard !daemons[index].isDead else { return }
        // Its lease ends before the new one may act, whatever it has heard of it.
        daemons[old].leaveUntil = now + .seconds(Int64(chance.below(8)))
        lead(index)
        if chance.chance(percent: 60) { daemons[old].hear(.none(why: "another controller leads"), at: now) }
    }

    mutating func lead(_ index: Int) {
        let epoch = ledger.take(by: index)
        counts.takeovers += 1
        note("\(index) leads with epoch \(epoch)")
        daemons[index].leaveUntil = nil
        daemons[index].hear(.waiting(epoch: epoch), at: now)
        daemons[index].actsFrom = (now + .seconds(8), epoch)
    }

    private mutating func workerDies() {
        guard let index = estate.operations.indices.filter({ estate.operations[$0].isLive }).first else { return }
        let operation = estate.operations[index]
        estate.operations[index].heartbeatAt = now - .minutes(11)
        estate.operations[index].leaseExpiresAt = now - .minutes(10)
        estate.queueHouse.remove(operation.job)
        note("the worker of \(operation.id) died")
    }

    /// Somebody puts an operation to work again: the row says so, too.
    private mutating func retried() {
        guard let index = estate.operations.indices.filter({ estate.operations[$0].isLive }).last else { return }
        estate.operations[index].attempts += 1
        estate.operations[index].heartbeatAt = now
        estate.operations[index].leaseExpiresAt = now + .minutes(2)
        let operation = estate.operations[index]
        guard !estate.queueHouse.has(operation.job) else { return }
        estate.queueHouse.change(operation.queue) {
            $0.jobs.append(
                QueueHouse.Job(
                    id: operation.job.id, place: .active, createdAt: now, processedOn: now, lock: .seconds(30)))
        }
        note("\(operation.id) is worked on again")
    }

    // MARK: One step of one process

    mutating func step(_ index: Int) {
        daemons[index].busyUntil = now
        if let from = daemons[index].actsFrom, from.at <= now {
            daemons[index].actsFrom = nil
            if ledger.epoch == from.epoch { daemons[index].hear(.acting(epoch: from.epoch), at: now) }
            return
        }
        if daemons[index].saga != nil { return stepSaga(index) }
        if daemons[index].edge != nil { return stepEdge(index) }
        if !daemons[index].todo.isEmpty {
            let effect = daemons[index].todo.removeFirst()
            return carryOut(effect, index)
        }
        if let due = daemons[index].timers.indices.filter({ daemons[index].timers[$0].at <= now }).first {
            let timer = daemons[index].timers.remove(at: due)
            feed(.woke(timer.wake), index)
            return
        }
        if let alarm = daemons[index].alarm, alarm <= now {
            daemons[index].alarm = nil
            feed(.woke(.cycle), index)
        }
    }

    mutating func feed(_ event: Event, _ index: Int) {
        let effects = daemons[index].controller.handle(event, at: now)
        // Asked here: it may stand still before it carries them out.
        for case .wake(.cycle, let moment) in effects where moment < now {
            violations.append("a round was due in the past")
        }
        daemons[index].todo += effects
    }

    private mutating func carryOut(_ effect: Effect, _ index: Int) {
        switch effect {
        case .observe(let look): feed(.observed(observe(look)), index)
        case .wake(.cycle, let moment):
            daemons[index].alarm = moment
        case .wake(let wake, let moment): daemons[index].timers.append((moment, wake))
        case .tell(let outcome):
            daemons[index].timers = []
            counts.rounds += 1
            if case .report(let report) = outcome { daemons[index].last = report }
        case .recall(let epoch):
            let fate = fate(index)
            guard fate != .dead else { return }
            let memory =
                fate == .before ? nil : ledger.recall(epoch: epoch, holder: index, in: estate, at: now)
            if fate == .lost { crashOrLose(index) }
            feed(.recalled(fate == .done ? memory : nil), index)
        case .journal(let entries, let epoch, _, let intents):
            if entries.isEmpty { violations.append("an empty journal was written") }
            let blind = Set(daemons[index].last?.coverage.filter { $0.status == .failed }.map(\.plane) ?? [])
            for entry in entries where entry.outcome == .closed && blind.contains(entry.drift.kind.plane) {
                violations.append("\(entry.drift.kind.rawValue) was closed by a round that did not see its plane")
            }
            for entry in entries
            where entry.outcome == .closed && entry.drift.kind == .operationStale && blind.contains(.queues) {
                violations.append("operation.stale was closed by a round that did not see the queues")
            }
            violations += SimulatedOperator.faults(
                entries, daemons[index].last, known: ledger.open, policies, total: estate.instances.count)
            for entry in entries where entry.outcome == .opened {
                let drift = daemons[index].last?.decisions.first { $0.drift.id == entry.drift.id }?.drift
                if let doubt = drift.flatMap(lasting.doubt) { violations.append(doubt) }
                if let kind = drift?.kind, History.needs(kind) != nil { counts.lasted += 1 }
            }
            let fate = fate(index)
            guard fate != .dead else { return }
            let isWritten = fate != .before && ledger.write(entries, epoch: epoch, holder: index, at: now)
            note("\(index) journal \(entries.map(\.outcome.rawValue)) \(fate)")
            if fate == .lost { crashOrLose(index) }
            feed(.journaled(isWritten && fate == .done, then: intents), index)
        case .redeem(let redemption, let epoch):
            let fate = fate(index)
            guard fate != .dead else { return }
            if mode == .dryRun { violations.append("a dry-run takes up an approval") }
            let isWritten = fate != .before && ledger.redeem(redemption, epoch: epoch, holder: index, at: now)
            note("\(index) takes up \(redemption.approval): \(isWritten) \(fate)")
            if isWritten { person.takenUp(redemption, daemons[index].last) }
            if fate == .lost { crashOrLose(index) }
            feed(.redeemed(isWritten && fate == .done), index)
        case .repair(let intent):
            if mode == .dryRun { violations.append("a repair in a dry-run") }
            violations += person.faults(intent, daemons[index].last, policies)
            guard case .edgeRepublish(let grounds) = intent.act else {
                daemons[index].saga = (intent, RepairSaga(intent), .begun)
                return
            }
            let answer = intent.resumed.map { EdgeSaga.Answer.resumed(id: $0.record) } ?? .begun
            daemons[index].edge = (intent, grounds, EdgeSaga(intent, grounds.change), answer)
        }
    }

    private mutating func stepSaga(_ index: Int) {
        guard let running = daemons[index].saga else { return }
        let intent = running.intent
        var (machine, answer) = (running.machine, running.answer)
        let mayAct = daemons[index].tenure == .acting(epoch: intent.epoch)
        let move = machine.next(answer, mayAct: mayAct, policies: policies, at: now)
        switch move {
        case .end(let outcome):
            note("\(index) ended \(intent.id): \(outcome)")
            daemons[index].saga = nil
            feed(.repaired(intent, outcome), index)
            return
        case .step(let step):
            let fate = fate(index)
            note("\(index) \(step) of \(intent.id): \(fate)")
            guard fate != .dead else { return }
            answer = fate == .before ? .failed("nothing was sent") : perform(step, intent, index)
            if fate == .lost {
                answer = .failed("no answer")
                crashOrLose(index)
                if daemons[index].isDead { return }
            }
            daemons[index].saga = (intent, machine, answer)
            // It may stand still between any two steps.
            if script == nil, !isCalm, chance.chance(percent: 20) {
                daemons[index].busyUntil = now + .seconds(Int64(chance.below(200)))
            }
        }
    }

    private mutating func perform(_ step: RepairSaga.Step, _ intent: Intent, _ index: Int) -> RepairSaga.Answer {
        let epoch = intent.epoch
        switch step {
        case .claim: return ledger.claim(intent, epoch: epoch, holder: index, in: estate, at: now)
        case .act: return ledger.act(intent, epoch: epoch, holder: index, in: &estate, at: now)
        case .check: return .seen(ledger.look(intent, epoch: epoch, holder: index, in: estate, at: now))
        case .refuse:
            ledger.refuse(intent, epoch: epoch, holder: index, at: now)
            return .refusalWritten
        }
    }

    enum Fate: Equatable {
        /// It worked, and the answer came.
        case done
        /// Nothing was sent.
        case before
        /// It had its effect, and the answer was lost.
        case lost
        /// The process died before it.
        case dead
    }

    mutating func fate(_ index: Int) -> Fate {
        if let fate = scriptedFate(index) { return fate }
        if isCalm { return .done }
        switch chance.below(hasEdge ? 40 : 14) {
        case 0: return .before
        case 1, 2: return .lost
        case 3:
            crash(index)
            return .dead
        default: return .done
        }
    }

    mutating func crashOrLose(_ index: Int) {
        if let script {
            if script.isDeadly { crash(index) }
            return
        }
        if chance.chance(percent: 40) { crash(index) } else { counts.lostAnswers += 1 }
    }

    mutating func crash(_ index: Int) {
        counts.crashes += 1
        note("\(index) died")
        daemons[index].crash()
    }

    private mutating func observe(_ look: Look) -> Observation {
        let endpoint = look.place ?? "https://pve1:8006"
        let isAway = script == nil && !isCalm && chance.chance(percent: 3)
        let failure = ReadFailure(.timeout, "no answer", at: now)
        let content: Observation.Content
        switch look.plane {
        case .proxmox:
            content = .proxmox(
                isAway
                    ? .failure(failure)
                    : estate.proxmoxReading(
                        endpoint: endpoint, node: estate.cluster.nodes.first { $0.isOnline }?.name, at: now
                    ).map { reading in
                        var reading = reading
                        if look.number == 2 {
                            reading.probes = Dictionary(look.suspects.map { ($0, true) }) { first, _ in first }
                        }
                        if !look.addressesOf.isEmpty {
                            reading.addresses = estate.guestAddresses(of: look.addressesOf)
                        }
                        return reading
                    })
        case .queues:
            content = .queues(
                isAway ? .failure(failure) : estate.queueReading(endpoint: "127.0.0.1:6379/0", jobs: look.jobs, at: now)
            )
        case .publicDNS:
            content = .publicZone(
                isAway ? .failure(failure) : estate.zoneReading(endpoint: "https://api.example", at: now))
        case .database:
            var desired = estate.desiredState(at: now)
            desired = DesiredState(
                instances: desired.instances, operations: desired.operations, billing: desired.billing,
                retired: desired.retired, unreadable: [], pauses: ledger.pauses.filter { $0.until > now }, accepted: [],
                readAt: now, past: ledger.past(at: now))
            content = .desired(isAway ? .failure(failure) : .success(desired))
        case .internalDNS:
            content = .internalZone(
                isAway ? .failure(failure) : estate.internalReading(endpoint: "http://10.0.0.2:5380", at: now))
        case .velocity:
            content = .velocity(
                isAway ? .failure(failure) : estate.velocityReading(endpoint: "http://proxy:8081", at: now))
        case .agents: content = .agents(.success(estate.agentReading(look.agents, at: now)))
        }
        return Observation(look: look.number, content: content)
    }

    // MARK: The end

    /// Once nothing goes wrong any more, everything is repaired or waits for a person, and it is quiet.
    private mutating func rest(eventsBefore: Int) {
        if daemons.allSatisfy(\.isDead) || daemons[max(0, ledger.holder)].isDead { return }
        if eventsBefore > 0, ledger.events.count != eventsBefore {
            violations.append("\(ledger.events.count - eventsBefore) events in the last quarter of an hour")
        }
        if ledger.attempts.contains(where: { $0.state == "open" }) { violations.append("an attempt was left open") }
        let leader = daemons[max(0, ledger.holder)]
        if let report = leader.last { violations += lasting.missing(in: report, estate: estate, since: calmAt) }
        for decision in leader.last?.decisions ?? [] {
            let what = "\(decision.drift.kind.rawValue) \(decision.drift.subject.record ?? "")"
            note("at the end: \(what) \(decision.verdict) \(decision.reason) \(decision.detail ?? "")")
        }
        guard mode == .repair, let report = leader.last, case .acting = leader.tenure else { return }
        for decision in report.decisions
        where decision.verdict == .repair && (decision.drift.operation != nil || decision.drift.edge != nil) {
            violations.append(
                "\(decision.drift.kind.rawValue) \(decision.drift.id) was never repaired: \(decision.pending)")
        }
        for (first, at) in ledger.acts.enumerated() {
            let minute = ledger.acts[first...].prefix { $0 < at + .minutes(1) }.count
            if minute > 2 * policies.brakes.budgetPerMinute { violations.append("\(minute) acts in a minute") }
        }
    }
}
