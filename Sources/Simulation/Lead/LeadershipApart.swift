import Core

extension LeadershipRun {
    /// Two locks and one row: somebody acts nearly all the time, and the row rests.
    mutating func beApart(_ span: Span) {
        let (begun, step) = (now, Int64(100_000))
        var (looks, busy, rivals) = (0, 0, 0)
        while now - begun < span.microseconds, violations.isEmpty {
            advance(to: now + step)
            looks += 1
            if let name = acting, nodes[name].leadership.actLimit(at: nodes[name].local(now)) != nil { busy += 1 }
            if nodes.contains(where: { if case .rival = standing($0.name) { true } else { false } }) { rivals += 1 }
        }
        note("apart: \(busy) of \(looks) looks saw one that acts, \(counts.takeovers) takeovers")
        if busy * 100 < looks * 85 { violate("with two locks somebody acts in \(busy) of \(looks) looks only") }
        if rivals * 100 < looks * 85 { violate("with two locks one says so in \(rivals) of \(looks) looks only") }
        // The pauses double from one for both to the longest.
        let doublings = 64 - (times.longestPause.microseconds / times.firstPause.microseconds).leadingZeroBitCount
        let most = 2 * doublings + 4 + Int(span.microseconds / times.longestPause.microseconds) * 2
        if counts.takeovers > most {
            violate("with two locks the row was taken \(counts.takeovers) times, and not \(most) at most")
        }
    }
}
