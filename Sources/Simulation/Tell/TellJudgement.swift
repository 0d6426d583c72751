import Core
import World

/// What has to be true when all is over: what Discord shows, counted against what happened.
enum TellJudgement {
    static func violations(
        _ book: OutboxBook, _ house: DiscordHouse, webhook: String, at now: Timestamp
    ) -> [String] {
        var violations: [String] = []
        let desk = book.desk(of: webhook, at: now)
        if desk.pending > 0 { violations.append("\(desk.pending) incidents were not told in the end") }
        if !house.pings.isEmpty { violations.append("somebody was called: \(house.pings)") }
        var lastTold: [String: [String]] = [:]
        for (id, row) in book.rows(of: webhook).sorted(by: { $0.key < $1.key }) {
            guard let incident = book.incidents[id] else { continue }
            if row.toldStage == nil { violations.append("incident \(id) was never told") }
            if row.toldVersion < incident.version { violations.append("incident \(id) was told as it no longer is") }
            if incident.closedAt == nil { violations.append("incident \(id) never ended") }
            guard let shownID = row.message.flatMap({ book.message($0) })?.discordID else { continue }
            lastTold[shownID, default: []].append(id)
        }
        // The message that tells of an incident last says that it is over: a digest, of as many as it is the last to tell of.
        // What somebody deleted says nothing.
        for shown in house.shown {
            guard let ids = lastTold[shown.id] else { continue }
            let title = shown.post.embeds.first?.title ?? ""
            if ids.count == 1, let incident = book.incidents[ids[0]], over(title) == 1,
                title.hasPrefix("Repaired: ") != incident.isMended, !title.contains(" at once")
            {
                let how = incident.isMended ? "repaired" : "not repaired"
                violations.append("\(ids[0]): \(how), and \(shown.id) says: \(title)")
            }
            if over(title) < ids.count {
                violations.append("\(ids.joined(separator: ", ")): over, and \(shown.id) says: \(title)")
            }
        }
        // No request came in vain: whoever counts limits never meets them, a second process apart.
        return violations
    }

    /// Of how many incidents a message says that they are over.
    private static func over(_ title: String) -> Int {
        if title.hasPrefix("Over: ") || title.hasPrefix("Repaired: ") { return 1 }
        guard title.hasSuffix(" over"), let last = title.dropLast(5).split(separator: " ").last else { return 0 }
        return Int(last) ?? 0
    }
}
