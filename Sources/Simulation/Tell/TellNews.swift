import Core

/// Whether each opening and each repair of a drift was shown by some message, as it stood then or later. Counted apart from the
/// outbox, by what reached Discord.
struct TellNews: Sendable {
    /// Of each incident: its version when the last one was written down.
    private var happened: [String: Int64] = [:]
    /// Of each incident: the newest version that was shown.
    private var shown: [String: Int64] = [:]

    mutating func happened(in incident: String?, _ book: OutboxBook) {
        guard let id = incident, let version = book.incidents[id]?.version else { return }
        happened[id] = version
    }

    mutating func shown(_ told: [Told]) {
        for one in told { shown[one.incident] = max(shown[one.incident] ?? 0, one.version) }
    }

    /// Nothing was sent. Where the message shows the very same already, that is as good.
    mutating func settled(_ told: [Told], _ desk: OutboxDesk, _ teller: IncidentMessage.Teller) {
        for one in told {
            guard let id = desk.rows.first(where: { $0.incident.id == one.incident })?.message,
                let message = desk.messages[id]
            else { continue }
            let rows = desk.rows.filter { $0.message == id }
            let content = IncidentMessage(teller, mayRepeat: message.mayRepeat, isPlain: message.isPlain)
                .message(rows.map(\.incident))
            if content.digest == message.digest { shown([one]) }
        }
    }

    var missing: [String] {
        happened.filter { $0.value > shown[$0.key] ?? 0 }.keys.sorted().map {
            "something opened or was repaired in incident \($0), and no message has shown it"
        }
    }
}
