/// The wording of what is only watched: the mode is dry-run, or the scoped go-live has not come to it.
extension Words {
    /// Why nothing is done about one drift, and what to do to let it in.
    package static func omission(_ omission: Omission, of kind: DriftKind, _ vmid: VMID?) -> String {
        switch omission {
        case .dryRun: "the mode is dry-run"
        case .kinds: letIn(disabled("kinds", kind.rawValue))
        case .vmids:
            vmid.map { letIn(disabled("vmids", "VMID \($0)")) }
                ?? letIn(disabled("vmids", ofNoServer), how: "set it to \"*\"")
        }
    }

    /// What of an incident is only watched by whoever tells it, and why, without a full stop; nil where nothing is.
    static func watched(_ incident: Incident) -> String? {
        let tallies = incident.tallies.filter(\.isWatched)
        guard !tallies.isEmpty else { return nil }
        if tallies.contains(where: { $0.omission == .dryRun }) {
            // Where it stands otherwise for another drift, that is what there is to say.
            guard incident.isWatched else { return nil }
            if tallies.contains(where: { $0.reason == .massChange }) {
                return "a dry-run: so many repairs at once would wait for an answer, and nobody has to give one"
            }
            return tallies.contains { $0.verdict == .approvalRequired }
                ? "a dry-run: the controller would ask before it repairs this, and nobody has to answer"
                : stage(.repairing, isDryRun: true)
        }
        let watched = tallies.reduce(0) { $0 + $1.count }
        let text = "only watched here: \(omission(tallies, incident))"
        guard incident.isWatched else { return "\(watched) of them \(watched == 1 ? "is" : "are") \(text)" }
        if tallies.contains(where: { $0.reason == .massChange }) {
            return "\(text). Enabled, so many at once would wait for an answer"
        }
        let asks = tallies.contains { $0.verdict == .approvalRequired }
        return asks ? "\(text). Enabled, it would wait for an approval" : text
    }

    /// The same in a line of a digest: the keys that leave it out; nil where the title says it.
    static func watchedBriefly(_ incident: Incident) -> String? {
        guard incident.isWatched else { return nil }
        let omissions = Set(incident.tallies.filter(\.isWatched).compactMap(\.omission))
        let keys = [Omission.kinds, .vmids].filter(omissions.contains).map { "repair.\($0.rawValue)" }
        return keys.isEmpty ? nil : "only watched: \(keys.joined(separator: ", "))"
    }

    private static func omission(_ tallies: [Incident.Tally], _ incident: Incident) -> String {
        var kinds: [DriftKind] = []
        for tally in tallies where tally.omission == .kinds && !kinds.contains(tally.kind) { kinds.append(tally.kind) }
        var parts: [String] = []
        if let first = kinds.first {
            let rest = kinds.count > 1 ? " and \(count(kinds.count - 1, "other kind"))" : ""
            parts.append(disabled("kinds", first.rawValue + rest))
        }
        guard tallies.contains(where: { $0.omission == .vmids }) else {
            return letIn(parts.joined(), how: kinds.count > 1 ? "add them there" : "add it there")
        }
        if let vmid = incident.vmid {
            parts.append(disabled("vmids", "VMID \(vmid)"))
        } else if !incident.examples.isEmpty, incident.examples.allSatisfy({ $0.vmid == nil }) {
            parts.append(disabled("vmids", ofNoServer))
            return letIn(parts.joined(separator: ", "), how: "set it to \"*\"")
        } else {
            parts.append(disabled("vmids", "their servers"))
        }
        let isOne = parts.count == 1 && incident.vmid != nil
        return letIn(parts.joined(separator: ", "), how: isOne ? "add it there" : "add them there")
    }

    private static func disabled(_ key: String, _ what: String) -> String {
        "repair.\(key) of the configuration does not enable \(what)"
    }

    private static func letIn(_ disabled: String, how: String = "add it there") -> String {
        "\(disabled); \(how), and restart the daemon"
    }

    private static let ofNoServer = "what belongs to no VMID"

    /// How many of those that an answer is asked for would be carried out.
    static func enabled(_ count: Int, of all: Int) -> String {
        "repair.kinds and repair.vmids enable \(count) of these \(all), and the others are only watched"
    }

    /// How an approval stands that nobody has taken up.
    static func given(by: String) -> String {
        "approved by \(by), and begun by the next round of a leader in mode repair, as far as repair.kinds and repair.vmids "
            + "enable it"
    }
}
