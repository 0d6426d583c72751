import Core
import World

/// The database as the daemon writes it: the same rules as the real ledger's, in memory. Each call is one transaction. It does not ask
/// how old the evidence is, as the real one does for machines whose clocks stood still: the laws see that the process asks.
struct SimulatedLedger {
    struct Attempt {
        var intent: Intent
        var state = "open"
        var endedAt: Timestamp?
        var createdAt: Timestamp
        /// That the service said it made.
        var record: String?
        /// Requests that were written down before they were sent, and those that were sent since.
        var announced = 1
        var takenBackSince: Timestamp?
        var sent = 0
        /// When its claim is committed: until then others wait for it, and nobody sees it. A takeover waits for it, too, since the claim
        /// holds the leadership row.
        var seenFrom: Timestamp
    }

    struct Event {
        var outcome: String
        var drift: String
        var at: Timestamp
        var epoch: Int64
    }

    /// The leadership row as the transaction finds it.
    var row = LeadRecord(epoch: 0, holder: nil, isClosed: true)
    private(set) var open: [String: OpenDrift] = [:]
    private(set) var attempts: [Attempt] = []
    private(set) var events: [Event] = []
    /// What people are told of, in the same transactions.
    private(set) var book = OutboxBook()
    var pauses: [Pause] = []
    /// With all that each covers, done or not.
    var answers: [PlanAnswer] = []
    /// What went wrong: an invariant that the ledger itself sees.
    var violations: [String] = []
    private(set) var acts: [Timestamp] = []

    /// Whether a mistake is planted: the row is not asked.
    var asksNoRow = false

    func holds(_ lease: SimulatedLease) -> Bool { asksNoRow || row.holds(lease) }

    /// As a planted mistake does.
    mutating func writeInVain(at now: Timestamp) {
        events.append(Event(outcome: "changed", drift: "", at: now, epoch: row.epoch))
    }

    // MARK: The journal

    mutating func write(_ entries: [JournalEntry], _ lease: SimulatedLease, at now: Timestamp) -> Bool {
        guard holds(lease) else { return false }
        for entry in entries {
            let id = entry.drift.id
            switch entry.outcome {
            case .opened: if open[id] != nil { violations.append("drift \(id) was opened twice") }
            case .closed: if open[id] == nil { violations.append("drift \(id) was closed and was not open") }
            default: if open[id] == nil { violations.append("\(entry.outcome) of drift \(id), which is not open") }
            }
            open[id] = entry.outcome == .closed ? nil : entry.drift
            events.append(Event(outcome: entry.outcome.rawValue, drift: id, at: now, epoch: row.epoch))
        }
        book.note(entries, at: now)
        return true
    }

    // MARK: Repairs

    mutating func claim(
        _ intent: Intent, _ lease: SimulatedLease, in estate: Estate, at now: Timestamp
    ) -> RepairSaga.Answer {
        guard holds(lease) else { return .obstacle("another controller leads") }
        if pauses.contains(where: { $0.until > now && ($0.vmid == nil || $0.vmid == intent.drift.vmid) }) {
            return .obstacle("paused")
        }
        if let approval = intent.approval, !stands(approval, intent.drift.id, at: now) {
            return .obstacle("the approval has ended")
        }
        guard let seen = intent.act.operation else { return .obstacle("no operation") }
        guard let operation = estate.operations.first(where: { $0.id == seen.id }), Self.isSame(operation, seen) else {
            return .obstacle("moved")
        }
        if let id = intent.drift.externalID,
            estate.instance(intent.drift.vmid ?? seen.vmid ?? VMID(100)!)?.key.externalID != id
        {
            return .obstacle("another instance")
        }
        if let why = spent(intent, at: now) ?? occupied(intent, at: now) { return .obstacle(why) }
        attempts.append(Attempt(intent: intent, createdAt: now, seenFrom: now))
        events.append(Event(outcome: "asked", drift: intent.drift.id, at: now, epoch: row.epoch))
        return .claimed
    }

