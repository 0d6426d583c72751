/// One webhook's line: what is said next, and when. It decides and counts; it sends nothing and keeps nothing.
package struct OutboxLine: Sendable {
    package enum Move: Equatable, Sendable {
        case send(Sending)
        /// There is nothing to say about these changes.
        case settle([Told])
        case wait(until: Timestamp)
        /// Nothing to do until something changes.
        case rest
    }

    /// A message is edited while it is younger; an hour is Discord's limit.
    package static let young = Span.minutes(55)
    /// After so long the repairs of many are told, though they go on.
    package static let longestHealing = Span.minutes(24 * 60)
    /// After so long a request that was begun has ended, whoever began it.
    package static let patience = Span.seconds(20)
    /// Requests that fail in a row before anybody is told.
    package static let failuresUntilTold = 3
    /// Told to wait for so long in all, since it took something last, it is as good as failing.
    package static let longestLimit = Span.minutes(15)

    private let teller: IncidentMessage.Teller
    package private(set) var pace = SinkPace()
    /// Why it takes nothing any more; nil while it does.
    package private(set) var dead: String?
    private var hasTaken = false
    private var lastFailure: String?
    private var lastRefusal: String?
    /// How often, and for how long in all, it has said to wait since it took something last.
    private var limits = (count: 0, wait: Span.seconds(0))
    /// Messages in our own words only that it has refused for what they say, since it took something last.
    private var refusals = 0
    private var outage = OutageLine()

    package init(_ teller: IncidentMessage.Teller) { self.teller = teller }

    /// Why it takes nothing; nil while it does.
    package var trouble: String? {
        if let dead { return dead }
        if limits.count >= OutboxLine.failuresUntilTold || limits.wait >= OutboxLine.longestLimit {
            return "it answers 429: \(limits.count) times, and says to wait for \(limits.wait) in all"
        }
        if refusals >= OutboxLine.failuresUntilTold, let lastRefusal {
            return "it refuses one message after the other, whatever they say: \(lastRefusal)"
        }
        return pace.failures >= OutboxLine.failuresUntilTold ? lastFailure : nil
    }

    /// Whether it is known here how the webhook is: it has taken something, or takes nothing.
    package var isHeard: Bool { hasTaken || trouble != nil }

    /// It was found gone before the last start.
    package mutating func die(_ why: String) { dead = dead ?? why }

    /// Somebody else may have told it for a while, and what failed here may work by now: how it is, it is asked anew. That it is
    /// gone stays, and so do its limits; and how much it has refused, or each tenure would give up two more.
    package mutating func forget() {
        hasTaken = false
        startOver()
    }

    /// What is wrong with it is asked anew.
    private mutating func startOver() {
        (lastFailure, lastRefusal, limits) = (nil, nil, (0, .seconds(0)))
        pace.succeeded()
    }

    package mutating func hold(until moment: Timestamp, at now: Timestamp) { pace.hold(until: moment, at: now) }

    // MARK: What cannot wait

    /// Says that the database is gone, or back: before all else, by the same pace. Nil when there is nothing to say.
    package mutating func next(_ notice: OutageNotice, at now: Timestamp) -> Move? {
        guard dead == nil, let sending = outage.next(notice) else { return nil }
        return begin(sending, at: now)
    }

    @discardableResult
    package mutating func ended(
        _ sending: Sending, of notice: OutageNotice, _ answer: SinkAnswer, _ allowance: SinkAllowance?,
        at now: Timestamp
    ) -> SendingEnd {
        let end = ended(sending, answer, allowance, at: now)
        outage.ended(sending, end, of: notice)
        return end
    }

    // MARK: What is next

    /// - Parameter now: of the clock by which requests are counted; ages of messages go by the database's own.
    package mutating func next(_ desk: OutboxDesk, at now: Timestamp) -> Move {
        if dead != nil { return .rest }
        var later: [Timestamp] = []
        for message in desk.messages.values where message.state == .sending {
            let left = message.claimedAt + OutboxLine.patience - desk.readAt
            if left > .seconds(0) { later.append(now + left) }
        }
        // One request at a time: what is under way comes first.
        if let wake = later.min() { return .wait(until: wake) }
        guard let move = decide(desk, at: now, &later) else {
            return later.min().map { .wait(until: $0) } ?? .rest
        }
        guard case .send(let sending) = move else { return move }
        return begin(sending, at: now)
    }

    private mutating func begin(_ sending: Sending, at now: Timestamp) -> Move {
        let moment = pace.next(at: now)
        if moment > now { return .wait(until: moment) }
        pace.began(at: now)
        return .send(sending)
    }

    private func decide(_ desk: OutboxDesk, at now: Timestamp, _ later: inout [Timestamp]) -> Move? {
        if let move = unfinished(desk) { return move }
        var fresh: [OutboxDesk.Row] = []
        var edits: Set<Int64> = []
        var settled: [Told] = []
        let heals = desk.rows.contains { $0.isHealing(at: desk.readAt) }
        for row in desk.rows where row.isDue {
            // What comes and goes is told once an hour, whatever it does meanwhile.
            if let end = row.restsUntil, end > desk.readAt {
                later.append(now + (end - desk.readAt))
                continue
            }
            switch way(row, desk, beside: heals) {
            case .post: fresh.append(row)
            case .edit(let message): edits.insert(message)
            case .nothing: settled.append(Told(row.incident, called: row.called))
            // It stays due, and is told once no repair of many goes on: called told, its end would be no news.
            case .later: continue
            }
        }
        if !settled.isEmpty { return .settle(settled) }
        if !fresh.isEmpty { return .send(post(fresh, desk, of: nil, mayRepeat: false, isPlain: false)) }
        for id in edits.sorted() {
            guard let message = desk.messages[id], let discordID = message.discordID else { continue }
            let rows = desk.rows.filter { $0.message == id }
            let content = IncidentMessage(teller, mayRepeat: message.mayRepeat, isPlain: message.isPlain)
                .message(rows.map(\.incident))
            // An edit shows for whom somebody is to be called, and does not call: that is still to be done.
            let told = rows.filter { !calls($0, desk) }.map { Told($0.incident, called: $0.called) }
            if content.digest == message.digest { return .settle(told) }
            return .send(
                Sending(
                    message: id, edits: discordID, told: told, content: content, mayRepeat: message.mayRepeat,
                    isPlain: message.isPlain, shows: message.digest))
        }
        return nil
    }

    /// A message whose posting was begun or has failed, by whoever led then. It says how things are by now.
    private func unfinished(_ desk: OutboxDesk) -> Move? {
        for message in desk.messages.values.sorted(by: { $0.id < $1.id })
        where message.state != .sent && message.discordID == nil {
            let rows = desk.rows.filter { $0.message == message.id }
            guard !rows.isEmpty else { continue }
            let mayRepeat = message.mayRepeat || message.state == .sending
            return .send(post(rows, desk, of: message.id, mayRepeat: mayRepeat, isPlain: message.isPlain))
        }
        return nil
    }

    private enum Way {
        case post
        case edit(Int64)
        case nothing
        /// There is, and it waits for the end of what goes on.
        case later
    }

    /// - Parameter heals: whether the repairs of many go on, of which the end is told.
    private func way(_ row: OutboxDesk.Row, _ desk: OutboxDesk, beside heals: Bool) -> Way {
        guard let id = row.message, let message = desk.messages[id] else { return .post }
        let stage = row.incident.stage
        if isOld(message, desk) || message.isFrozen || message.discordID == nil {
            // The answer to its last edit was lost: it may show a stage that was never written down as told.
            // Of these the command changes with the plan: an old message would go on naming one that answers nothing.
            if row.incident.topic == .brake || row.incident.topic == .approval, stage == row.toldStage { return .post }
            if heals, row.mayWait(at: desk.readAt), message.digest != nil { return .later }
            return stage == row.toldStage && !row.hasRisen && message.digest != nil ? .nothing : .post
        }
        // An edit makes no sound: when somebody is needed for what nobody was called for, that is a message of its own.
        return calls(row, desk) ? .post : .edit(id)
    }

    /// Whether somebody is needed for what nobody was called for.
    private func calls(_ row: OutboxDesk.Row, _ desk: OutboxDesk) -> Bool {
        row.incident.stage.needsPerson && !heard(row, desk).contains(row.incident.stage)
    }

    private func isOld(_ message: OutboxDesk.Message, _ desk: OutboxDesk) -> Bool {
        message.postedAt.map { desk.readAt - $0 >= OutboxLine.young } ?? true
    }

    /// What nobody is called for again. Of an old message, or one of which nobody knows what it shows, that is only what it was told to
    /// say: what passed since then and came back calls anew.
    private func heard(_ row: OutboxDesk.Row, _ desk: OutboxDesk) -> Set<Stage> {
        guard let message = row.message.flatMap({ desk.messages[$0] }), !isOld(message, desk), message.digest != nil
        else {
            return row.called.filter { $0 == row.toldStage }
        }
        return row.called
    }

    /// Few go each in a message of its own, the most urgent first; many go in one.
    private func post(
        _ rows: [OutboxDesk.Row], _ desk: OutboxDesk, of message: Int64?, mayRepeat: Bool, isPlain: Bool
    ) -> Sending {
        let sorted = rows.sorted {
            ($1.incident.stage.urgency, $0.incident.openedAt.microseconds, $0.incident.id)
                < ($0.incident.stage.urgency, $1.incident.openedAt.microseconds, $1.incident.id)
        }
        let bursts = rows.count { $0.incident.isBurst }
        // Two go together where both are many, or where nobody is needed: what is asked has its whole text in a message of its own.
        let isMany =
            rows.count > IncidentGroups.mostAtOnce
            || bursts > 0
                && (rows.count > 2 || bursts > 1
                    || rows.count > 1 && !rows.contains { $0.incident.stage.needsPerson })
        // What is asked about one plan is asked in one message.
        let first = sorted.prefix(1).filter { $0.incident.topic.isOfPlan }
        let together = first.isEmpty ? sorted.prefix(1) : sorted.filter { $0.incident.topic.isOfPlan }[...]
        let chosen = message != nil || isMany ? sorted : Array(together)
        var content = IncidentMessage(teller, mayRepeat: mayRepeat, isPlain: isPlain).message(chosen.map(\.incident))
        // That something was repaired beside what somebody is needed for calls nobody again.
        content.isSilent = !chosen.contains { row in
            calls(row, desk) || row.incident.topic != .drifts && row.incident.stage.needsPerson
        }
        let told = chosen.map { row in
            let stage = row.incident.stage
            return Told(row.incident, called: heard(row, desk).union(stage.needsPerson ? [stage] : []))
        }
        return Sending(
            message: message, edits: nil, told: told, content: content, mayRepeat: mayRepeat, isPlain: isPlain)
    }

    // MARK: What came of it

    package mutating func ended(
        _ sending: Sending, _ answer: SinkAnswer, _ allowance: SinkAllowance?, at now: Timestamp
    ) -> SendingEnd {
        pace.allowed(allowance, at: now)
        switch answer {
        case .accepted(let id):
            startOver()
            (hasTaken, refusals) = (true, 0)
            return .shown(discordID: id)
        case .limited(let span, _):
            limits = (limits.count + 1, Span(microseconds: limits.wait.microseconds + span.microseconds))
            pace.hold(until: now + span, at: now)
            return .again(mayBeShown: false)
        case .editLimited, .messageGone:
            guard sending.edits == nil else { return answer == .editLimited ? .frozen : .gone }
            // An answer that no posting has: nothing was shown.
            lastFailure = "an answer that belongs to an edit"
            pace.failed(at: now)
            return .again(mayBeShown: false)
        case .threadClosed(let why):
            // Another message opens an archived thread again.
            guard sending.edits == nil else { return .frozen }
            lastFailure = why
            pace.failed(at: now)
            return .again(mayBeShown: false)
        case .rejected(let why):
            guard sending.isPlain else { return .againPlain }
            (refusals, lastRefusal) = (min(refusals + 1, 1_000_000), why)
            // One is given up for what it says. Who refuses one after the other refuses all of them: from here on they wait.
            guard refusals >= OutboxLine.failuresUntilTold else { return .dropped }
            pace.failed(at: now)
            return .again(mayBeShown: false)
        case .dead(let why), .gone(let why):
            dead = why
            return .again(mayBeShown: false)
        case .notSent(let why):
            lastFailure = why
            pace.failed(at: now)
            return .again(mayBeShown: false)
        case .unsure(let why):
            lastFailure = why
            pace.failed(at: now)
            return .again(mayBeShown: true)
        }
    }
}
