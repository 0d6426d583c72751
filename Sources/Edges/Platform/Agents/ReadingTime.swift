import Core

/// How long one reading of all agents takes its time, and how long it may last with that.
struct ReadingTime: Equatable {
    /// For one that takes its time. A round's first look lasts thirty seconds, the desired state before it, and who has not answered by
    /// then takes all others along.
    static let longest = Span.seconds(25)

    /// Over how long the polls begin.
    let over: Span
    /// When it ends at the latest, from its begin.
    let whole: Span

    /// - Parameters:
    ///   - over: as long as is wished for.
    ///   - budget: for one that does not take its time.
    ///   - timeout: for one agent.
    init(over wanted: Span, budget: Span, timeout: Span) {
        let most = max(budget, ReadingTime.longest)
        // Whoever has its turn last may be slow, and has its whole time then.
        let latest = Span(microseconds: max(0, most.microseconds - timeout.microseconds - 1_000_000))
        over = min(wanted, latest)
        whole = min(Span(microseconds: budget.microseconds + over.microseconds), most)
    }
}
