/// Something that is drift only once it has lasted: which kind, and of whom.
package struct LastingCondition: Hashable, Sendable {
    package var kind: DriftKind
    package var instance: InstanceKey?
    /// A queue, or a queue and a job; empty for what an instance has one of.
    package var name: String

    package init(_ kind: DriftKind, instance: InstanceKey? = nil, name: String = "") {
        self.kind = kind
        self.instance = instance
        self.name = name
    }

    /// Whether it is all that its drift is about. Of a queue several jobs may have stalled, and each may be another one.
    var isTheDrift: Bool { kind != .queueStalled }
}

/// What a round saw of a ``LastingCondition``.
package struct Sighting: Equatable, Sendable {
    package enum What: Equatable, Sendable {
        /// It holds. Another mark is another stretch: a second lock after the first, a job that was started again.
        case holds(mark: String)
        case isOver
        /// It could not be told: that neither begins nor ends a stretch.
        case unknown
    }

    package var condition: LastingCondition
    package var what: What
    /// The id of the drift that it would be.
    package var driftID: String
    package var at: Timestamp
}

/// How long conditions have held without interruption, in the rounds of one daemon.
///
/// Only time counts at whose both ends a round saw it hold, and no round between them failed to see: a lower bound, whatever
/// went wrong. What a former process told of and is still open in the journal has lasted already.
package struct History: Equatable, Sendable {
    private struct Stretch: Equatable, Sendable {
        var mark: String
        var lasted: Span
        var seenAt: Timestamp
        /// The round that saw it last.
        var round: Int64
    }

    /// The most that may lie between two rounds: a process or a clock that jumped has not watched meanwhile.
    private let longestStep: Span
    private var stretches: [LastingCondition: Stretch] = [:]
    private var rounds: Int64 = 0
    /// How long this process has watched, jumps aside.
    private var watched = Span.seconds(0)
    private var lastAt: Timestamp?
    /// Ids of drifts that the journal holds open.
    private(set) var open: Set<String> = []
    /// The VMIDs that those are about.
    private(set) var openVMIDs: Set<VMID> = []

    /// - Parameter cycle: from the begin of one round to that of the next.
    package init(cycle: Span) {
        longestStep = Span(microseconds: 2 * cycle.microseconds + Round.deadline.microseconds)
    }

    /// Takes in what the journal holds open.
    package mutating func hold(open drifts: some Sequence<OpenDrift>) {
        open = Set(drifts.lazy.map(\.id))
        openVMIDs = Set(drifts.lazy.compactMap(\.vmid))
    }

    package static let locked = Span.minutes(30)
    package static let notReady = Span.minutes(10)

    /// How long each of these kinds has to hold.
    package static func needs(_ kind: DriftKind) -> Span? {
        switch kind {
        case .containerLocked: locked
        case .agentNotReady: notReady
        // Twice what BullMQ's workers take to notice a lock that is gone themselves.
        case .queueStalled: .minutes(1)
        case .queueNoWorker: .minutes(1)
        default: nil
        }
    }

    /// Whether something of a kind could be told by now, had it held from the beginning.
    package func isLongEnough(for kind: DriftKind, at now: Timestamp) -> Bool {
        guard let needed = History.needs(kind) else { return true }
        let step = lastAt.map { self.step(from: $0, to: now) } ?? .seconds(0)
        return watched.microseconds + step.microseconds > needed.microseconds
    }

    /// Whether anything is remembered of it, so that its end is worth noting.
    package func remembers(_ condition: LastingCondition) -> Bool { stretches[condition] != nil }

    /// What is remembered of a kind under names that begin so.
    func remembered(_ kind: DriftKind, under prefix: String) -> [LastingCondition] {
        stretches.keys.filter { $0.kind == kind && $0.name.hasPrefix(prefix) }.sorted { $0.name < $1.name }
    }

    /// The instances of which anything is remembered.
    var instances: some Sequence<InstanceKey> { stretches.keys.lazy.compactMap(\.instance) }

    /// Whether, seen again now, it has held for longer than its kind needs.
    package func hasLasted(_ sighting: Sighting) -> Bool {
        guard case .holds(let mark) = sighting.what, let needed = History.needs(sighting.condition.kind) else {
            return false
        }
        return lasted(sighting, mark) > needed
    }

    /// Whether a condition may be the one that is told of though it has not lasted here: its drift is open, and it has held for as long
    /// as this process has watched.
    ///
    /// - Parameter watch: that this process watches, seen in the same look.
    func mayBeOpen(_ sighting: Sighting, since watch: Sighting) -> Bool {
        guard open.contains(sighting.driftID), case .holds(let mark) = sighting.what,
            case .holds(let begun) = watch.what
        else { return false }
        return lasted(sighting, mark) >= lasted(watch, begun)
    }

    private func lasted(_ sighting: Sighting, _ mark: String) -> Span {
        let stretch = stretches[sighting.condition]
        if let stretch, stretch.mark != mark { return .seconds(0) }
        var lasted = stretch?.lasted ?? .seconds(0)
        if let stretch, stretch.round == rounds {
            lasted = Span(microseconds: lasted.microseconds + step(from: stretch.seenAt, to: sighting.at).microseconds)
        }
        // Somebody watched it for long enough before this process did. Where several may make one drift, one job of many, it is not
        // known which of them that was.
        guard sighting.condition.isTheDrift, open.contains(sighting.driftID),
            let needed = History.needs(sighting.condition.kind)
        else { return lasted }
        return max(lasted, Span(microseconds: needed.microseconds + 1))
    }

    /// Takes in what a round saw, or that it saw nothing.
    package mutating func note(_ sightings: [Sighting], at now: Timestamp) {
        for sighting in sightings {
            switch sighting.what {
            case .isOver: stretches[sighting.condition] = nil
            case .unknown: break
            case .holds(let mark):
                stretches[sighting.condition] = Stretch(
                    mark: mark, lasted: lasted(sighting, mark), seenAt: sighting.at, round: rounds + 1)
            }
        }
        if let lastAt { watched = Span(microseconds: watched.microseconds + step(from: lastAt, to: now).microseconds) }
        lastAt = now
        rounds += 1
        // What nobody could see for so long, a server that was deleted for one, need not be kept.
        stretches = stretches.filter { rounds - $0.value.round < 1000 }
    }

    /// Nobody knows how long ago the last round was: nothing has lasted since then.
    mutating func interrupt() {
        (lastAt, watched) = (nil, .seconds(0))
        rounds += 1
    }

    private func step(from: Timestamp, to: Timestamp) -> Span { min(max(to - from, .seconds(0)), longestStep) }
}

extension DriftKind {
    /// Whether a daemon tells it where an audit cannot, since it has a history or looks at one guest after the other.
    var isToldByDaemons: Bool { History.needs(self) != nil || self == .containerAddressChanged }
}
