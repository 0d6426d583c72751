import Core
import World

/// One process that leads or would like to, with a clock of its own.
struct LeadNode {
    struct Call {
        let effect: LeadEffect
        /// By its own clock, when it wanted to send it.
        let asked: Moment
    }

    let name: Int
    /// Counts its starts: what was meant for a process that has crashed reaches nobody.
    var life = 0
    var isUp = false
    var leadership: Leadership
    /// It does not reach the database, though others do.
    var isCutOff = false
    var isCutOffRedis = false
    /// Which Redis it asks for the lock.
    var redis = 0
    /// Where it stood, for whoever has not heard it yet.
    var standings: [LeadStanding] = []
    var told: LeadStanding?
    var isAskedToStop = false
    var frozenUntil: Int64 = 0
    /// What waits for it to go on.
    var held: [(life: Int, step: LeadershipRun.Step)] = []
    var calls: [Int: Call] = [:]
    /// The moments that are slept towards.
    var alarms: [Moment] = []
    /// The second of its own clock in which it last called, and how often it has called in it.
    private var busy: (second: Int64, calls: Int) = (0, 0)
    /// What the answers that reached it allow, counted apart from what it counts itself.
    var lockUntil = Moment(microseconds: .min)
    var rowUntil = Moment(microseconds: .min)
    private var base: (real: Int64, local: Int64)
    /// How fast its clock runs, in halves.
    private(set) var halves: Int64 = 2

    init(_ name: Int, times: LeadTimes, seed: inout Seed) {
        self.name = name
        leadership = LeadNode.fresh(times, &seed)
        base = (0, Int64(seed.below(1_000_000_000)))
    }

    private static func fresh(_ times: LeadTimes, _ seed: inout Seed) -> Leadership {
        Leadership(token: LockToken(id: "detroit-1", holder: HolderID(using: &seed)), times: times)
    }

    mutating func start(_ seed: inout Seed) {
        leadership = LeadNode.fresh(leadership.times, &seed)
        life += 1
        isUp = true
        frozenUntil = 0
        held = []
        calls = [:]
        alarms = []
        (standings, told) = ([], nil)
        isAskedToStop = false
        lockUntil = Moment(microseconds: .min)
        rowUntil = Moment(microseconds: .min)
    }

    mutating func crash() {
        isUp = false
        life += 1
    }

    /// Counts a call; false when there were more within a second than anybody needs.
    mutating func mayCall(at local: Moment) -> Bool {
        let second = local.microseconds / 1_000_000
        busy = busy.second == second ? (second, busy.calls + 1) : (second, 1)
        return busy.calls <= 40
    }

    func local(_ real: Int64) -> Moment { Moment(microseconds: base.local + (real - base.real) * halves / 2) }

    /// How long a span of its own clock really takes.
    func real(_ span: Span) -> Int64 { max(0, span.microseconds * 2 / halves) }

    mutating func setClock(halves new: Int64, at real: Int64) {
        base = (real, local(real).microseconds)
        halves = new
    }
}
