extension Leadership {
    /// What the state wants to be done now. There is one call at most to each side, so that an answer needs no name.
    mutating func proceed(at now: Moment) -> [LeadEffect] {
        if isStopping { goToEnd(at: now) }
        var effects: [LeadEffect] = []
        if lockCall == nil, let ask = lockStep(at: now) {
            lockCall = now
            effects.append(ask)
        }
        if rowCall == nil, let ask = rowStep(at: now) {
            rowCall = now
            effects.append(ask)
        }
        if case .ended = state { return effects + [.ended] }
        if let next = nextMoment(after: now) { effects.append(.wake(at: next)) }
        return effects
    }

    private func lockStep(at now: Moment) -> LeadEffect? {
        switch state {
        case .seeking where owesRelease: return .releaseLock
        case .asking(_, .toHave): return isStopping ? nil : .acquireLock
        case .asking: return isStopping ? nil : .renewLock
        case .tenure(let tenure): return tenure.lock.next <= now ? .renewLock : nil
        case .releasing(let next, _): return next <= now ? .releaseLock : nil
        case .seeking, .taking, .closing, .ended: return nil
        }
    }

    private func rowStep(at now: Moment) -> LeadEffect? {
        switch state {
        case .seeking(let next):
            // What is owed comes first, so that an answer to it is never taken for one about the lock.
            return next <= now && !isStopping && lockCall == nil && !owesRelease ? .readRow : nil
        case .taking(let row, _): return isStopping ? nil : .takeRow(after: row.epoch)
        case .tenure(let tenure): return tenure.row.next <= now ? .readRow : nil
        case .closing(let epoch, let next, _): return next <= now ? .closeRow(epoch: epoch) : nil
        case .asking, .releasing, .ended: return nil
        }
    }

    /// The way out: acts come to their end, the row is closed, the lock is released, in this order.
    private mutating func goToEnd(at now: Moment) {
        switch state {
        case .tenure(let tenure):
            if let end = actsEnd, now < end { return }
            // Closed says that nothing of ours, nor of whoever was before us, can still land. Who cannot say so leaves the
            // row open, and the successor waits.
            let isQuiet = acts.isEmpty && now >= tenure.actFrom
            state =
                isQuiet ? .closing(epoch: tenure.epoch, next: now, tries: 0) : .releasing(next: now, tries: 0)
        // A call that is under way may still give us what has to be given back.
        case .seeking, .asking, .taking:
            guard lockCall == nil, rowCall == nil else { return }
            state = mayHoldLock ? .releasing(next: now, tries: 0) : .ended
        case .closing, .releasing, .ended: break
        }
    }

    /// When every act has to have been reported as over: an answer at the deadline takes a moment to get here.
    private var actsEnd: Moment? { acts.values.map(\.until).max().map { $0 + times.callTimeout } }

    private var mayHoldLock: Bool {
        switch state {
        case .asking(_, .toRenew): true
        case .taking: true
        default: owesRelease
        }
    }

    private func nextMoment(after now: Moment) -> Moment? {
        var moments: [Moment] = []
        switch state {
        case .seeking(let next): if rowCall == nil, lockCall == nil, !isStopping { moments = [next] }
        case .asking: break
        case .taking(_, let lock): moments = [lock.until]
        case .tenure(let tenure):
            moments = [tenure.until]
            if lockCall == nil { moments.append(tenure.lock.next) }
            if rowCall == nil { moments.append(tenure.row.next) }
            if tenure.actFrom > now { moments.append(tenure.actFrom) }
            if isStopping, let end = actsEnd { moments.append(end) }
        case .closing(_, let next, _): if rowCall == nil { moments = [next] }
        case .releasing(let next, _): if lockCall == nil { moments = [next] }
        case .ended: break
        }
        return moments.min()
    }
}
