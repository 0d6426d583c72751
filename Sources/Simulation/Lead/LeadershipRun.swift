import Core
import World

/// Two or three processes that want to lead, in virtual time: first among faults, then without them.
///
/// The same seed gives the same trace.
package struct LeadershipRun {
    package struct Counts: Equatable, Sendable {
        package var acts = 0
        package var claimsRefused = 0
        package var takeovers = 0
        package var pauses = 0
        package var losses = 0
        package var cleanStops = 0
        package var crashes = 0
        package var wipes = 0
        package var callsLost = 0
        package var foreign = 0
        /// A frozen process had already checked its permit; it sent after somebody else had begun to act.
        package var frozenWindows = 0
        /// A clock at half or double speed made a deadline longer, or a wait shorter, than it is.
        package var clockWindows = 0

        package init() {}
    }

    package let seed: UInt64
    package internal(set) var counts = Counts()
    package var trace: [String] { log.lines }
    package internal(set) var violations: [String] = []
    private let log: Log
    let times: LeadTimes
    var chance: Seed
    var agenda = Agenda<Happening>()
    var stores = LeadStores()
    var nodes: [LeadNode]
    var now: Int64 = 0
    var faultsEnd: Int64
    var weather: LeadWeather
    var acts: [Int: SimulatedAct] = [:]
    var newestActing: Int64 = 0
    var firstSent: [Int64: Int64] = [:]
    /// Who is stopped at the end, and stays so.
    var stopping: Int?
    private var numbers = 0
    /// The processes do something else besides, and whoever drives them asks for leave (``HostedLeadership``).
    let isHosted: Bool
    /// A process came, went, was frozen or stands otherwise since somebody looked last.
    var hasNews = false

    var isCalm: Bool { now >= faultsEnd }

    /// In each fifth run there is a second Redis.
    var isApartAtTimes: Bool { !isHosted && seed.isMultiple(of: 5) }

    enum Happening {
        case step(Int, life: Int, Step)
        case arrives(Int, LockToken, call: Int, LeadEffect)
        case claim(Int, life: Int, act: Int)
        case lands(act: Int)
        case fault(LeadFault)
        case thaw(Int)
    }

    /// What a process does by itself: it may be frozen before any of these.
    enum Step {
        case handle(LeadEvent)
        case wake(Moment)
        case send(call: Int)
        case answer(call: Int, LeadEvent)
        case timeout(call: Int)
        case tryToAct
        case claimed(act: Int, Bool)
        /// The last look at the permit.
        case check(act: Int)
        case sendAct(act: Int)
        case answered(act: Int)
    }

    /// A class, so that a line may be made of the run while the run is being changed.
    private final class Log {
        let isKept: Bool
        var lines: [String] = []
        init(isKept: Bool) { self.isKept = isKept }
    }

    package init(seed: UInt64, keepsTrace: Bool = false) {
        self.seed = seed
        isHosted = false
        log = Log(isKept: keepsTrace)
        chance = Seed(seed)
        let ttl = Span.seconds(chance.chance(percent: 4) ? 15 : chance.chance(percent: 25) ? 3 : 1)
        let percent = Int64([30, 50, 53, 60][chance.below(4)])
        times = LeadTimes(ttl: ttl, actDeadline: Span(microseconds: ttl.microseconds * percent / 100))
        weather = LeadWeather(&chance)
        faultsEnd = ttl.microseconds * Int64(6 + chance.below(10))
        let count = chance.chance(percent: 30) ? 3 : 2
        nodes = []
        for name in 0..<count { nodes.append(LeadNode(name, times: times, seed: &chance)) }
    }

    /// Of processes that do something else besides, without an end.
    ///
    /// - Parameter stormyFor: how long things go wrong.
    init(hosting count: Int, seed: UInt64, stormyFor span: Span, keepsTrace: Bool) {
        self.seed = seed
        isHosted = true
        log = Log(isKept: keepsTrace)
        chance = Seed(seed &* 0x9e37_79b9 &+ 17)
        // Mostly as shipped.
        let ttl = Span.seconds([15, 15, 6][chance.below(3)])
        times = LeadTimes(ttl: ttl, actDeadline: Span(microseconds: ttl.microseconds * 8 / 15))
        weather = LeadWeather(&chance, during: span)
        faultsEnd = span.microseconds
        nodes = []
        for name in 0..<count { nodes.append(LeadNode(name, times: times, seed: &chance)) }
        note("ttl \(times.ttl), act deadline \(times.actDeadline), \(weather)")
        for name in nodes.indices { start(name) }
        if span > .seconds(0) { planFaults() }
    }

    package mutating func run() {
        note("ttl \(times.ttl), act deadline \(times.actDeadline), \(nodes.count) processes, \(weather)")
        for name in nodes.indices { start(name) }
        planFaults()
        advance(to: faultsEnd)
        recover()
    }

    /// Without any other trouble: one has a Redis of its own for so long, and is pointed at that of the others then.
    package mutating func runApart(minutes: Int64) {
        faultsEnd = 0
        nodes[0].redis = 1
        for name in nodes.indices { start(name) }
        beApart(.minutes(minutes))
        if violations.isEmpty { recover() }
    }

    // MARK: Time

    mutating func advance(to end: Int64) {
        while violations.count < 5, let (at, item) = agenda.next(until: end) {
            now = max(now, at)
            happen(item)
        }
        now = end
    }

    mutating func number() -> Int {
        numbers += 1
        return numbers
    }

    func note(_ text: @autoclosure () -> String) {
        if log.isKept { log.lines.append("\(now / 1000) ms: \(text())") }
    }

    mutating func violate(_ text: String) {
        violations.append(text)
        note("VIOLATION \(text)")
    }

    /// How long a message is under way, in microseconds; long ones overtake nothing and come late.
    mutating func delay() -> Int64 {
        let usual = Int64(200 + chance.below(8000))
        guard !isCalm, chance.chance(percent: weather.late) else { return usual }
        return min(faultsEnd - now, Int64(chance.below(Int(times.ttl.microseconds) * 2)))
    }

    mutating func plan(_ step: Step, _ name: Int, after span: Int64) {
        agenda.add(.step(name, life: nodes[name].life, step), at: now + span)
    }

    mutating func happen(_ item: Happening) {
        switch item {
        case .step(let name, let life, let step):
            guard nodes[name].life == life, nodes[name].isUp else { return }
            if !isCalm, nodes[name].frozenUntil <= now, chance.below(1_000_000) < weather.pausesPerMillion(before: step)
            {
                freeze(name, until: now + Int64(chance.below(Int(times.ttl.microseconds) * 10)))
                note("before \(step)")
            }
            if nodes[name].frozenUntil > now {
                nodes[name].held.append((life, step))
                agenda.add(.thaw(name), at: nodes[name].frozenUntil)
            } else {
                take(step, name)
            }
        case .arrives(let name, let token, let call, let effect): arrive(effect, call, name, token)
        case .claim(let name, let life, let act): claim(act, name, life)
        case .lands(let act): land(act)
        case .fault(let fault): strike(fault)
        case .thaw(let name): thaw(name)
        }
    }

    mutating func freeze(_ name: Int, until end: Int64) {
        nodes[name].frozenUntil = end
        counts.pauses += 1
        hasNews = true
        note("\(name) stands still until \(end / 1000) ms")
    }

    /// What came up while a process stood still happens then, in its order.
    mutating func thaw(_ name: Int) {
        guard nodes[name].frozenUntil <= now else { return }
        let held = nodes[name].held
        nodes[name].held = []
        for (life, step) in held { agenda.add(.step(name, life: life, step), at: now) }
    }
}
