/// Something about the controller itself that people are told of while it lasts.
package struct Condition: Equatable, Sendable {
    /// What it is the same by: `plane dns.public`.
    package var group: String
    package var topic: Incident.Topic
    package var subject: String
    package var text: String?
    package var level: Level
    package var webhooks: [String]

    package init(
        group: String, topic: Incident.Topic, subject: String, text: String?, level: Level, webhooks: [String]
    ) {
        (self.group, self.topic, self.subject) = (group, topic, subject)
        (self.text, self.level, self.webhooks) = (text, level, webhooks)
    }
}

/// Groups of which a round does not say whether their conditions hold: they stay as they are.
package enum Undecided: Equatable, Sendable, ExpressibleByArrayLiteral {
    case these(Set<String>)
    /// The round saw nothing: all that is not said to hold.
    case allOthers

    package init(arrayLiteral elements: String...) { self = .these(Set(elements)) }

    package func contains(_ group: String) -> Bool {
        switch self {
        case .these(let groups): groups.contains(group)
        case .allOthers: true
        }
    }
}

/// Which conditions hold, round after round. A restart forgets nothing that matters: what still holds is seen again.
package struct Conditions: Equatable, Sendable {
    /// In how many rounds in a row a plane could not be read.
    private var blind: [Plane: Int] = [:]
    /// In how many rounds in a row more was due than may begin.
    private var overBudget = 0
    /// Whether the messages of what is due say so themselves.
    private var isBudgetTold = false

    package init() {}

    /// What holds once is looked at again before anybody is told.
    package static let roundsUntilTold = 2

    /// - Parameters:
    ///   - sinks: why a webhook takes nothing, by its name.
    ///   - unheard: webhooks that this process has asked for nothing yet, or without an end: another one may know better.
    /// - Returns: what holds, and the groups of which it is not known yet; nil when the round says nothing.
    package mutating func ended(
        _ outcome: Outcome, sinks: [String: String], unheard: Set<String> = [], _ notifications: [Notification]
    ) -> (hold: [Condition], undecided: Undecided)? {
        guard case .report(let report) = outcome else { return unreadable(outcome, notifications) }
        var hold: [Condition] = []
        var undecided = Set(unheard.map { "sink \($0)" })
        for coverage in report.coverage where coverage.status != .notConfigured {
            let group = "plane \(coverage.plane.rawValue)"
            guard coverage.status == .failed else {
                blind[coverage.plane] = nil
                continue
            }
            blind[coverage.plane, default: 0] += 1
            if blind[coverage.plane, default: 0] < Conditions.roundsUntilTold {
                undecided.insert(group)
                continue
            }
            hold.append(
                Condition(
                    group: group, topic: .plane, subject: coverage.plane.rawValue, text: coverage.detail,
                    level: .disruptive,
                    webhooks: notifications.webhooks(for: coverage.plane, level: .disruptive)))
        }
        if let brake = brake(report, notifications) { hold.append(brake) }
        if let approval = approval(report, notifications) { hold.append(approval) }
        // Where nothing was planned nothing waited for the budget, and that says nothing.
        if report.isPlanned { count(report) } else { undecided.insert("budget") }
        if overBudget >= Conditions.roundsUntilTold, !isBudgetTold {
            hold.append(
                Condition(
                    group: "budget", topic: .budget, subject: "budget", text: Words.budget, level: .automatic,
                    webhooks: notifications.webhooks(level: .automatic)))
        } else if overBudget > 0 {
            undecided.insert("budget")
        }
        for (name, why) in sinks.sorted(by: { $0.key < $1.key }) {
            let others = notifications.webhooks(level: .disruptive).filter { $0 != name && sinks[$0] == nil }
            // That nobody is left to hear of it does not end it.
            if others.isEmpty { undecided.insert("sink \(name)") }
            hold.append(
                Condition(
                    group: "sink \(name)", topic: .sink, subject: name, text: why, level: .disruptive,
                    webhooks: others))
        }
        return (hold.filter { !$0.webhooks.isEmpty }, .these(undecided))
    }

    /// A database that answers, and not with what should be: nothing is decided, and the outbox works. One that is away is told
    /// without it: see ``DatabaseOutage``.
    private mutating func unreadable(
        _ outcome: Outcome, _ notifications: [Notification]
    ) -> (hold: [Condition], undecided: Undecided)? {
        // A round that was cut short says nothing of the database.
        guard case .desiredUnreadable(let failure, _) = outcome, !DatabaseOutage.isAway(failure),
            failure.code != .notRead
        else { return nil }
        blind[.database, default: 0] += 1
        guard blind[.database, default: 0] >= Conditions.roundsUntilTold else { return ([], .allOthers) }
        let webhooks = notifications.webhooks(for: .database, level: .disruptive)
        let condition = Condition(
            group: "plane \(Plane.database.rawValue)", topic: .plane, subject: Plane.database.rawValue,
            text: failure.detail, level: .disruptive, webhooks: webhooks)
        return (webhooks.isEmpty ? [] : [condition], .allOthers)
    }

    private mutating func count(_ report: Report) {
        let delayed = Set(report.decisions.filter { $0.pending.contains(.budgetSpent) }.map(\.drift.kind))
        overBudget = delayed.isEmpty ? 0 : overBudget + 1
        // What is told as a number says itself that it comes one after the other; to its end, when few are left.
        let isNumber = delayed.contains { kind in
            let due = report.decisions.count {
                $0.drift.kind == kind && $0.verdict == .repair && $0.execution.isEnabled
            }
            return due > IncidentGroups.mostAtOnce
        }
        isBudgetTold = !delayed.isEmpty && (isBudgetTold || isNumber)
    }

    private func brake(_ report: Report, _ notifications: [Notification]) -> Condition? {
        // While a proxy may still fill its own list nobody is asked for anything.
        let held = report.decisions.filter { $0.reason == .massChange && $0.accepted == nil && !$0.isSettling }
        // Nor where an answer would have nothing done: in a dry-run, or before the scoped go-live has come to any of them.
        let asking = held.filter(\.execution.isEnabled)
        guard !asking.isEmpty else { return nil }
        var said = Set(asking.compactMap(\.detail)).sorted()
        if asking.count < held.count { said.append(Words.enabled(asking.count, of: held.count)) }
        let webhooks = Set(asking.flatMap { notifications.webhooks(for: $0.drift.kind, level: $0.level) })
        return Condition(
            group: "brake", topic: .brake, subject: report.planHash, text: said.joined(separator: "; "),
            level: .disruptive, webhooks: webhooks.sorted())
    }

    private func approval(_ report: Report, _ notifications: [Notification]) -> Condition? {
        // Whoever has rejected a plan, or approved it a moment ago, is not asked for it again.
        let waiting = report.decisions.filter {
            $0.verdict == .approvalRequired && $0.accepted == nil && $0.approval?.wantsAnswer != false
        }
        // Nor is anybody where nothing of it would be done.
        let asking = waiting.filter(\.execution.isEnabled)
        guard !asking.isEmpty else { return nil }
        let kinds = Set(asking.map(\.drift.kind)).sorted { $0.rawValue < $1.rawValue }
        var said = kinds.map { kind in "\(asking.count { $0.drift.kind == kind }) × \(Words.title(kind))" }
        if asking.count < waiting.count { said.append(Words.enabled(asking.count, of: waiting.count)) }
        let webhooks = Set(asking.flatMap { notifications.webhooks(for: $0.drift.kind, level: $0.level) })
        return Condition(
            group: "approval", topic: .approval, subject: report.planHash, text: said.joined(separator: "; "),
            level: .disruptive, webhooks: webhooks.sorted())
    }

    /// Who took over, once for each epoch.
    package static func leader(epoch: Int64, by host: String, _ notifications: [Notification]) -> Condition {
        Condition(
            group: "leader \(epoch)", topic: .leader, subject: String(epoch), text: host, level: .report,
            webhooks: notifications.webhooks(level: .report))
    }
}
