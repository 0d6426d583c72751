package import Core
import World

/// One audit of a random estate in virtual time: the controller that production runs, against a world that fails, lies and
/// changes meanwhile. The same seed gives the same trace.
package struct SimulatedRound {
    package let seed: UInt64
    package private(set) var trace: [String] = []
    package private(set) var violations: [String] = []
    package private(set) var outcome: Outcome?

    private var chance: Seed
    private var estate: Estate
    private let policies: PolicySet
    private let keepsTrace: Bool
    private let isStorm: Bool
    private let changes: Bool
    private var queue: [(at: Timestamp, order: Int, event: Event)] = []
    private var order = 0
    private var now: Timestamp
    private var weather: [Int: Weather] = [:]
    private var watch: StepWatch
    private var seen = Seen()

    /// What the world really was at each reading.
    struct Seen {
        var desired: [Int: Estate] = [:]
        var proxmox: [Int: Estate] = [:]
        /// Nodes that were down, or were said to be.
        var offline: [Int: Set<String>] = [:]
        var zone: [Int: Estate] = [:]
        var internalZone: [Int: Estate] = [:]
        var proxy: [Int: Estate] = [:]
        /// What was answered, not what was true: silence is between the two.
        var agents: [Int: AgentReading] = [:]
        var queues: [Int: Estate] = [:]
    }

    package init(seed: UInt64, policies: PolicySet, keepsTrace: Bool = true) {
        (self.seed, self.keepsTrace) = (seed, keepsTrace)
        self.policies = policies
        chance = Seed(seed)
        now = Timestamp(seconds: 1_767_225_600)
        estate = Estate.random(seed: seed, instances: [0, 3, 12, 40][chance.below(4)], at: now)
        isStorm = chance.chance(percent: 60)
        changes = chance.chance(percent: 30)
        watch = StepWatch(startedAt: now)
        // What is hidden for a moment and destroyed in the next is rightly called gone, though it was there once: the truth
        // that a report is held against could not tell.
        let first = Weather(&chance, estate: estate, isStorm: isStorm, mayMislead: !changes, at: now)
        weather[1] = first
        // Who is misled in the one look may not be misled the same way in the other.
        weather[2] =
            chance.chance(percent: 70)
            ? first.lasting
            : Weather(&chance, estate: estate, isStorm: isStorm, mayMislead: !changes && !first.misleads, at: now)
    }

    /// Whether nothing failed, lied or changed: then the report has to be exactly right.
    package var isCalm: Bool { !isStorm && !changes }

    package mutating func run() {
        var controller = Controller(settings: estate.settings, policies: policies)
        for look in 1...2 {
            if let weather = weather[look] { note("weather of look \(look): \(weather)") }
        }
        let (rows, isStorm, changes) = (estate.instances.count, isStorm, changes)
        note("estate of \(rows) rows, storm \(isStorm), changes \(changes)")
        carryOut(controller.handle(.operatorAsked(.audit), at: now))
        while let next = takeNext() {
            now = max(now, next.at)
            carryOut(controller.handle(next.event, at: now))
            if watch.steps > 1000 {
                violations.append("a hot loop: 1000 steps and no end")
                break
            }
        }
        violations += watch.violations
        guard let outcome else {
            violations.append("the round never told how it ended")
            return
        }
        if case .report(let report) = outcome {
            note("report \(report.summary)")
            for decision in report.decisions {
                note(
                    "drift \(decision.drift.id) \(decision.drift.kind.rawValue) \(decision.verdict) \(decision.reason)")
            }
            for fact in report.unknown { note("unknown \(fact)") }
            violations += Invariants.check(report, policies: policies)
            violations += Truth(seen: seen, settings: estate.settings).check(report)
            if isCalm { violations += Planted.check(report, estate: estate) }
        } else {
            note("\(outcome)")
        }
    }

    // MARK: Effects

    private mutating func carryOut(_ effects: [Effect]) {
        watch.step(effects, at: now)
        for effect in effects {
            switch effect {
            case .tell(let outcome):
                self.outcome = outcome
                note("told")
            case .wake(let wake, let moment):
                // A loaded machine wakes late, never early.
                schedule(.woke(wake), at: moment + .milliseconds(Int64(chance.below(isStorm ? 400 : 1))))
            case .observe(let look): observe(look)
            case .giveWay, .recall, .journal, .repair, .redeem: break
            }
        }
    }

    private mutating func observe(_ look: Look) {
        note("look \(look.number) at \(look.plane.rawValue)")
        // A first look that was misled and a change that then makes its mistake true are two coincidences; nobody could tell.
        let mayChange = changes && !(look.number == 2 && weather[1]?.misleads == true)
        if mayChange, chance.chance(percent: 40), let what = Change.apply(to: &estate, &chance, at: now) { note(what) }
        guard let weather = weather[look.number], !weather.hanging.contains(look.plane) else { return }
        let content: Observation.Content
        switch look.plane {
        case .database:
            seen.desired[look.number] = estate
            content = .desired(weather.desired.map { .failure($0) } ?? .success(estate.desiredState(at: now)))
        case .proxmox:
            seen.proxmox[look.number] = estate
            seen.offline[look.number] = Set(estate.cluster.nodes.filter { !$0.isOnline }.map(\.name))
                .union(weather.proxmox.compactMap(\.offlineNode))
            content = .proxmox(
                estate.proxmoxReading(
                    endpoint: look.place ?? "https://pve1:8006", node: estate.cluster.nodes.first { $0.isOnline }?.name,
                    faults: weather.proxmox, at: now
                ).map { reading in
                    var reading = reading
                    if look.number == 2 { reading.probes = probes(look.suspects, weather.proxmox) }
                    if !look.addressesOf.isEmpty {
                        reading.addresses = estate.guestAddresses(of: look.addressesOf)
                    }
                    return reading
                })
        case .internalDNS:
            seen.internalZone[look.number] = estate
            content = .internalZone(
                estate.internalReading(endpoint: "http://10.0.0.2:5380", faults: weather.internalZone, at: now))
        case .agents:
            let reading = estate.agentReading(look.agents, faults: weather.agents, at: now)
            seen.agents[look.number] = reading
            content = .agents(.success(reading))
        case .velocity:
            seen.proxy[look.number] = estate
            content = .velocity(
                estate.velocityReading(endpoint: "http://proxy:8081", faults: weather.velocity, at: now))
        case .queues:
            seen.queues[look.number] = estate
            content = .queues(
                estate.queueReading(
                    endpoint: look.place ?? "127.0.0.1:6379/0", jobs: look.jobs, faults: weather.queues, at: now))
        default:
            seen.zone[look.number] = estate
            content = .publicZone(
                estate.zoneReading(
                    endpoint: "https://api.example", perPage: weather.perPage, faults: weather.zone, at: now))
        }
        let event = Event.observed(Observation(look: look.number, content: content))
        let delay = Span.milliseconds(Int64(1 + chance.below(isStorm ? 15_000 : 200)))
        schedule(event, at: now + delay)
        if weather.repeating.contains(look.plane) { schedule(event, at: now + delay + .seconds(3)) }
    }

    private func probes(_ suspects: [VMID], _ faults: Set<ProxmoxFault>) -> [VMID: Bool] {
        Dictionary(
            suspects.map { vmid in
                (vmid, faults.isDisjoint(with: [.guestHidden(vmid), .guestDenied(vmid)]))
            }, uniquingKeysWith: { $1 })
    }

    // MARK: Time

    private mutating func schedule(_ event: Event, at moment: Timestamp) {
        queue.append((moment, order, event))
        order += 1
    }

    private mutating func takeNext() -> (at: Timestamp, order: Int, event: Event)? {
        guard outcome == nil,
            let index = queue.indices.min(by: { (queue[$0].at, queue[$0].order) < (queue[$1].at, queue[$1].order) })
        else { return nil }
        return queue.remove(at: index)
    }

    private mutating func note(_ line: @autoclosure () -> String) {
        if keepsTrace { trace.append("\(now.microseconds) \(line())") }
    }
}
