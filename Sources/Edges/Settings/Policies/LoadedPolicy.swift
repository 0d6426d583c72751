package import Core

/// One policy as it was read, with what a person wants to know of it.
package struct LoadedPolicy: Equatable, Sendable {
    package var policy: Policy
    package var file: String
    package var line: Int
    /// What it decides, in declared order.
    package var kinds: [DriftKind]
    /// What its wildcards match, but leave to others because of their level.
    package var passesOver: [DriftKind]
}

extension LoadedPolicy {
    init?(_ field: Field) {
        guard let map = field.map(of: "a policy: a map with name, kinds, level, …") else { return nil }
        let name = map.required("name", "reports and events name the policy")?.word("a policy's name")
        let patterns = map.required("kinds", "which drifts it decides, e.g. [\"dns.public.*\"]")?.list(
            of: "kinds such as dns.public.*", orEmpty: false
        ) { field in field.text("a kind such as dns.public.*").map { (field, KindPattern($0)) } }
        let level = map.required("level", "0 report, 1 automatic, 2 asks, 3 a person")?
            .integer("a level", in: 0...3).flatMap(Level.init)
        let actionField = map.field("action")
        let action = actionField?.action()
        let after = map.field("after")?.map().map(Policy.After.init(reading:)) ?? Policy.defaultAfter
        let retry = map.field("retry")?.map().map(Policy.Retry.init(reading:)) ?? Policy.defaultRetry
        let except = map.field("except")?.list(of: "VMIDs") { $0.vmid() } ?? []
        map.finish()
        guard let patterns, let level else { return nil }

        var governed: [DriftKind] = []
        var passedOver: [DriftKind] = []
        var isWhole = true
        for (field, pattern) in patterns {
            switch LevelRule.apply(pattern, level: level) {
            case .governs(let kinds, let passesOver):
                governed += kinds.filter { !governed.contains($0) }
                passedOver += passesOver.filter { !passedOver.contains($0) }
            case .refused(let kinds):
                field.problem(LevelRule.explain(pattern, level: level, refused: kinds))
                isWhole = false
            case .matchesNothing:
                field.problem("`\(shown(pattern.text))` matches no kind of drift" + KindNames.hint(pattern.text))
                isWhole = false
            }
        }
        if isWhole, actionField == nil || action != nil {
            isWhole = LoadedPolicy.check(action, of: governed, level: level, in: map)
        }
        guard let name, isWhole else { return nil }
        // Core matches by pattern alone, so it is given exact names: no wildcard may carry a level to an orphan.
        policy = Policy(
            name: name, kinds: governed.map { KindPattern($0.rawValue) }, level: level, action: action, after: after,
            retry: retry, except: Set(except))
        file = map.place.source
        line = map.place.line ?? 1
        kinds = governed
        passesOver = passedOver.filter { !governed.contains($0) }
    }

    /// Whether the action is the one that mends all of these kinds; reports it when not.
    private static func check(_ action: Action?, of kinds: [DriftKind], level: Level, in map: MapReader) -> Bool {
        let right = Set(kinds.compactMap(\.action))
        guard level != .report else {
            if action == nil { return true }
            map.problem(at: "action", "level 0 only reports, so it takes no action; remove action or raise the level")
            return false
        }
        guard let action else {
            // A kind without an action of its own is for a person; one with an action would be left hanging.
            guard !right.isEmpty else { return true }
            let needed = right.map(\.rawValue).sorted().joined(separator: " or ")
            map.problem("has level \(level.rawValue) and needs an action: \(needed)")
            return false
        }
        let wrong = kinds.filter { $0.action != action }
        guard !wrong.isEmpty else { return true }
        let reasons = wrong.map { kind in
            kind.action.map { "\(kind.rawValue) is mended by \($0.rawValue)" }
                ?? "\(kind.rawValue) has no action, a person mends it"
        }
        map.problem(
            at: "action",
            "`\(action.rawValue)` is not right for all its kinds: \(reasons.joined(separator: ", ")); give"
                + " those kinds a policy of their own")
        return false
    }
}

extension Field {
    /// Actions that the contract names for later: `manual` until then.
    private static let laterActions: Set<String> = [
        "start_container", "stop_container", "reboot_container", "restart_workload", "velocity_unregister",
    ]

    fileprivate func action() -> Action? {
        if case .scalar(let text, _) = value.content, Field.laterActions.contains(text) {
            problem("`\(text)` is not available in this version; remove action, and the drift is left to a person")
            return nil
        }
        return choice("an action", of: Action.self)
    }
}

extension Policy.After {
    fileprivate init(reading map: MapReader) {
        let defaults = Policy.defaultAfter
        let looks = map.field("looks")?.integer("a number of looks", in: 1...1000) ?? defaults.looks
        let span = map.field("for")?.span(in: .seconds(0) ... .minutes(30 * 24 * 60)) ?? defaults.for
        map.finish()
        self.init(looks: looks, for: span)
    }
}

extension Policy.Retry {
    fileprivate init(reading map: MapReader) {
        let defaults = Policy.defaultRetry
        let longest = Span.minutes(7 * 24 * 60)
        let attempts = map.field("attempts")?.integer("a number of attempts", in: 1...100) ?? defaults.attempts
        let backoff = map.field("backoff")?.span(in: .seconds(1)...longest) ?? defaults.backoff
        let max = map.field("max")?.span(in: .seconds(1)...longest) ?? Swift.max(defaults.max, backoff)
        if max < backoff {
            map.problem(
                at: map.keys.contains("max") ? "max" : "backoff",
                "max (\(max.text)) is shorter than backoff (\(backoff.text)): the first pause would be over the longest"
            )
        }
        map.finish()
        self.init(attempts: attempts, backoff: backoff, max: max)
    }
}
