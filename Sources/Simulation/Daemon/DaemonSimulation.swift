package import Core
import World

/// Two daemons on one estate, in virtual time, each with the production leadership, controller and sagas: processes that crash
/// at any I/O and stand still for up to ten TTLs, clocks at half and double speed, Redis wiped or out of reach, a database that
/// is lost and comes back, answers and requests that are lost or late. The same seed gives the same trace.
package struct DaemonSimulation {
    static let begin = Timestamp(seconds: 1_767_225_600)

    package let seed: UInt64
    package internal(set) var trace: [String] = []
    package internal(set) var violations: [String] = []
    package internal(set) var counts = Counts()

    let policies: PolicySet
    var rules: PoliciesInForce { PoliciesInForce(policies, calendar: .always) }
    let keepsTrace: Bool
    var chance: Seed
    /// When it is said that something has changed.
    var stirring = Seed(0)
    var person = SimulatedOperator(seed: 0)
    var estate: Estate
    /// As it was in the begin.
    let drawn: Estate
    var ledger = SimulatedLedger()
    var daemons: [SimulatedDaemon]
    var now: Timestamp
    /// Whether the edge is looked at and repaired, too.
    let hasEdge: Bool
    /// Whether somebody else undoes most changes of the edge before they can be seen.
    let hasRival: Bool
    /// Whether a service of the edge may fall silent, when, and the one that is.
    let hasSilence: Bool
    var silences: Seed
    var silence: EdgeSilence?
    /// What the public zone still shows, and until when.
    var lag: (before: Estate, until: Timestamp)?
    var lags: Seed
    var clocks = DaemonClocks()
    var edgeWatch = EdgeWatch()
    var laws = DaemonLaws()
    /// Lock, row, clocks, pauses and crashes of the two.
    var lead: LeadershipRun
    let started: Timestamp
    var sending: [Sent] = []
    var numbers = 0
    /// Since when nothing was written, and how many events there were.
    private var quiet: (since: Timestamp, events: Int)
    var isSettled = false
    let bug: Bug?
    var isCalmedDown = false
    /// Set where nothing is left to chance.
    package internal(set) var script: Script?
    var lasting = LastingTruth()
    var queueTruth = QueueTruth()
    /// Until when things go wrong; afterwards everything has to come to rest.
    let calmAt: Timestamp
    let mode: Duty.Mode

    package init(seed: UInt64, policies: PolicySet, keepsTrace: Bool = false, bug: Bug? = nil) {
        (self.seed, self.bug) = (seed, bug)
        person = SimulatedOperator(seed: seed)
        let policies = person.braking(policies)
        ledger.asksNoRow = bug == .asksNoRow
        self.policies = policies
        self.keepsTrace = keepsTrace
        chance = Seed(seed &* 0x9e37_79b9 &+ 5)
        stirring = Seed(seed &* 0x2545_f491 &+ 11)
        let begin = DaemonSimulation.begin
        (now, started, quiet) = (begin, begin, (begin, 0))
        estate = Estate.random(seed: seed, instances: [2, 4, 6][chance.below(3)], at: begin)
        drawn = estate
        hasEdge = chance.chance(percent: 75)
        var fate = Seed(seed &* 0x51_7cc1 &+ 3)
        hasRival = fate.chance(percent: 25)
        var silences = Seed(seed &* 0x6a09_e667 &+ 7)
        lags = Seed(seed &* 0x3c6e_f372 &+ 13)
        let isDrawn = silences.chance(percent: 10)
        (hasSilence, self.silences) = (isDrawn && hasEdge, silences)
        if !hasEdge {
            // The queues are what the two repairs of operations need; fewer planes, more rounds in the same time.
            estate.settings.agents = false
            estate.settings.velocity = false
            estate.settings.internalDNS = nil
        }
        let stormy = Span.minutes(Int64(4 + chance.below(hasEdge ? 26 : 8)))
        calmAt = begin + stormy
        lead = LeadershipRun(hosting: 2, seed: seed, stormyFor: stormy, keepsTrace: keepsTrace)
        let mode: Duty.Mode = chance.chance(percent: 10) ? .dryRun : .repair
        self.mode = mode
        DaemonSimulation.addOperations(to: &estate, &chance, at: begin)
        let settings = estate.settings
        clocks = DaemonClocks(2, seed: seed)
        daemons = []
        for number in 0..<2 {
            daemons.append(
                SimulatedDaemon(
                    number: number, life: 1, mode: mode, settings: settings, policies: policies,
                    clocks: machineClocks(number), at: begin))
        }
    }

    /// One leader on an estate, with a script.
    init(_ estate: Estate, script: Script, policies: PolicySet, keepsTrace: Bool = false) {
        (seed, chance, bug) = (0, Seed(1), nil)
        (self.policies, self.keepsTrace, self.estate, self.script) = (policies, keepsTrace, estate, script)
        (drawn, lags) = (estate, Seed(1))
        (now, started, quiet) = (estate.drawnAt, estate.drawnAt, (estate.drawnAt, 0))
        lead = LeadershipRun(hosting: 1, seed: 1, stormyFor: .seconds(0), keepsTrace: false)
        (hasEdge, hasRival, hasSilence, silences) = (true, false, false, Seed(1))
        calmAt = now + .minutes(24 * 60)
        mode = .repair
        daemons = []
        daemons = [
            SimulatedDaemon(
                number: 0, life: 1, mode: .repair, settings: estate.settings, policies: policies,
                clocks: machineClocks(0),
                at: now)
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
        var steps = 0
        while now < audibleAt + .minutes(50), !isAtRest {
            let end = audibleAt + .minutes(50)
            steps += 1
            if steps > 200_000 {
                violations.append("a hot loop: \(steps) steps")
                break
            }
            let due = next()
            var at = due?.at ?? end
            if !isCalmedDown { at = min(at, calmAt) }
            if advanceLead(to: at) { continue }
            calmDown()
            settle()
            if !isCalm { happen() }
            if now < calmAt + SimulatedOperator.patience,
                let word = person.answer(daemons.map(\.last), in: &ledger, at: now)
            {
                note(word)
            }
            if let due, due.at <= now { take(due.what) }
            if isCalm { noteQuiet() }
        }
        finish()
        rest()
    }

    /// What is due, and when.
    enum Due {
        case arrival(Int)
        case step(Int)
    }

    func next() -> (at: Timestamp, what: Due)? {
        let ready = daemons.indices.compactMap { index in self.ready(index).map { (index, $0) } }
        let first = ready.map(\.1).min()
        if let arriving, arriving.at <= first ?? arriving.at { return (arriving.at, .arrival(arriving.place)) }
        guard let first else { return nil }
        let choices = ready.filter { $0.1 == first }
        let index = choices.count == 1 ? 0 : Int(first.microseconds / 1000 % Int64(choices.count))
        return (first, .step(choices[index].0))
    }

    mutating func take(_ due: Due) {
        switch due {
        case .arrival(let place): arrive(sending.remove(at: place))
        case .step(let index): step(index)
        }
    }

    /// Once all is calm: for how long nothing has been written, and nothing waits.
    private mutating func noteQuiet() {
        let isBusy = !sending.isEmpty || ledger.attempts.contains { $0.state == "open" }
        if isBusy || ledger.events.count != quiet.events { quiet = (now, ledger.events.count) }
    }

    /// Whatever was to be repaired is, and a quarter of an hour has gone by without a word.
    private var isAtRest: Bool {
        guard isSettled, now > quiet.since + .minutes(16), now > calmAt + SimulatedOperator.patience + .minutes(4),
            now > audibleAt + .minutes(4)
        else { return false }
        guard let leader = lead.acting, let report = daemons[leader].last else { return false }
        return !report.decisions.contains { $0.verdict == .repair }
            && lasting.missing(in: report, estate: estate, since: calmAt).isEmpty
    }

    mutating func finish() {
        edgeWatch.rest(estate, told: daemons.compactMap(\.last))
        violations += ledger.violations + edgeWatch.violations + laws.violations + lead.violations
        counts.note(self)
        for what in edgeWatch.blind { note("not to be refused by anybody: \(what)") }
    }

    mutating func note(_ line: @autoclosure () -> String) {
        if keepsTrace { trace.append("\(now) \(line())") }
    }

    // MARK: The end

    /// Once nothing goes wrong any more, everything is repaired or waits for a person, and it is quiet.
    mutating func rest() {
        guard let index = lead.acting else { return violations.append("nobody leads in the end") }
        if now - quiet.since < .minutes(15) {
            violations.append("something was written or under way \(now - quiet.since) before the end")
        }
        if ledger.attempts.contains(where: { $0.state == "open" }) { violations.append("an attempt was left open") }
        guard let report = daemons[index].last else { return violations.append("the leader never reported") }
        violations += lasting.missing(in: report, estate: estate, since: calmAt)
        for decision in report.decisions {
            let what = "\(decision.drift.kind.rawValue) \(decision.drift.subject.record ?? "")"
            note("at the end: \(what) \(decision.verdict) \(decision.reason) \(decision.detail ?? "")")
        }
        guard mode == .repair else { return }
        for decision in report.decisions
        where decision.verdict == .repair && (decision.drift.operation != nil || decision.drift.edge != nil) {
            violations.append(
                "\(decision.drift.kind.rawValue) \(decision.drift.id) was never repaired: \(decision.pending)")
        }
    }
}
