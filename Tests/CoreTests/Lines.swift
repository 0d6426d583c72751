import Core
import TestSupport
import Testing

/// A webhook's line, and what stands on a desk for it.
enum Lines {
    static let now = Fleet.now

    static func incident(_ id: String, _ stage: Stage = .report) -> Incident {
        var incident = MessageLimitsTests.incident("h-\(id)", drifts: 1)
        incident.id = id
        incident.attempts = 0
        incident.trouble = nil
        switch stage {
        case .report:
            incident.tallies = [.init(kind: .containerLocked, verdict: .report, reason: .observeOnly, count: 1)]
        case .needsYou:
            incident.tallies = [.init(kind: .containerStopped, verdict: .manual, reason: .noAction, count: 1)]
        default: (incident.tallies, incident.closedAt) = ([], now)
        }
        return incident
    }

    static func desk(_ incidents: [Incident], _ messages: [OutboxDesk.Message] = []) -> OutboxDesk {
        OutboxDesk(
            readAt: now,
            rows: incidents.enumerated().map { index, incident in
                OutboxDesk.Row(
                    incident: incident, toldVersion: messages.isEmpty ? 0 : incident.version - 1,
                    toldStage: messages.isEmpty ? nil : .report, toldAt: messages.isEmpty ? nil : now - .minutes(1),
                    toldDrifts: messages.isEmpty ? 0 : incident.drifts,
                    toldRepaired: messages.isEmpty ? 0 : incident.repaired,
                    message: messages.isEmpty ? nil : messages[min(index, messages.count - 1)].id)
            }, messages: Dictionary(messages.map { ($0.id, $0) }) { first, _ in first })
    }

    static func sent(_ id: Int64 = 1, age: Span = .minutes(1)) -> OutboxDesk.Message {
        OutboxDesk.Message(
            id: id, state: .sent, discordID: "77", claimedAt: now - age, postedAt: now - age, digest: "old")
    }

    static func line() -> OutboxLine { OutboxLine(.init(id: "test-1", isDryRun: false)) }

    static func sending(_ move: OutboxLine.Move) throws -> Sending {
        try #require({ if case .send(let sending) = move { sending } else { nil } }(), "\(move)")
    }

    /// Calls that change the line have no place in an expectation.
    static func expect(_ move: OutboxLine.Move?, _ wanted: OutboxLine.Move?, line: Int = #line) {
        #expect(move == wanted, "line \(line)")
    }
}
