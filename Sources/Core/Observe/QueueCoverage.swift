/// How much of a queue was looked at, in words. Of a long list only the end is read where what matters lies.
extension QueueReading.Queue {
    private static let waitingPlaces: [QueueReading.Place] = [.wait, .paused, .prioritized]

    /// How many jobs it has, and which of them were looked at.
    var told: String {
        let waiting = Self.waitingPlaces.reduce(0) { $0 + (counts[$1] ?? 0) }
        let unlocked = running.count { $0.lock == nil }
        var text = "\(name)\(isPaused ? " (paused)" : ""): \(waiting) waiting"
        let parts = Self.waitingPlaces.compactMap { lookedAt[$0] == nil ? nil : looked($0) }
        if !parts.isEmpty { text += " (looked at \(parts.joined(separator: " and ")))" }
        text += ", \(counts[.active] ?? 0) active"
        if lookedAt[.active] != nil { text += " (looked at \(looked(.active)))" }
        if unlocked > 0 { text += " (\(unlocked) without a lock)" }
        return text + ", \(counts[.delayed] ?? 0) delayed"
    }

    /// What may be wrong with it where nobody looked.
    var unseen: [String] {
        var parts = Self.waitingPlaces.filter(mayHideOlder.contains).map { place in
            place == .prioritized
                ? "a job that has waited longer may have a lower priority than \(looked(place))"
                : "it is filled from both ends, so a job that has waited longer may lie behind \(looked(place))"
        }
        if lookedAt[.active] != nil {
            parts.append("a job without a lock may be among those that were started later than \(looked(.active))")
        }
        return parts
    }

    private func looked(_ place: QueueReading.Place) -> String {
        let (seen, all) = (lookedAt[place] ?? 0, counts[place] ?? 0)
        return switch place {
        case .active: "the \(seen) of \(all) jobs that were started first"
        case .prioritized: "the first job of each of the \(seen) highest priorities among \(all) jobs"
        case .wait, .paused, .delayed, .waitingChildren:
            "the \(seen) of \(all) jobs in '\(place.rawValue)' that come next"
        }
    }
}
