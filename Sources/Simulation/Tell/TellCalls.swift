import Core

/// Whether somebody was called, with a sound, for each thing that somebody is needed for. Counted apart from the outbox, by what
/// reached Discord.
struct TellCalls: Sendable {
    /// Of each incident: as what it was told by messages that made a sound, since it was told as over last.
    private var called: [String: Set<Stage>] = [:]

    /// What was told as over calls anew when it comes back.
    mutating func told(_ told: [Told], withSound: Bool) {
        for one in told {
            if one.stage.isOver {
                called[one.incident] = nil
            } else if withSound {
                called[one.incident, default: []].insert(one.stage)
            }
        }
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
