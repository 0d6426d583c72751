import Core
import World

/// What time each process thinks it is. Its machine's clock runs as that of its node does, and is set at any time; the database's
/// is the true one.
struct DaemonClocks {
    private var seed: Seed
    /// How far the clock that is set is from the true time, for each machine.
    private var offsets: [Span]
    /// The true time of each moment at which a process looked, by what it thought that it was.
    private var looks: [[Timestamp: Timestamp]]

    init(_ count: Int, seed number: UInt64) {
        var seed = Seed(number &* 0xbb67_ae85 &+ 19)
        offsets = (0..<count).map { _ in
            seed.chance(percent: 50) ? .seconds(0) : DaemonClocks.step(&seed, most: 7200)
        }
        looks = Array(repeating: [:], count: count)
        self.seed = seed
    }

    /// Where all clocks are right.
    init() {
        (seed, offsets, looks) = (Seed(1), [.seconds(0)], [[:]])
    }

    private static func step(_ seed: inout Seed, most: Int) -> Span {
        .seconds(Int64(seed.below(2 * most + 1) - most))
    }

    func wall(_ index: Int, at now: Timestamp) -> Timestamp { now + offsets[index] }

    /// By chance: somebody sets a clock, by seconds or by hours.
    ///
    /// - Returns: what happened.
    mutating func stir() -> String? {
        guard seed.below(300) == 0 else { return nil }
        let index = seed.below(offsets.count)
        let step = DaemonClocks.step(&seed, most: [20, 200, 7200][seed.below(3)])
        offsets[index] = Span(microseconds: offsets[index].microseconds + step.microseconds)
        return "the clock of \(index) is set by \(step)"
    }

    mutating func looked(_ index: Int, by time: Timestamp, at now: Timestamp) { looks[index][time] = now }

    /// When it truly was that a process saw what it says it saw then.
    func truth(_ index: Int, of time: Timestamp) -> Timestamp { looks[index][time] ?? time }
}

extension DaemonSimulation {
    /// What a process thinks that it is.
    mutating func clock(_ index: Int) -> Timestamp { daemons[index].time.now(machineClocks(index)) }

    func machineClocks(_ index: Int) -> SteadyTime.Reading {
        SteadyTime.Reading(
            steady: lead.nodes[index].local((now - started).microseconds), wall: clocks.wall(index, at: now))
    }

    /// Before a round: the database is asked what time it is.
    mutating func setClock(_ index: Int) {
        // As whatever else is asked of it.
        let isAway = !lead.reachesDatabase(index) || script == nil && !isCalm && stirring.chance(percent: 3)
        let step = daemons[index].time.begin(with: isAway ? nil : now, at: machineClocks(index))
        guard SteadyTime.isFar(step) else { return }
        note("\(index) was \(step) off")
        counts.clockSteps += 1
        feed(.clockSet, index)
    }

    /// When it truly is what a process waits for.
    mutating func moment(_ index: Int, _ time: Timestamp) -> Timestamp {
        now + Span(microseconds: lead.nodes[index].real(max(time - clock(index), .seconds(0))))
    }

    /// Ends a round in which a clock was set.
    ///
    /// - Returns: whether it was.
    mutating func tears(_ effects: [Effect], _ index: Int) -> Bool {
        guard bug != .believesTornRounds, effects.contains(where: { if case .tell = $0 { true } else { false } }) else {
            return false
        }
        _ = clock(index)
        guard daemons[index].time.isTorn else { return false }
        note("\(index) believes nothing of a round in which its clock was set")
        counts.tornRounds += 1
        daemons[index].controller = daemons[index].before
        (daemons[index].timers, daemons[index].isInRound) = ([], false)
        daemons[index].todo = daemons[index].controller.handle(
            .roundTorn(daemons[index].changed), at: clock(index))
        return true
    }
}

extension Observation {
    /// The same, seen when its process thought it was `time`.
    func stamped(_ time: Timestamp) -> Observation {
        func stamp<Value>(
            _ result: Result<Value, ReadFailure>, _ set: (inout Value) -> Void
        ) -> Result<Value, ReadFailure> {
            result.map { value in
                var value = value
                set(&value)
                return value
            }.mapError { ReadFailure($0.code, $0.detail, at: time) }
        }
        var observation = self
        switch content {
        case .desired: break
        case .proxmox(let result): observation.content = .proxmox(stamp(result) { $0.startedAt = time })
        case .publicZone(let result): observation.content = .publicZone(stamp(result) { $0.startedAt = time })
        case .internalZone(let result): observation.content = .internalZone(stamp(result) { $0.startedAt = time })
        case .agents(let result): observation.content = .agents(stamp(result) { $0.startedAt = time })
        case .velocity(let result): observation.content = .velocity(stamp(result) { $0.startedAt = time })
        case .queues(let result): observation.content = .queues(stamp(result) { $0.startedAt = time })
        }
        return observation
    }
}
