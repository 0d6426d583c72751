/// How a daemon is, as a value: health and metrics are made from it and say the same.
package struct DaemonStatus: Equatable, Sendable {
    package struct Repaired: Hashable, Comparable, Sendable {
        package var action: Action
        package var outcome: String

        package static func < (a: Repaired, b: Repaired) -> Bool {
            (a.action.rawValue, a.outcome) < (b.action.rawValue, b.outcome)
        }
    }

    package static let outcomes = ["verified", "not_verified", "refused", "unknown", "compensated"]

    package var mode: Duty.Mode
    package var cycle: Span
    package var tenure: Tenure
    /// Planes that nobody looks at.
    package var unconfigured: Set<Plane>
    package var rounds = 0
    /// Rounds without desired state.
    package var failedRounds = 0
    /// Rounds that were given up for a change.
    package var givenUp = 0
    /// Rounds in whose middle a clock was set forward, and whether the last one was.
    package private(set) var tornRounds = 0
    private var isTorn = false
    package var lastEndedAt: Timestamp?
    /// When a round began or ended last, or a repair was over: while repairs run there is no round. On the clock that nobody sets.
    private var progressedAt: Moment
    private var isInRound = false
    /// The last round that read the desired state and every configured plane whole.
    package var lastCompleteAt: Timestamp?
    package var lastTook = Span.seconds(0)
    /// Why the last round came to nothing; nil when it did not.
    package var trouble: String?
    package var report: Report?
    /// How much of each plane the last round saw, with or without desired state.
    package private(set) var coverage: [Coverage] = []
    /// Why this process could not take over, and what a person has to do about it; nil when it could.
    private var obstacle: String?
    package var journaled = 0
    package var failures = 0
    package var repaired: [Repaired: Int]
    /// Repairs that did not begin, since something had changed and was looked at first.
    package var putOff = 0
    /// Attempts whose end nobody knows yet: they are taken up in each round, and counted once.
    private var unsettled: Set<String> = []
    /// So many are remembered at most.
    private static let mostUnsettled = 1000
    /// How the leader works otherwise than this process; nil when it does not, or this one leads.
    package var difference: String?
    /// Whether another controller leads by a lock that this one does not share.
    package private(set) var hasRival = false
    /// Whether the database tells it at once what changes.
    package var isListening = false
    /// Times that this process took over from one that worked otherwise.
    package var differingTakeovers = 0
    /// By the names of the webhooks.
    package var sinks: [String: SinkStatus]

    package init(
        startedAt: Moment, mode: Duty.Mode, cycle: Span, unconfigured: Set<Plane> = [], webhooks: [String] = []
    ) {
        sinks = Dictionary(webhooks.map { ($0, SinkStatus()) }) { first, _ in first }
        progressedAt = startedAt
        self.unconfigured = unconfigured
        self.mode = mode
        self.cycle = cycle
        tenure = .none(why: "leadership has not been asked for yet")
        repaired = [:]
        for action in Action.allCases {
            for outcome in DaemonStatus.outcomes { repaired[Repaired(action: action, outcome: outcome)] = 0 }
        }
    }

    /// One that begins in the place of another that came to no end is no progress: that may go on for ever.
    package mutating func roundBegan(moment: Moment) {
        if !isInRound { progressedAt = moment }
        isInRound = true
    }

    package mutating func roundEnded(_ outcome: Outcome, took: Span, at now: Timestamp, moment: Moment) {
        rounds += 1
        (isInRound, isTorn) = (false, false)
        progressedAt = moment
        (lastEndedAt, lastTook) = (now, took)
        switch outcome {
        case .desiredUnreadable(let failure, let seen):
            failedRounds += 1
            trouble = failure.detail
            (report, coverage) = (nil, seen)
        case .report(let report):
            trouble = nil
            (self.report, coverage) = (report, report.coverage)
            if report.isComplete { lastCompleteAt = now }
        }
    }

    /// One in whose middle a clock was set forward: it has come to nothing, and another one begins soon.
    package mutating func roundTorn() {
        tornRounds += 1
        isInRound = false
        isTorn = true
    }

    /// Very much takes many transactions, each of which is progress.
    package mutating func wrote(_ count: Int, moment: Moment) {
        progressedAt = moment
        journaled += count
    }

    /// At once, whatever a round or a repair still does.
    package mutating func heard(_ standing: LeadStanding, moment: Moment) {
        tenure = Tenure(standing, at: moment)
        if case .rival = standing { hasRival = true } else { hasRival = false }
        obstacle =
            switch standing {
            case .lost(.schema(let why)): Words.loss(.schema(why))
            case .rival: Words.rival
            default: nil
            }
    }

    package mutating func heard(_ news: StanceNews) {
        switch news {
        case .agrees: difference = nil
        case .differs(let how): difference = how
        case .tookOver:
            difference = nil
            differingTakeovers += 1
        }
    }

    package mutating func repairEnded(_ intent: Intent, _ outcome: RepairOutcome, moment: Moment) {
        progressedAt = moment
        let word =
            switch outcome {
            case .verified: "verified"
            case .notVerified: "not_verified"
            case .compensated: "compensated"
            case .refused: "refused"
            case .unknown: "unknown"
            }
        if case .unknown = outcome {
            if unsettled.count >= DaemonStatus.mostUnsettled { unsettled = [] }
            guard unsettled.insert(intent.id).inserted else { return }
        } else {
            unsettled.remove(intent.id)
        }
        repaired[Repaired(action: intent.act.action, outcome: word), default: 0] += 1
    }

    // MARK: Health

    /// Why the process should be restarted; nil while its loop moves. A round takes a minute at most, whatever hangs.
    package func standstill(moment: Moment) -> String? {
        let patience = Span(microseconds: cycle.microseconds + Span.minutes(2).microseconds)
        let still = moment - progressedAt
        return still > patience ? "no round has begun or ended, no repair, and no writing down, for \(still)" : nil
    }

    /// Why it does not do its work; nil when it does. A standby that observes does.
    package var unready: String? {
        if rounds == 0 { return "the first round has not ended yet" }
        if isTorn { return "a clock of this machine was set during the last round, which does not count" }
        if let trouble { return "the desired state could not be read: \(trouble)" }
        // Unlike a standby it could take over from nobody.
        return obstacle
    }

    /// What whoever asks should know although it does its work; nil when there is nothing.
    package var remark: String? {
        difference.map { "stands by for a leader with \($0): if it takes over, it is decided otherwise" }
    }
}
