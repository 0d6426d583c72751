import Core

/// Whether somebody was called, with a sound, for each thing that somebody is needed for. Counted apart from the outbox, by what
/// reached Discord.
struct TellCalls: Sendable {
    /// Of each incident: as what it was told by messages that made a sound, since it was over last.
    private var called: [String: Set<Stage>] = [:]

    mutating func heard(_ told: [Told]) {
        for one in told { called[one.incident, default: []].insert(one.stage) }
    }

    /// What is over calls anew when it comes back.
    mutating func forget(_ book: OutboxBook) {
        for (id, incident) in book.incidents where incident.closedAt != nil { called[id] = nil }
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
