/// What people are told of: drifts that belong together, or a condition of the controller itself.
///
/// It is told as it stands. What happened between two tellings is part of how it stands: nothing is queued that could be lost,
/// and nothing grows while a sink is away.
package struct Incident: Equatable, Sendable {
    package enum Topic: String, CaseIterable, Sendable {
        case drifts
        /// A plane that cannot be read.
        case plane
        /// Too many repairs at once.
        case brake
        /// Repairs of Level 2 that ask.
        case approval
        /// More repairs than may begin in a minute.
        case budget
        case leader
        /// A webhook that takes nothing.
        case sink

        /// Whether it is about what may be done of the plan.
        var isOfPlan: Bool { self == .brake || self == .approval || self == .budget }
    }

    /// Open drifts of one sort, counted.
    package struct Tally: Equatable, Sendable {
        package var kind: DriftKind
        package var verdict: Verdict
        package var reason: Reason
        /// Whether the proxy may still fill its own list.
        package var isSettling: Bool
        /// Why whoever tells it would carry nothing out; nil where they would. Known to them, and kept nowhere.
        package var omission: Omission?
        package var count: Int

        package init(
            kind: DriftKind, verdict: Verdict, reason: Reason, isSettling: Bool = false, omission: Omission? = nil,
            count: Int
        ) {
            (self.kind, self.verdict, self.reason) = (kind, verdict, reason)
            (self.isSettling, self.omission, self.count) = (isSettling, omission, count)
        }

        /// Whether they would be repaired, or asked about, and are only watched here.
        package var isWatched: Bool {
            guard omission != nil, !isSettling else { return false }
            return verdict == .repair || verdict == .approvalRequired || (verdict == .held && reason == .massChange)
        }

        /// Nobody is asked for what would not be carried out.
        package var stage: Stage { isSettling ? .waiting : isWatched ? .repairing : Stage(verdict, reason) }
    }

    /// One open drift, to be named.
    package struct Example: Equatable, Sendable {
        package var kind: DriftKind
        package var vmid: VMID?
        package var hostname: String?
        /// What was seen: foreign text.
        package var detail: String?

        package init(kind: DriftKind, vmid: VMID?, hostname: String?, detail: String?) {
            (self.kind, self.vmid, self.hostname, self.detail) = (kind, vmid, hostname, detail)
        }
    }

    package var id: String
    package var topic: Topic
    /// Every kind that it ever had.
    package var kinds: [DriftKind] = []
    /// Whose drifts they are; nil when they are of many.
    package var vmid: VMID?
    package var hostname: String?
    /// The highest one.
    package var level: Level
    /// When it opened last.
    package var openedAt: Timestamp
    package var closedAt: Timestamp?
    /// How often it opened, with less than an hour in between.
    package var times = 1
    /// How many drifts it ever had.
    package var drifts = 0
    /// Attempts at repairs since it opened, those in vain included.
    package var attempts = 0
    /// Repairs of its drifts that a fresh read saw, since it opened.
    package var repaired = 0
    package var did: Action?
    /// Whether what ended in it last had been repaired.
    package var isMended = false
    /// Why the last attempt was in vain.
    package var trouble: String?
    /// Of a condition: the plane, the plan's hash, the epoch, the webhook. Of drifts without a host name what they are all about,
    /// as a queue: foreign text.
    package var subject: String?
    /// Of a condition: what there is to say; foreign text.
    package var text: String?
    /// Rises with each change.
    package var version: Int64 = 1
    package var tallies: [Tally] = []
    package var examples: [Example] = []

    package init(id: String, topic: Topic, level: Level, openedAt: Timestamp) {
        (self.id, self.topic, self.level, self.openedAt) = (id, topic, level, openedAt)
    }

    /// So many that they are told as a number.
    package var isBurst: Bool { drifts > IncidentGroups.mostAtOnce }
    package var openDrifts: Int { tallies.reduce(0) { $0 + $1.count } }
    /// Open drifts that are repaired, now or one after the other.
    var inRepair: Int { tallies.reduce(0) { $0 + ($1.stage == .repairing && !$1.isWatched ? $1.count : 0) } }
    /// Whether all that could be repaired of it is only watched here.
    var isWatched: Bool { stage == .repairing && inRepair == 0 && tallies.contains(where: \.isWatched) }

    /// It opens again and again: then it is told once an hour.
    package var isFlapping: Bool { times >= 3 }
    package static let flappingPause = Span.minutes(60)
    /// What has been open for so long does not come and go.
    package static let standsAfter = Span.minutes(5)

    package var stage: Stage {
        switch topic {
        case .leader: return .leader
        case .plane: return closedAt == nil ? .blind : .over
        case .sink: return closedAt == nil ? .sinkFailing : .over
        case .brake: return closedAt == nil ? .braked : .over
        case .approval: return closedAt == nil ? .needsYou : .over
        case .budget: return closedAt == nil ? .waiting : .over
        case .drifts:
            if closedAt != nil || tallies.isEmpty { return isMended ? .repaired : .over }
            // What follows from something else stands as that does.
            let own = tallies.filter { $0.reason != .causedBy }
            return (own.isEmpty ? tallies : own).map(\.stage).max { $0.urgency < $1.urgency } ?? .report
        }
    }
}

/// How an incident stands: what makes the difference between news and no news.
package enum Stage: String, CaseIterable, Hashable, Sendable {
    /// For information.
    case report
    /// The controller can repair it, or would if it were no dry-run and the scoped go-live had come to it.
    case repairing
    /// A guard holds it that passes by itself.
    case waiting
    case needsYou = "needs_you"
    case braked
    case contested
    case quarantined
    case blind
    case sinkFailing = "sink_failing"
    case leader
    /// It is over, and the controller repaired it.
    case repaired
    /// It is over by itself.
    case over

    package init(_ verdict: Verdict, _ reason: Reason) {
        switch verdict {
        case .report: self = .report
        case .repair: self = .repairing
        case .manual, .approvalRequired: self = .needsYou
        case .held:
            switch reason {
            case .massChange: self = .braked
            case .contested: self = .contested
            case .quarantined: self = .quarantined
            // These stay until somebody does something.
            case .foreignRecord, .badHostname, .identityMismatch: self = .needsYou
            default: self = .waiting
            }
        }
    }

    /// Whether somebody has to do something.
    package var needsPerson: Bool {
        switch self {
        case .needsYou, .braked, .contested, .quarantined, .blind, .sinkFailing: true
        case .report, .repairing, .waiting, .leader, .repaired, .over: false
        }
    }

    package var isOver: Bool { self == .repaired || self == .over }

    /// Whether it stays for an hour, or until somebody does something.
    var lasts: Bool { self == .contested || self == .quarantined }

    /// Of several, the one with the most is told.
    var urgency: Int {
        switch self {
        case .over, .repaired: 0
        case .report, .leader: 1
        case .repairing: 2
        case .waiting: 3
        case .needsYou, .blind, .sinkFailing: 4
        case .contested: 5
        case .quarantined: 6
        case .braked: 7
        }
    }
}
