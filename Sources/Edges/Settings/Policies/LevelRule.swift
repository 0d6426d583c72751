import Core

/// Which kinds a pattern lets a policy of some level decide.
///
/// A policy may take a kind at its own level, any kind at 0, and a Level 1 kind at 2. A wildcard passes over kinds
/// that a person handles (3) or that are only reported (0): `dns.public.*` at Level 1 is about the records, not about
/// orphans.
enum LevelRule {
    enum Answer: Equatable {
        /// What it decides, and what its wildcard matches but leaves to others. Both in the order of the report.
        case governs([DriftKind], passesOver: [DriftKind])
        /// These kinds cannot be decided at that level.
        case refused([DriftKind])
        case matchesNothing
    }

    static func allows(_ level: Level, for kind: DriftKind) -> Bool {
        level == .report || level == kind.level || (kind.level == .automatic && level == .disruptive)
    }

    static func apply(_ pattern: KindPattern, level: Level) -> Answer {
        let matched = DriftKind.allCases.filter { pattern.matches($0) }
        guard !matched.isEmpty else { return .matchesNothing }
        let isWildcard = pattern.text.hasSuffix("*")
        let governed = matched.filter { allows(level, for: $0) }
        let rest = matched.filter { !allows(level, for: $0) }
        let refused = rest.filter { !isWildcard || ![.report, .destructive].contains($0.level) }
        if !refused.isEmpty { return .refused(refused) }
        return governed.isEmpty ? .refused(rest) : .governs(governed, passesOver: rest)
    }

    /// Why it is refused, and what to write instead.
    static func explain(_ pattern: KindPattern, level: Level, refused: [DriftKind]) -> String {
        let names = refused.map { "\($0.rawValue) is level \($0.level.rawValue)" }.joined(separator: ", ")
        let owns = Set(refused.map(\.level))
        let levels = owns.count == 1 ? owns.first.map(allowedLevels) ?? "0" : "0, or list the kinds one by one"
        return "level \(level.rawValue) is not possible for `\(shown(pattern.text))`: \(names); write level \(levels)"
    }

    private static func allowedLevels(_ own: Level) -> String {
        switch own {
        case .report: "0"
        case .automatic: "0, 1 or 2"
        case .disruptive: "0 or 2"
        case .destructive: "0 or 3"
        }
    }
}
