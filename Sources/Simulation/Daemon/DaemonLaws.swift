import Core
import World

/// What has to hold at each step of two daemons, whatever happens to them. What it needs it reckons apart from the code that is
/// tried. Beside it `EdgeWatch` watches what each write changes, `SimulatedLedger` what is written down, `LeadershipRun.grant`
/// that no leave outlives what Redis and the database have really answered, and `DaemonSimulation.rest` the end.
///
/// 1. One epoch has one believer: nobody else is ever granted leave or claims in it.
/// 2. No claim succeeds with an epoch that is not the newest.
/// 3. No request leaves without a leave that lives by the sender's own clock, and none lands after it, unless its process stood
///    still after that last look.
/// 4. Whoever follows a leader that did not close the row acts only when that one's last request has landed: none leaves when
///    the row was another's before it was asked, and none lands when another may act, unless its process stood still since it
///    had leave.
/// 5. A request that may have had its effect is not sent again by its attempt.
/// 6. Nothing is called verified that its process has not seen after its last write.
/// 7. A write is covered by an open row of the ledger, the only one of its server.
/// 8. Nothing foreign is changed, no second record is made, and nothing is left for a server that nobody wants, not even where
///    its service could not be read for longer than an attempt waits. Only a process
///    that stood still between its comparison and the request breaks these, and that is counted.
/// 9. Nothing is begun that its process has not reported as often in a row as the policy wants, nor again before the pause after
///    a refusal or an attempt in vain is over, nor after the last attempt.
/// 10. In no minute more repairs are claimed than the budget has, whoever leads.
/// 11. No change of the edge begins on evidence that is too old, nor without a look at the name after its claim.
/// 12. Nothing is repaired that the journal does not know, and what a service answered is written down before anything follows.
/// 13. No operation is ended whose job waits, or of which nobody could know that: see `QueueTruth`.
/// 14. When all is over one leads; what can be repaired is; and it is quiet: no row is written for a quarter of an hour.
/// 15. What was repaired belongs to an incident: its end is not told before its repair is, whoever died in between.
struct DaemonLaws {
    private(set) var violations: [String] = []
    /// Requests that landed when another epoch was taken.
    private(set) var lateRequests = 0
    private var believers: [Int64: HolderID] = [:]
    private var done: Set<String> = []

    // MARK: 1, 2

    mutating func granted(_ permit: ActPermit) { believes(permit.holder, in: permit.epoch) }

    mutating func claimed(_ lease: SimulatedLease, _ lead: LeadershipRun) {
        believes(lease.holder, in: lease.epoch)
        if let newest = lead.stores.taken.keys.max(), newest != lease.epoch {
            violations.append("a claim with epoch \(lease.epoch) succeeded after \(newest) was taken")
        }
    }

    private mutating func believes(_ holder: HolderID, in epoch: Int64) {
        if let other = believers.updateValue(holder, forKey: epoch), other != holder {
            violations.append("two believe in epoch \(epoch): \(other) and \(holder)")
        }
    }

    // MARK: 9, 10

    /// - Parameters:
    ///   - ledger: with the attempt that was just claimed.
    ///   - slack: by how much a clock may have been wrong.
    mutating func claimed(
        _ intent: Intent, _ ledger: SimulatedLedger, _ policies: PolicySet, slack: Span, at now: Timestamp
    ) {
        let recent = ledger.attempts.count { $0.createdAt > now - .minutes(1) }
        if recent > policies.brakes.budgetPerMinute { violations.append("\(recent) repairs were claimed in a minute") }
        guard let open = ledger.open[intent.drift.id] else {
            return violations.append("\(intent.id) was claimed, and the journal does not know its drift")
        }
        guard let policy = policies.policy(for: intent.drift.kind, vmid: intent.drift.vmid) else { return }
        let vain = ledger.vain(open)
        if vain.count >= policy.retry.attempts {
            violations.append("\(intent.id) was claimed after \(vain.count) attempts in vain")
        }
        guard let last = vain.compactMap(\.endedAt).max() else { return }
        let pause = Double(policy.retry.backoff.microseconds) * Double(1 << min(40, vain.count - 1))
        if Double((now + slack - last).microseconds) < min(pause, Double(policy.retry.max.microseconds)) {
            violations.append("\(intent.id) was claimed \(now - last) after attempt \(vain.count) in vain")
        }
    }

