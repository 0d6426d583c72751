/// How a controller works, as far as another one of the same installation has to agree: the leader writes it beside its epoch.
package struct Stance: Hashable, Sendable {
    /// `repair` or `dry-run`; a word of a later version is kept as it is.
    package var mode: String
    /// The hash of the policies that are in force.
    package var policies: String
    /// The hash of what the scoped go-live has come to; nil where nothing is repaired, or an earlier version does not say.
    package var reach: String?

    package init(mode: String, policies: String, reach: String? = nil) {
        self.mode = mode
        self.policies = policies
        self.reach = reach
    }

    package init(_ duty: Duty, _ policies: PolicySet) {
        self.init(
            mode: duty.mode.rawValue, policies: policies.hash, reach: duty.mode == .repair ? Stance.reach(duty) : nil)
    }

    /// Whatever the order in which they are written.
    private static func reach(_ duty: Duty) -> String {
        var hash = SHA256()
        for kind in Set(duty.kinds.map(\.text)).sorted() { hash.update(field: kind) }
        hash.update(field: duty.vmids == nil ? "all" : "some")
        for range in Set((duty.vmids ?? []).map { "\($0.lowerBound)-\($0.upperBound)" }).sorted() {
            hash.update(field: range)
        }
        return String(hash.finish().prefix(12))
    }

    /// Nil for what no controller of this kind wrote.
    package init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2 || parts.count == 3 && parts[2].hasPrefix("repair="), parts[0].hasPrefix("mode="),
            parts[1].hasPrefix("policies="), text.utf8.count <= 200
        else { return nil }
        self.init(
            mode: String(parts[0].dropFirst(5)), policies: String(parts[1].dropFirst(9)),
            reach: parts.count == 3 ? String(parts[2].dropFirst(7)) : nil)
    }

    /// As it is written into the leadership row.
    package var text: String { "mode=\(mode) policies=\(policies)" + (reach.map { " repair=\($0)" } ?? "") }

    /// How this one differs from `other`, for a person; nil when it does not.
    package func difference(from other: Stance) -> String? {
        var parts: [String] = []
        if mode != other.mode { parts.append("mode \(Foreign.text(mode, limit: 20)) instead of \(other.mode)") }
        if policies != other.policies {
            parts.append("policies \(Stance.short(policies)) instead of \(Stance.short(other.policies))")
        }
        if let reach, let theirs = other.reach, reach != theirs {
            parts.append("another scope under repair, kinds or vmids")
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// Enough of a hash to tell two apart, without its algorithm.
    private static func short(_ hash: String) -> String {
        let digits = hash.split(separator: ":").last ?? ""
        return Foreign.text(String(digits.prefix(12)), limit: 12)
    }
}

/// What the leadership row says of how others work.
package enum StanceNews: Hashable, Sendable {
    /// The leader works in the same way, or this process leads.
    case agrees
    /// Another one leads and works otherwise: what would change if this process took over.
    case differs(String)
    /// This process has taken over from one that worked otherwise.
    case tookOver(epoch: Int64, String)
}
