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
        for (id, row) in book.rows(of: webhook) {
            guard let incident = book.incidents[id] else { continue }
            if row.toldStage == nil { violations.append("incident \(id) was never told") }
            if row.toldVersion < incident.version { violations.append("incident \(id) was told as it no longer is") }
            if incident.closedAt == nil { violations.append("incident \(id) never ended") }
            guard let message = row.message.flatMap({ book.message($0) }), let shownID = message.discordID,
                let shown = house.shown.first(where: { $0.id == shownID })
            else { continue }
            // The message that tells of it last says that it is over.
            let title = shown.post.embeds.first?.title ?? ""
            let isSaid = title.hasPrefix("Over: ") || title.hasPrefix("Repaired: ") || title.contains(" over")
            if !isSaid { violations.append("incident \(id) is over, and \(shownID) says: \(title)") }
        }
        // No request came in vain: whoever counts limits never meets them, a second process apart.
        return violations
    }
}