    // MARK: 3, 4, 5

    /// A request to the edge leaves. The row was asked right before, so that its answer at most lies between a takeover and this.
    mutating func sent(_ act: SimulatedAct?, _ lead: LeadershipRun) {
        guard let act, let next = lead.next(after: act.permit.epoch), !act.hasStoodStill else { return }
        if lead.now - next.at > DaemonLaws.answer.microseconds {
            violations.append(
                "epoch \(act.permit.epoch) sent a request \(Span(microseconds: lead.now - next.at)) after another was taken"
            )
        }
    }

    /// Longer than any answer of the database is on its way.
    private static let answer = Span.milliseconds(50)

    /// - Parameter isUndo: taking back is tried again until it is seen.
    mutating func landed(_ sent: Sent, _ act: SimulatedAct?, _ lead: LeadershipRun, isUndo: Bool) {
        guard let act else {
            return violations.append("a request came without leave, or after its leave had been given back")
        }
        let permit = act.permit
        if lead.stores.row.epoch > permit.epoch { lateRequests += 1 }
        if case .edge(_, let intent, _) = sent.request, let write = sent.request.write, !isUndo,
            !done.insert("\(intent.id) \(write)").inserted
        {
            violations.append("\(intent.id) sent \(write) twice")
        }
        // A clock that changes its speed while a request is under way makes a deadline longer than it is.
        if lead.weather.clocksAreWrong { return }
        if !act.isFrozen, lead.nodes[act.node].life == act.life, lead.nodes[act.node].local(lead.now) > permit.until {
            violations.append("a request of epoch \(permit.epoch) landed after its leave, and nobody stood still")
        }
        if let next = lead.next(after: permit.epoch), !act.isFrozen, !act.hasStoodStill,
            next.afterClosed || lead.now - next.at > lead.times.actDeadline.microseconds
        {
            violations.append("a request of epoch \(permit.epoch) landed when the next one might act")
        }
        if let taken = lead.stores.taken[permit.epoch], permit.epoch > 1, !taken.afterClosed,
            lead.now - taken.at < lead.times.actDeadline.microseconds
        {
            violations.append("epoch \(permit.epoch) acted before what its predecessor had sent had landed")
        }
    }

    // MARK: 11, 12

    /// Before the first write of an attempt that was not interrupted.
    ///
    /// - Parameters:
    ///   - seen: what its process saw at the name last, in this attempt.
    ///   - age: of what it rests on, and how old that may be.
    mutating func writes(_ intent: Intent, _ change: EdgeChange, seen: EdgeSight?, age: Span, most: Span) {
        if age > most { violations.append("\(intent.id) writes on evidence of \(age)") }
        guard let seen else { return violations.append("\(intent.id) writes without a look after its claim") }
        if !change.isAsJudged(seen) { violations.append("\(intent.id) writes though it saw something else: \(seen)") }
    }

    mutating func follows(_ step: EdgeSaga.Step, _ intent: Intent, isOwed: Bool) {
        guard isOwed else { return }
        switch step {
        case .claim, .look, .write, .announce, .check, .stand, .undo, .close:
            violations.append("\(intent.id): what the service answered was not written down")
        case .note: break
        }
    }

    // MARK: 6

    mutating func closes(_ intent: Intent, _ outcome: RepairOutcome, hasSeenItDone: Bool) {
        if outcome == .verified, !hasSeenItDone {
            violations.append("\(intent.id) was called done, and no look had shown it")
        }
    }
}