    /// That as many have begun in the last minute as may.
    private func spent(_ intent: Intent, at now: Timestamp) -> String? {
        attempts.count { $0.createdAt > now - .minutes(1) } < intent.budget ? nil : RepairOutcome.overBudgetWords
    }

    /// What the unique indexes say.
    private func occupied(_ intent: Intent, at now: Timestamp) -> String? {
        let other = attempts.first {
            $0.intent.id == intent.id
                || $0.state == "open"
                    && ($0.intent.drift.vmid == intent.drift.vmid
                        || intent.act.operation != nil && $0.intent.act.operation?.id == intent.act.operation?.id)
        }
        return other.map { isSeen($0, at: now) ? RepairOutcome.occupiedWords : "somebody else holds a row" }
    }

    private func isSeen(_ attempt: Attempt, at now: Timestamp) -> Bool {
        attempt.seenFrom <= now || attempt.intent.epoch < row.epoch
    }

    /// The commit of a claim stalls, longer than its process waits for it.
    mutating func stall(_ intent: Intent, until moment: Timestamp) {
        for index in attempts.indices where attempts[index].intent.id == intent.id {
            attempts[index].seenFrom = moment
        }
    }

    mutating func act(
        _ intent: Intent, _ lease: SimulatedLease, fresh: Span, in estate: inout Estate, at now: Timestamp
    ) -> RepairSaga.Answer {
        // Refused below in any case, as by the real one; that it is asked at all shows a mistake of the saga.
        if !attempts.contains(where: { $0.intent.id == intent.id }) {
            violations.append("\(intent.id) was to act without a row of the ledger")
        }
        guard holds(lease) else { return .moved }
        guard let seen = intent.act.operation else { return .moved }
        let isFresh = attempts.contains { $0.intent.id == intent.id && $0.createdAt > now - fresh }
        guard isFresh else { return .moved }
        guard let index = estate.operations.firstIndex(where: { $0.id == seen.id }),
            Self.isSame(estate.operations[index], seen), Self.isOver(estate.operations[index], intent.act, at: now)
        else { return .moved }
        check(intent, in: estate, at: now)
        switch intent.act {
        case .clearStaleOperationLock: estate.operations[index].status = .stale
        case .failStuckOperation: estate.operations[index].status = .failed
        case .edgeRepublish: return .moved
        }
        estate.operations[index].finishedAt = now
        acts.append(now)
        events.append(Event(outcome: "answered", drift: intent.drift.id, at: now, epoch: row.epoch))
        return .done
    }

    mutating func look(_ intent: Intent, _ lease: SimulatedLease, in estate: Estate, at now: Timestamp)
        -> RepairOutcome
    {
        guard holds(lease) else { return .unknown("another controller leads") }
        let outcome = Self.look(intent, in: estate)
        end(intent.id, outcome, at: now)
        return outcome
    }

    mutating func refuse(_ intent: Intent, _ lease: SimulatedLease, at now: Timestamp) {
        if holds(lease) { end(intent.id, .refused(""), at: now) }
    }

    mutating func recall(_ lease: SimulatedLease, in estate: Estate, at now: Timestamp) -> Memory? {
        guard holds(lease) else { return nil }
        for attempt in attempts
        where attempt.state == "open" && isSeen(attempt, at: now) && attempt.intent.act.operation != nil {
            end(attempt.intent.id, Self.look(attempt.intent, in: estate), at: now)
        }
        var tries: [String: Memory.Tries] = [:]
        for drift in open.values {
            let vain = vain(drift)
            guard let last = vain.compactMap(\.endedAt).max() else { continue }
            tries[drift.id] = Memory.Tries(attempts: vain.count, endedAt: last)
        }
        let interrupted = attempts.filter { $0.state == "open" && isSeen($0, at: now) }.map { attempt in
            var intent = attempt.intent
            intent.resumed = Intent.Resumed(id: intent.id, record: attempt.record)
            intent.resumed?.takenBackSince = attempt.takenBackSince
            return intent
        }
        let spent = attempts.map(\.createdAt).filter { $0 > now - .minutes(1) }
        return Memory(
            open: Array(open.values), tries: tries, interrupted: interrupted, incidents: book.groups(at: now),
            spent: spent)
    }

