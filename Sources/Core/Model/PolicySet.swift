/// All policies of an installation, in the order in which they are asked: the first that matches decides.
package struct PolicySet: Equatable, Sendable {
    package var policies: [Policy]
    package var brakes: Brakes
    package var windows: [Window]
    package var notifications: [Notification]

    package init(policies: [Policy], brakes: Brakes, windows: [Window], notifications: [Notification]) {
        self.policies = policies
        self.brakes = brakes
        self.windows = windows
        self.notifications = notifications
    }
}

/// One policy: which drifts it is about, and how far the controller may go with them.
package struct Policy: Equatable, Sendable {
    package struct After: Equatable, Sendable {
        package var looks: Int
        package var `for`: Span
        package init(looks: Int, for span: Span) {
            self.looks = looks
            self.for = span
        }
    }
    package struct Retry: Equatable, Sendable {
        package var attempts: Int
        package var backoff: Span
        package var max: Span
        package init(attempts: Int, backoff: Span, max: Span) {
            self.attempts = attempts
            self.backoff = backoff
            self.max = max
        }
    }

    package var name: String
    package var kinds: [KindPattern]
    package var level: Level
    package var action: Action?
    package var after: After
    package var retry: Retry
    package var except: Set<VMID>

    package init(
        name: String, kinds: [KindPattern], level: Level, action: Action?, after: After, retry: Retry, except: Set<VMID>
    ) {
        self.name = name
        self.kinds = kinds
        self.level = level
        self.action = action
        self.after = after
        self.retry = retry
        self.except = except
    }

    package static let defaultAfter = After(looks: 2, for: .seconds(0))
    package static let defaultRetry = Retry(attempts: 5, backoff: .seconds(30), max: .minutes(30))

    package func matches(_ kind: DriftKind, vmid: VMID?) -> Bool {
        guard kinds.contains(where: { $0.matches(kind) }) else { return false }
        return vmid.map { !except.contains($0) } ?? true
    }
}

/// `dns.public.*`, `velocity.missing` or `*`: a `*` stands for any rest of the name.
package struct KindPattern: Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }

    package func matches(_ kind: DriftKind) -> Bool {
        text.utf8.last == 42 ? kind.rawValue.hasPrefix(text.dropLast()) : kind.rawValue == text
    }
}

/// What stops the controller from doing too much at once. On by default.
package struct Brakes: Equatable, Sendable {
    package var massChangeFloor: Int
    package var massChangePercent: Int
    package var budgetPerMinute: Int
    package var evidenceMaxAge: Span
    package var contestedReverts: Int
    package var contestedWithin: Span
    /// How long a proxy that forgot its backends is left to fill its own list.
    package var proxySettle = Span.minutes(2)

    package init(
        massChangeFloor: Int, massChangePercent: Int, budgetPerMinute: Int, evidenceMaxAge: Span, contestedReverts: Int,
        contestedWithin: Span
    ) {
        self.massChangeFloor = massChangeFloor
        self.massChangePercent = massChangePercent
        self.budgetPerMinute = budgetPerMinute
        self.evidenceMaxAge = evidenceMaxAge
        self.contestedReverts = contestedReverts
        self.contestedWithin = contestedWithin
    }

    package static let defaults = Brakes(
        massChangeFloor: 5, massChangePercent: 20, budgetPerMinute: 30, evidenceMaxAge: .seconds(90),
        contestedReverts: 3,
        contestedWithin: .minutes(60))

    /// A reading is a moment before what is made of it, on one clock: more, and that clock was set back, by nobody knows how much.
    private static let mostAhead = Span.seconds(5)

    /// Why what was observed at a moment is no ground to act on any more; nil when it is.
    package func staleness(of observedAt: Timestamp, at now: Timestamp) -> String? {
        if now - observedAt > evidenceMaxAge { return "the evidence is older than \(evidenceMaxAge)" }
        return observedAt - now > Brakes.mostAhead ? "the evidence is from later than now: the clock was set back" : nil
    }
}

/// A weekly window in which repairs are allowed or denied.
package struct Window: Equatable, Sendable {
    /// 0 is Sunday.
    package var days: Set<Int>
    /// Minutes after midnight in `timezone`; a window whose end is not after its start runs past midnight.
    package var from: Int
    package var to: Int
    package var timezone: String
    package var allowsRepairs: Bool

    package init(days: Set<Int>, from: Int, to: Int, timezone: String, allowsRepairs: Bool) {
        self.days = days
        self.from = from
        self.to = to
        self.timezone = timezone
        self.allowsRepairs = allowsRepairs
    }
}

/// Who is told about what.
package struct Notification: Equatable, Sendable {
    package var kinds: [KindPattern]
    package var minLevel: Level
    package var webhook: String

    package init(kinds: [KindPattern], minLevel: Level, webhook: String) {
        self.kinds = kinds
        self.minLevel = minLevel
        self.webhook = webhook
    }
}

extension PolicySet {
    package func policy(for kind: DriftKind, vmid: VMID?) -> Policy? {
        policies.first { $0.matches(kind, vmid: vmid) }
    }

    /// A hash of all that decides, of no name of a file and no layout: it is part of the plan hash.
    package var hash: String {
        var hash = SHA256()
        for policy in policies {
            hash.update(field: policy.name)
            hash.update(field: policy.kinds.map(\.text).joined(separator: " "))
            hash.update(field: "\(policy.level.rawValue) \(policy.action?.rawValue ?? "-")")
            hash.update(field: "\(policy.after.looks) \(policy.after.for.microseconds)")
            hash.update(
                field: "\(policy.retry.attempts) \(policy.retry.backoff.microseconds) \(policy.retry.max.microseconds)")
            hash.update(field: policy.except.sorted().map(\.description).joined(separator: " "))
        }
        hash.update(
            field: "\(brakes.massChangeFloor) \(brakes.massChangePercent) \(brakes.budgetPerMinute) "
                + "\(brakes.evidenceMaxAge.microseconds) \(brakes.contestedReverts) \(brakes.contestedWithin.microseconds) "
                + "\(brakes.proxySettle.microseconds)"
        )
        for window in windows {
            hash.update(
                field: "\(window.days.sorted()) \(window.from) \(window.to) \(window.timezone) \(window.allowsRepairs)")
        }
        return hash.finish()
    }
}
