/// Notices that the database is gone and that it is back: what cannot wait in the database is said directly, once, and by whoever
/// led when it was there last.
package struct DatabaseOutage: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        case gone(ReadFailure)
        case back
    }

    /// Rounds in a row without it until it is said: one may be a restart.
    package static let roundsUntilTold = 2

    private var rounds = 0
    private var ledLast = false
    private var isTold = false

    package init() {}

    package mutating func ended(_ outcome: Outcome, leads: Bool) -> Change? {
        switch outcome {
        case .report:
            // Leadership ends with the database: what counts is who led while it was there.
            ledLast = leads
            rounds = 0
            defer { isTold = false }
            return isTold ? .back : nil
        case .desiredUnreadable(let failure, _):
            guard DatabaseOutage.isAway(failure) else { return nil }
            rounds += 1
            guard rounds >= DatabaseOutage.roundsUntilTold, ledLast, !isTold else { return nil }
            isTold = true
            return .gone(failure)
        }
    }

    /// Whether nothing can be kept in it: it is not there, is full, lets nobody in, or is a standby that takes no writes. One that is
    /// there and merely unwilling keeps messages.
    static func isAway(_ failure: ReadFailure) -> Bool {
        switch failure.code {
        // Cut short by this process itself.
        case .notRead: false
        // The words for why are many (it takes no connections, has no such database, speaks another protocol): it lets nobody in.
        case _ where failure.isUnconnected: true
        case .refused, .unreachable, .timeout, .connectionLost, .loading, .rejected, .unauthorized, .replica: true
        default: false
        }
    }

    /// - Parameter isPlain: without the names and words of anybody else.
    package static func message(
        _ change: Change, teller: IncidentMessage.Teller, host: String, isPlain: Bool = false
    ) -> ChatMessage {
        let prefix = teller.isDryRun ? "[\(Words.dryRun)] " : ""
        let footer = ChatText.plain(teller.id) + (isPlain ? "" : " on \(ChatText.plain(host))")
        switch change {
        case .gone(let failure):
            return ChatMessage(
                title: prefix + "The database is gone",
                lines: [
                    "Without it nothing is decided and nothing is repaired.",
                    Words.unknown(failure.code)
                        + (isPlain ? "." : ": \(ChatText.code(failure.detail, limit: 300))"),
                    "→ `zlh-controller doctor`",
                ], footer: footer, colour: .red)
        case .back:
            return ChatMessage(
                title: prefix + "The database is back", lines: ["It was gone for a while; rounds go on."],
                footer: footer,
                colour: .green)
        }
    }
}