    // MARK: The edge

    func isOpen(_ intent: Intent) -> Bool { attempts.contains { $0.intent.id == intent.id && $0.state == "open" } }

    mutating func claim(
        _ intent: Intent, _ grounds: EdgeGrounds, _ lease: SimulatedLease, in estate: Estate, at now: Timestamp
    ) -> EdgeSaga.Answer {
        guard holds(lease) else { return .obstacle("another controller leads") }
        if let approval = intent.approval, !stands(approval, intent.drift.id, at: now) {
            return .obstacle("the approval has ended")
        }
        let desired = desired(estate, at: now)
        if let why = grounds.obstacle(desired, settings: estate.settings) { return .obstacle(why) }
        if let why = spent(intent, at: now) ?? occupied(intent, at: now) { return .obstacle(why) }
        attempts.append(Attempt(intent: intent, createdAt: now, seenFrom: now))
        events.append(Event(outcome: "asked", drift: intent.drift.id, at: now, epoch: row.epoch))
        return .claimed
    }

    mutating func note(_ intent: Intent, _ id: String?, _ lease: SimulatedLease, at now: Timestamp) -> EdgeSaga.Answer {
        guard holds(lease) else { return .noted }
        if let index = attempts.firstIndex(where: { $0.intent.id == intent.id }) {
            attempts[index].record = id ?? attempts[index].record
        }
        events.append(Event(outcome: "answered", drift: intent.drift.id, at: now, epoch: row.epoch))
        return .noted
    }

    mutating func announce(
        _ intent: Intent, _ grounds: EdgeGrounds, isUndo: Bool, _ lease: SimulatedLease, in estate: Estate,
        at now: Timestamp
    ) -> EdgeSaga.Answer {
        guard holds(lease) else { return .obstacle("another controller leads") }
        let desired = desired(estate, at: now)
        let why =
            isUndo
            ? grounds.obstacleToUndo(desired, settings: estate.settings)
            : grounds.obstacle(desired, settings: estate.settings)
        if let why { return .obstacle(why) }
        guard let index = attempts.firstIndex(where: { $0.intent.id == intent.id && $0.state == "open" }) else {
            return .obstacle("the attempt has been ended")
        }
        attempts[index].announced += 1
        if isUndo { attempts[index].takenBackSince = attempts[index].takenBackSince ?? now }
        events.append(Event(outcome: "asked", drift: intent.drift.id, at: now, epoch: row.epoch))
        return .announced
    }

    mutating func close(
        _ intent: Intent, _ outcome: RepairOutcome, _ lease: SimulatedLease, at now: Timestamp
    ) -> EdgeSaga.Answer {
        guard holds(lease) else { return .failed("another controller leads") }
        end(intent.id, outcome, at: now)
        return .closed
    }

    /// Whether a write of this attempt is covered by a row that was written before it.
    ///
    /// - Parameter isLate: it was sent by a process that stood still past its leave: by then the attempt may have been ended.
    mutating func checkWrite(_ intent: Intent, isLate: Bool, at now: Timestamp) {
        acts.append(now)
        if isLate { return }
        if !attempts.contains(where: { $0.intent.id == intent.id && $0.state == "open" }) {
            violations.append("\(intent.id) wrote without an open row of the ledger")
        }
        if let index = attempts.firstIndex(where: { $0.intent.id == intent.id }) {
            attempts[index].sent += 1
            if attempts[index].sent > attempts[index].announced {
                violations.append("\(intent.id) sent what it had not written down")
            }
        }
        if attempts.count(where: { $0.state == "open" && $0.intent.drift.vmid == intent.drift.vmid }) > 1 {
            violations.append("two repairs on \(intent.drift.vmid?.description ?? "-") at once")
        }
    }

