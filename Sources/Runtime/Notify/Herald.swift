package import Core
package import Platform
package import Postgres
import Synchronization

/// Tells people: sends what the outbox holds, beside the rounds, which never wait for it.
///
/// Only the leader tells. What is told is in the database already; here it is only brought across, one request at a time for
/// each webhook, each claimed before it is sent and written down afterwards.
package final class Herald: Sendable {
    package struct Sink: Sendable {
        package var name: String
        package var client: DiscordClient

        package init(name: String, client: DiscordClient) { (self.name, self.client) = (name, client) }
    }

    package enum News: Equatable, Sendable {
        case standing(webhook: String, trouble: String?, pending: Int)
        case ended(webhook: String, SinkStatus.Outcome, why: String?)
        case failed(String)
    }

    enum Signal: Sendable {
        case round(Outcome)
        case tenure(Tenure)
        case changed
    }

    struct Shared: Sendable {
        var notifications: [Notification]
        /// Why a webhook takes nothing, by its name.
        var troubles: [String: String] = [:]
        /// Webhooks of which this process does not know whether they take anything.
        var unheard: Set<String>
        /// All webhooks are to be left alone for so long.
        var hold: SinkHold?
        /// That the database is gone, or back again.
        var outage: OutageNotice?
    }

    private let sinks: [Sink]
    private let store: OutboxStore
    private let stewardship: any Stewardship
    private let teller: IncidentMessage.Teller
    private let host: String
    private let timeout: Span
    private let clock: any RoundClock
    private let told: @Sendable (News) -> Void
    let shared: Mutex<Shared>
    private let signals: AsyncStream<Signal>
    private let sender: AsyncStream<Signal>.Continuation
    private let bells: [String: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)]

    /// - Parameter host: where this process runs, for whoever asks which one has taken over.
    package init(
        sinks: [Sink], store: OutboxStore, stewardship: any Stewardship, teller: IncidentMessage.Teller, host: String,
        notifications: [Notification], timeout: Span, clock: any RoundClock, told: @escaping @Sendable (News) -> Void
    ) {
        self.sinks = sinks
        self.store = store
        self.stewardship = stewardship
        self.teller = teller
        self.host = host
        self.timeout = timeout
        self.clock = clock
        self.told = told
        shared = Mutex(Shared(notifications: notifications, unheard: Set(sinks.map(\.name))))
        (signals, sender) = AsyncStream.makeStream()
        bells = Dictionary(
            sinks.map { ($0.name, AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))) }
        ) { first, _ in first }
    }

    /// Who is told of what from now on.
    package func reload(_ policies: PolicySet) { shared.withLock { $0.notifications = policies.notifications } }

    /// Hears what the daemon does. Returns at once.
    package func note(_ news: DaemonRun.News) {
        switch news {
        case .tenure(let tenure): sender.yield(.tenure(tenure))
        case .roundEnded(let outcome, _): sender.yield(.round(outcome))
        case .journaled, .repaired: sender.yield(.changed)
        case .roundBegan, .roundGivenUp, .putOff, .failed, .unpruned, .stance, .roundTorn, .clockSet, .hears, .deaf:
            break
        }
    }

    /// Works until the task is cancelled; a request that is under way comes to its end.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen() }
            for sink in sinks { group.addTask { await self.speak(sink) } }
        }
    }

    private func ring() { bells.values.forEach { $0.continuation.yield() } }

    // MARK: What there is to tell beside drifts

    private func listen() async {
        var course = HeraldCourse()
        for await signal in signals {
            switch signal {
            case .changed: break
            case .tenure(let tenure):
                course.tenure = tenure
                if let epoch = tenure.epoch, epoch != course.epoch {
                    course.epoch = epoch
                    // Before the first round under it: no webhook is called well, or failing, by what was heard under another.
                    forget(sinks.map(\.name))
                }
                await noteLeader(&course)
            case .round(let outcome):
                await noteLeader(&course)
                await noteRound(outcome, &course)
            }
            ring()
        }
    }

    private func forget(_ webhooks: [String]) {
        shared.withLock { shared in
            for webhook in webhooks { shared.troubles[webhook] = nil }
            shared.unheard.formUnion(webhooks)
        }
    }

    private func noteLeader(_ course: inout HeraldCourse) async {
        guard let epoch = course.tenure?.epoch, epoch != course.notedEpoch, let lease = await lease(epoch) else {
            return
        }
        let leader = Conditions.leader(epoch: epoch, by: host, shared.withLock { $0.notifications })
        do {
            if leader.webhooks.isEmpty { return course.notedEpoch = epoch }
            if try await store.noteLeader(leader, lease: lease, timeout: timeout) { course.notedEpoch = epoch }
        } catch {
            told(.failed("who leads could not be written down: \(error)"))
        }
    }

    private func noteRound(_ outcome: Outcome, _ course: inout HeraldCourse) async {
        let state = shared.withLock { $0 }
        if let change = course.outage.ended(outcome, leads: course.tenure?.epoch != nil) {
            tell(change, state)
        }
        guard
            let (hold, undecided) = course.conditions.ended(
                outcome, sinks: state.troubles, unheard: state.unheard, state.notifications),
            let epoch = course.tenure?.epoch, let lease = await lease(epoch)
        else { return }
        // The database is only asked when something is another way than it was written down.
        let now = HeraldCourse.Noted(epoch: epoch, hold: hold, undecided: undecided)
        guard now != course.noted else { return }
        do {
            if try await store.note(hold, undecided: undecided, lease: lease, timeout: timeout) { course.noted = now }
        } catch {
            told(.failed("what holds could not be written down: \(error)"))
        }
    }

    private func lease(_ epoch: Int64) async -> Lease? {
        guard let lease = await stewardship.lease(), lease.epoch == epoch else { return nil }
        return lease
    }

    /// The one thing that cannot wait in the database: each webhook's own task says it, by its own pace.
    private func tell(_ change: DatabaseOutage.Change, _ state: Shared) {
        let content = DatabaseOutage.message(change, teller: teller, host: host)
        let plain = DatabaseOutage.message(change, teller: teller, host: host, isPlain: true)
        shared.withLock { shared in
            switch change {
            case .gone:
                shared.outage = OutageNotice(
                    number: (shared.outage?.number ?? 0) + 1, isOver: false, content: content,
                    plain: plain, webhooks: Set(state.notifications.webhooks(level: .disruptive)))
            case .back:
                shared.outage?.isOver = true
                shared.outage?.content = content
                shared.outage?.plain = plain
            }
        }
    }

    // MARK: One webhook

    private func speak(_ sink: Sink) async {
        guard let bell = bells[sink.name] else { return }
        var course = SinkCourse(line: OutboxLine(teller))
        var iterator = bell.stream.makeAsyncIterator()
        while !Task.isCancelled {
            let pause = await turn(sink, &course)
            guard pause > .seconds(0) else { continue }
            let alarm = Task { [clock] in
                await clock.sleep(until: clock.now() + pause)
                // Who is cancelled wakes at once: it would ring for nothing, and its ringing end the next pause.
                if !Task.isCancelled { bell.continuation.yield() }
            }
            _ = await iterator.next()
            alarm.cancel()
        }
    }

    /// Does the next thing.
    ///
    /// - Returns: how long there is nothing to do, unless something is heard before.
    private func turn(_ sink: Sink, _ course: inout SinkCourse) async -> Span {
        let begun = clock.now()
        let (state, until) = shared.withLock { shared in (shared, shared.hold?.until(at: begun)) }
        if let until { course.line.hold(until: until, at: begun) }
        if let pause = await tellOfOutage(state.outage, sink, &course) { return pause }
        guard let lease = await stewardship.lease() else {
            told(.standing(webhook: sink.name, trouble: course.line.trouble, pending: 0))
            return .seconds(5)
        }
        if lease.epoch != course.epoch {
            course.epoch = lease.epoch
            course.line.forget()
            // Again, since this task may have told of the former epoch meanwhile.
            forget([sink.name])
        }
        do throws(PostgresError) {
            if !course.isKnown {
                let gone = try await store.gone(sink.name, fingerprint: sink.client.fingerprint, timeout: timeout)
                if let gone { course.line.die("\(gone), as it said before the last start") }
                course.isKnown = true
            }
            if let why = course.gone {
                try await store.noteGone(sink.name, fingerprint: sink.client.fingerprint, why: why, timeout: timeout)
                course.gone = nil
            }
            let desk = try await store.desk(of: sink.name, duty: teller.duty, timeout: timeout)
            tellStanding(sink.name, course.line, desk.pending)
            let now = clock.now()
            switch course.line.next(desk, at: now) {
            case .rest: return .seconds(30)
            case .wait(let until): return Herald.pause(until: until, now)
            case .settle(let settled):
                try await store.settle(settled, webhook: sink.name, timeout: timeout)
                return .seconds(0)
            case .send(let sending):
                guard let claim = try await store.claim(sending, webhook: sink.name, lease: lease, timeout: timeout)
                else { return .seconds(1) }
                await send(sending, claim, to: sink, &course)
                tellStanding(sink.name, course.line, desk.pending)
                return .seconds(0)
            }
        } catch {
            if !Task.isCancelled { told(.failed("the outbox cannot be read or written: \(error)")) }
            return .seconds(5)
        }
    }

    private static func pause(until moment: Timestamp, _ now: Timestamp) -> Span {
        min(max(moment - now, .milliseconds(10)), .seconds(30))
    }

    /// - Returns: nil when there is nothing to say about the database.
    private func tellOfOutage(_ notice: OutageNotice?, _ sink: Sink, _ course: inout SinkCourse) async -> Span? {
        let now = clock.now()
        guard let notice, notice.webhooks.contains(sink.name), let move = course.line.next(notice, at: now) else {
            return nil
        }
        switch move {
        case .rest, .settle: return nil
        case .wait(let until): return Herald.pause(until: until, now)
        case .send(let sending):
            let (answer, allowance) = await request(sending, to: sink)
            let end = course.line.ended(sending, of: notice, answer, allowance, at: clock.now())
            if case .gone(let why) = answer { course.gone = why }
            tell(sink.name, answer, isEdit: sending.edits != nil, isDropped: end == .dropped)
            tellStanding(sink.name, course.line, 0)
            return .seconds(0)
        }
    }

    /// Apart from this task: who stops the daemon does not make anybody unsure of what was told.
    private func request(_ sending: Sending, to sink: Sink) async -> (SinkAnswer, SinkAllowance?) {
        let client = sink.client
        let (answer, allowance) = await Task { await client.send(sending.content, editing: sending.edits) }.value
        if case .limited(let span, isGlobal: true) = answer {
            let hold = SinkHold(span, at: clock.now())
            shared.withLock { $0.hold = hold }
        }
        return (answer, allowance)
    }

    private func send(_ sending: Sending, _ claim: OutboxStore.Claim, to sink: Sink, _ course: inout SinkCourse) async {
        let (answer, allowance) = await request(sending, to: sink)
        if case .gone(let why) = answer { course.gone = why }
        let end = course.line.ended(sending, answer, allowance, at: clock.now())
        tell(sink.name, answer, isEdit: sending.edits != nil, isDropped: end == .dropped)
        let why = await Task { [store, clock, timeout] () -> String? in
            // Known here and nowhere else: as long as it can matter it is tried again.
            for attempt in 1... {
                do {
                    try await store.record(end, of: sending, claim, webhook: sink.name, timeout: timeout)
                    return nil
                } catch {
                    if attempt == 5 { return "what was sent could not be written down: \(error)" }
                    await clock.sleep(until: clock.now() + .seconds(1))
                }
            }
            return nil
        }.value
        if let why { told(.failed(why)) }
    }

    private func tell(_ webhook: String, _ answer: SinkAnswer, isEdit: Bool, isDropped: Bool) {
        let (outcome, why): (SinkStatus.Outcome, String?) =
            switch answer {
            case .accepted: (isEdit ? .edited : .posted, nil)
            case .limited(let span, let isGlobal): (.limited, "\(isGlobal ? "all webhooks wait" : "waits") \(span)")
            case .editLimited: (.limited, "too many edits of old messages")
            case .messageGone: (.failed, "the message was deleted; another one follows")
            case .rejected(let why): (isDropped ? .dropped : .failed, why)
            case .threadClosed(let why), .dead(let why), .gone(let why), .notSent(let why), .unsure(let why):
                (.failed, why)
            }
        told(.ended(webhook: webhook, outcome, why: why))
    }

    private func tellStanding(_ webhook: String, _ line: OutboxLine, _ pending: Int) {
        shared.withLock { shared in
            shared.troubles[webhook] = line.trouble
            if line.isHeard { shared.unheard.remove(webhook) }
        }
        told(.standing(webhook: webhook, trouble: line.trouble, pending: pending))
    }
}

/// What the herald remembers between two rounds.
struct HeraldCourse {
    struct Noted: Equatable {
        var epoch: Int64
        var hold: [Condition]
        var undecided: Undecided
    }

    var tenure: Tenure?
    /// Of the last tenure in which this process might act.
    var epoch: Int64?
    var notedEpoch: Int64?
    var conditions = Conditions()
    var noted: Noted?
    var outage = DatabaseOutage()
}

/// What one webhook's task remembers.
private struct SinkCourse {
    var line: OutboxLine
    /// Under which it last looked at the outbox.
    var epoch: Int64?
    /// Whether it was asked if the webhook was found gone before the last start.
    var isKnown = false
    /// Why the webhook is gone, where that is still to be written down.
    var gone: String?
}