extension DaemonSimulation {
    /// A mistake that is planted, to see that it is found.
    package enum Bug: String, CaseIterable, Sendable {
        /// The ledger does not ask the leadership row.
        case asksNoRow
        case actsWithoutLeave
        /// The leadership row is not asked right before a write.
        case writesUnasked
        /// A write whose answer was lost is sent again at once.
        case sendsTwice
        /// Writes are sent without the look right before.
        case comparesNothing
        /// A leave ends with its request, answered or not.
        case forgetsWhatIsUnderWay
        case believesAnswers
        case forgetsOpenAttempts
        /// A round in which nothing changed writes a row.
        case writesInVain
        /// What a round found in whose middle the clock was set is believed.
        case believesTornRounds
    }

    package struct Counts: Equatable, Sendable, CustomStringConvertible {
        package var rounds = 0
        package var acts = 0
        package var crashes = 0
        package var lostAnswers = 0
        package var takeovers = 0
        package var cleanStops = 0
        package var pauses = 0
        package var wipes = 0
        package var losses = 0
        /// Requests to the edge that landed when another epoch was taken, and what they did that no other may.
        package var lateRequests = 0
        package var blindWrites = 0
        package var left = 0
        package var verified = 0
        package var edgeWrites = 0
        package var compensated = 0
        package var inVain = 0
        package var events = 0
        /// Repairs that rest on an approval.
        package var approved = 0
        /// Drifts told that had to last.
        package var lasted = 0
        /// Rounds given up for a change, and repairs put off for one.
        package var givenUp = 0
        package var putOff = 0
        /// Clocks that were found to be wrong before a round, and rounds in whose middle one was set.
        package var clockSteps = 0
        package var tornRounds = 0
        package var violations = 0

        package init() {}

        mutating func note(_ run: DaemonSimulation) {
            // Each crash is one of the leadership's, whoever caused it.
            crashes = run.lead.counts.crashes
            lostAnswers += run.lead.counts.callsLost
            takeovers = run.lead.counts.takeovers
            cleanStops = run.lead.counts.cleanStops
            pauses = run.lead.counts.pauses
            wipes = run.lead.counts.wipes
            losses = run.lead.counts.losses
            lateRequests = run.laws.lateRequests
            blindWrites = run.edgeWatch.blind.count
            left = run.edgeWatch.left
            edgeWrites = run.edgeWatch.writes
            acts = run.ledger.acts.count
            events = run.ledger.events.count
            approved = run.ledger.attempts.count { $0.intent.approval != nil }
            verified = run.ledger.events.count { $0.outcome == "verified" }
            compensated = run.ledger.events.count { $0.outcome == "compensated" }
            inVain = run.ledger.events.count { $0.outcome == "not_verified" }
        }

        private static var fields: [WritableKeyPath<Counts, Int>] {
            [
                \.rounds, \.acts, \.crashes, \.lostAnswers, \.takeovers, \.cleanStops, \.pauses, \.wipes, \.losses,
                \.lateRequests, \.blindWrites, \.left, \.verified, \.edgeWrites, \.compensated, \.inVain, \.events,
                \.approved, \.lasted, \.givenUp, \.putOff, \.clockSteps, \.tornRounds, \.violations,
            ]
        }

        package static func += (a: inout Counts, b: Counts) {
            for field in fields { a[keyPath: field] += b[keyPath: field] }
        }

        package var description: String {
            "\(rounds) rounds, \(givenUp) more given up for a change, \(crashes) crashes, \(cleanStops) clean stops, \(takeovers) takeovers, \(losses) losses, "
                + "\(pauses) pauses, \(wipes) wipes, \(lostAnswers) lost answers; \(acts) acts, \(edgeWrites) of them changed "
                + "the edge, \(lateRequests) late requests (\(blindWrites) did what a comparison would have refused, "
                + "\(left) left something), \(verified) verified, \(compensated) taken back, \(inVain) in vain, "
                + "\(approved) approved, \(putOff) put off, \(clockSteps) clocks set right, \(tornRounds) torn rounds, \(lasted) lasting drifts, \(events) rows; \(violations) violations"
        }
    }
}