    func desired(_ estate: Estate, at now: Timestamp) -> DesiredState {
        let state = estate.desiredState(at: now)
        return DesiredState(
            instances: state.instances, operations: state.operations, billing: state.billing, retired: state.retired,
            unreadable: [], pauses: pauses.filter { $0.until > now }, accepted: [], readAt: now)
    }

    /// Attempts in vain since a drift was seen first, and since it was last repaired.
    func vain(_ drift: OpenDrift) -> [Attempt] {
        let own = attempts.filter { $0.intent.drift.id == drift.id && $0.createdAt >= drift.since }
        let lastGood = own.last { $0.state == "verified" }?.createdAt
        return own.filter { attempt in
            guard ["not_verified", "unknown", "compensated"].contains(attempt.state) else { return false }
            return lastGood.map { attempt.createdAt > $0 } ?? true
        }
    }

    private mutating func end(_ id: String, _ outcome: RepairOutcome, at now: Timestamp) {
        guard let index = attempts.firstIndex(where: { $0.intent.id == id && $0.state == "open" }) else { return }
        let word =
            switch outcome {
            case .verified: "verified"
            case .notVerified: "not_verified"
            case .refused: "refused"
            case .unknown: "unknown"
            case .compensated: "compensated"
            }
        (attempts[index].state, attempts[index].endedAt) = (word, now)
        let drift = attempts[index].intent.drift
        if case .refused = outcome {} else { open[drift.id]?.isRepaired = outcome == .verified }
        if outcome == .verified, open[drift.id]?.incident == nil {
            violations.append("\(id) repaired \(drift.id), and nobody is told")
        }
        book.note(outcome, of: attempts[index].intent.act.action, drift: drift.id)
        events.append(Event(outcome: word, drift: attempts[index].intent.drift.id, at: now, epoch: row.epoch))
    }

    // MARK: Rules

    private static func look(_ intent: Intent, in estate: Estate) -> RepairOutcome {
        let wanted: DesiredOperation.Status
        switch intent.act {
        case .clearStaleOperationLock: wanted = .stale
        case .failStuckOperation: wanted = .failed
        case .edgeRepublish: return .unknown("only a look at the service says")
        }
        let status = estate.operations.first { $0.id == intent.act.operation?.id }?.status
        return status == wanted ? .verified : .notVerified("it is \(status?.rawValue ?? "gone")")
    }

    private static func isSame(_ row: DesiredOperation, _ seen: DesiredOperation) -> Bool {
        row.status == seen.status && row.phase == seen.phase && row.attempts == seen.attempts
            && row.heartbeatAt == seen.heartbeatAt && row.leaseExpiresAt == seen.leaseExpiresAt
            && row.job == seen.job && row.vmid == seen.vmid && row.enqueuedAt == seen.enqueuedAt
    }

    /// What the two write-back functions ask of the row, by the database's own clock.
    private static func isOver(_ row: DesiredOperation, _ act: Intent.Act, at now: Timestamp) -> Bool {
        let isStale =
            (row.heartbeatAt != nil || row.leaseExpiresAt != nil)
            && (row.heartbeatAt.map { $0 < now - .minutes(10) } ?? true)
            && (row.leaseExpiresAt.map { $0 < now } ?? true)
        switch act {
        case .clearStaleOperationLock: return row.isLive && isStale
        case .failStuckOperation:
            return row.isLive && !isStale && row.kind == .create && row.phase == nil
                && row.enqueuedAt < now - .minutes(15)
        case .edgeRepublish: return false
        }
    }

    /// What has to be true whenever something is done.
    private mutating func check(_ intent: Intent, in estate: Estate, at now: Timestamp) {
        guard let operation = intent.act.operation else { return }
        let attempt = attempts.first { $0.intent.id == intent.id }
        if attempt?.state != "open" { violations.append("\(operation.id) was ended without an open row of the ledger") }
        if attempts.count(where: { $0.state == "open" && $0.intent.drift.vmid == intent.drift.vmid }) > 1 {
            violations.append("two repairs on \(intent.drift.vmid?.description ?? "-") at once")
        }
    }
}
