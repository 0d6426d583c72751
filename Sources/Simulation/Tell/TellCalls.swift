import Core

/// Whether somebody was called, with a sound, for each thing that somebody is needed for. Counted apart from the outbox, by what
/// reached Discord.
struct TellCalls: Sendable {
    /// Of each incident: as what it was told by messages that made a sound, since it was told as over last.
    private var called: [String: Set<Stage>] = [:]

    mutating func heard(_ told: [Told]) {
        for one in told where !one.stage.isOver { called[one.incident, default: []].insert(one.stage) }
    }

    /// It was written down that they were told: what is over by that calls anew when it comes back.
    mutating func written(_ told: [Told]) {
        for one in told where one.stage.isOver { called[one.incident] = nil }
    }

    /// - Returns: what has been open for long, needs somebody, and has called nobody for that.
    func missing(in book: OutboxBook) -> [String] {
        book.rows(of: TellSimulation.webhook).keys.sorted().compactMap { id in
            guard let incident = book.described(id), incident.closedAt == nil, incident.stage.needsPerson,
                called[id]?.contains(incident.stage) != true
            else { return nil }
            return "\(id) is \(incident.stage), and nobody was called for that"
        }
    }
}
