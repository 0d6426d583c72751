package import Core

/// Drives leadership: does what it asks for, tells it what came of it, and says where it stands.
///
/// Whoever acts asks for a permit first, claims with its epoch and holder, looks at `until` again right before sending, and
/// gives the permit back when the act is over.
package actor LeadershipLoop {
    package typealias Perform = @Sendable (LeadEffect) async -> LeadEvent?

    private struct Letter: Sendable {
        let event: LeadEvent
        /// Of the sleeper that brings it.
        var alarm: Moment?
    }

    /// Each standing once, from now on; only the newest waits to be read. Ends with the loop.
    package nonisolated let standings: AsyncStream<LeadStanding>
    private let told: AsyncStream<LeadStanding>.Continuation
    private let letters: AsyncStream<Letter>
    private let inbox: AsyncStream<Letter>.Continuation
    private let perform: Perform
    private let now: @Sendable () -> Moment
    private var leadership: Leadership
    private var last: LeadStanding?
    /// The moments that are slept towards.
    private var alarms: [Moment] = []
    private var isRunning = false
    private var isOver = false
    private var awaitingEnd: [CheckedContinuation<Void, Never>] = []

    package init(
        token: LockToken, times: LeadTimes, now: @escaping @Sendable () -> Moment = BootClock.now,
        perform: @escaping Perform
    ) {
        leadership = Leadership(token: token, times: times)
        self.now = now
        self.perform = perform
        (letters, inbox) = AsyncStream.makeStream()
        (standings, told) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Questions of whoever acts

    package func standing() -> LeadStanding { isOver ? .stopped : leadership.standing(at: now()) }

    /// Leave for one act; nil while this process may not act. To be given back with ``end(_:)``, whatever comes of it.
    package func beginAct() -> ActPermit? { isOver ? nil : leadership.beginAct(at: now()) }

    /// Whether what `permit` allows may still be sent. To be asked right before sending.
    package nonisolated func isValid(_ permit: ActPermit) -> Bool { now() < permit.until }

    package func end(_ permit: ActPermit) { inbox.yield(Letter(event: .actEnded(permit))) }

    /// A claim found the row in other hands.
    package func claimRefused(epoch: Int64) { inbox.yield(Letter(event: .claimRefused(epoch: epoch))) }

    // MARK: The loop

    /// Runs until it was stopped. A cancelled task ends as a killed process does: lock and row stay as they are.
    package func run() async {
        guard !isRunning, !isOver else { return }
        isRunning = true
        await withDiscardingTaskGroup { group in
            carryOut(.woke, in: &group)
            for await letter in letters {
                alarms.removeAll { $0 == letter.alarm }
                carryOut(letter.event, in: &group)
                if isOver { break }
            }
            group.cancelAll()
        }
        isOver = true
        tell()
        told.finish()
        inbox.finish()
        awaitingEnd.forEach { $0.resume() }
        awaitingEnd = []
    }

    /// Stops cleanly and returns when it is done: waits for the acts under way (at most `actDeadline`), closes the row,
    /// releases the lock.
    package func stop() async {
        guard isRunning, !isOver else {
            isOver = true
            told.finish()
            return
        }
        inbox.yield(Letter(event: .stopAsked))
        await withCheckedContinuation { awaitingEnd.append($0) }
    }

    private func carryOut(_ event: LeadEvent, in group: inout DiscardingTaskGroup) {
        let moment = now()
        for effect in leadership.handle(event, at: moment) {
            switch effect {
            case .wake(let at): wake(at: at, in: &group)
            case .ended: isOver = true
            default:
                let (perform, inbox) = (perform, inbox)
                group.addTask { if let answer = await perform(effect) { inbox.yield(Letter(event: answer)) } }
            }
        }
        tell()
    }

    /// One more sleeper only where all others sleep longer.
    private func wake(at moment: Moment, in group: inout DiscardingTaskGroup) {
        if alarms.contains(where: { $0 <= moment }) { return }
        alarms.append(moment)
        let (now, inbox) = (now, inbox)
        group.addTask {
            // Rounded up: who wakes before the moment would ask for it again at once.
            let left = max(0, (moment - now()).microseconds) + 1000
            do {
                try await Task.sleep(for: .microseconds(left))
                inbox.yield(Letter(event: .woke, alarm: moment))
            } catch {
                // Cancelled: the loop is over.
            }
        }
    }

    private func tell() {
        let standing = standing()
        if standing.withoutCountdown != last {
            last = standing.withoutCountdown
            told.yield(standing)
        }
    }
}
