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
    package internal(set) var trace: [String] = []
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
    var isCalmedDown = false
    /// Set where nothing is left to chance.
    package internal(set) var script: Script?
    var lasting = LastingTruth()
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
    static func addOperations(to estate: inout Estate, _ chance: inout Seed, at begin: Timestamp) {
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

    static func isDying(_ row: DesiredInstance) -> Bool { row.vmid.number % 3 == 0 }

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

    // MARK: The end

    /// Once nothing goes wrong any more, everything is repaired or waits for a person, and it is quiet.
    mutating func rest(eventsBefore: Int) {
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
