/// Which drifts are told together, and to whom: decided once, when a drift opens or is to be told for the first time, and kept
/// with it.
///
/// Drifts of one instance are one incident; what another drift explains belongs to that one's. More than five such at once are
/// told by kind instead, and so are those that have one cause, however few. What is only worth knowing is told apart from what
/// somebody or something acts on. Only drifts that go to the same webhooks are ever told together.
package struct IncidentGroups: Equatable, Sendable {
    /// An incident that is open, or was over less than an hour ago.
    package struct Mark: Equatable, Sendable {
        package var id: String
        /// When it opened last.
        package var openedAt: Timestamp
        package var closedAt: Timestamp?

        package init(id: String, openedAt: Timestamp, closedAt: Timestamp?) {
            (self.id, self.openedAt, self.closedAt) = (id, openedAt, closedAt)
        }

        /// Whether what opens now joins it: while its message can be edited. In one that stays open for days nobody would see
        /// what joins, nor that it was repaired. Two clocks may have noted it, so the distance counts.
        func takes(at now: Timestamp) -> Bool {
            closedAt == nil && now - openedAt < OutboxLine.young && openedAt - now < OutboxLine.young
        }
    }

    package static let mostAtOnce = 5
    /// What opens again within this time is the same incident.
    package static let sameWithin = Span.minutes(60)

    /// By what groups them.
    package private(set) var marks: [String: Mark]

    package init(_ marks: [String: Mark] = [:]) { self.marks = marks }

    /// Gives each drift its incident that opened, or that belongs to somebody only now: an acceptance has ended, or the policies
    /// have changed.
    ///
    /// - Parameter decisions: of this round, by drift: what explains what, and what somebody has accepted.
    package mutating func assign(
        _ entries: inout [JournalEntry], _ open: inout [String: OpenDrift], decisions: [String: Decision],
        _ notifications: [Notification], at now: Timestamp
    ) {
        guard !entries.isEmpty else { return }
        marks = marks.filter { $0.value.closedAt.map { now - $0 < IncidentGroups.sameWithin } ?? true }
        var fresh: [(index: Int, group: String, routes: [String])] = []
        var bursts: [String: String] = [:]
        func burst(_ kind: DriftKind, _ routes: [String]) -> String {
            let name = "\(kind.rawValue) \(routes)"
            let known = bursts[name] ?? IncidentGroups.key("kind", kind.rawValue, routes)
            bursts[name] = known
            return known
        }
        var joined: Set<String> = []
        for index in entries.indices where entries[index].outcome != .closed && entries[index].drift.incident == nil {
            let drift = entries[index].drift
            guard let decision = decisions[drift.id], decision.accepted == nil else { continue }
            let routes = notifications.webhooks(for: drift.kind, level: drift.level)
            guard !routes.isEmpty, joined.insert(drift.id).inserted else { continue }
            let root = IncidentGroups.root(of: decision, in: decisions)
            let many = burst(drift.kind, routes)
            let isTogether = takes(many, at: now) || decision.commonCause != nil
            let group = isTogether ? many : IncidentGroups.own(root, routes)
            fresh.append((index, group, routes))
        }
        // Counted among those that go to the same webhooks: more than five new ones are told by their kind.
        for routes in Set(fresh.map(\.routes)) {
            let new = Set(fresh.filter { $0.routes == routes && !takes($0.group, at: now) }.map(\.group))
            guard new.count > IncidentGroups.mostAtOnce else { continue }
            for index in fresh.indices where new.contains(fresh[index].group) && fresh[index].routes == routes {
                fresh[index].group = burst(entries[fresh[index].index].drift.kind, routes)
            }
        }
        for (index, group, routes) in fresh {
            let id = incident(of: group, at: now)
            entries[index].drift.incident = id
            entries[index].drift.webhooks = routes
            entries[index].joinsLate = entries[index].outcome != .opened
            open[entries[index].drift.id]?.incident = id
            open[entries[index].drift.id]?.webhooks = routes
        }
        // Whatever else is told of the same drift in this round goes the same way.
        for index in entries.indices where entries[index].outcome != .closed && entries[index].drift.incident == nil {
            guard let known = open[entries[index].drift.id] else { continue }
            entries[index].drift.incident = known.incident
            entries[index].drift.webhooks = known.webhooks
        }
        let living = Set(open.values.compactMap(\.incident))
        for (group, mark) in marks where mark.closedAt == nil && !living.contains(mark.id) {
            marks[group]?.closedAt = now
        }
    }

    private func takes(_ group: String, at now: Timestamp) -> Bool { marks[group]?.takes(at: now) ?? false }

    /// The incident that a drift of this group opens in: the one that still takes it, the one that was over a short while ago,
    /// or another one.
    private mutating func incident(of group: String, at now: Timestamp) -> String {
        if let mark = marks[group] {
            if mark.takes(at: now) { return mark.id }
            if mark.closedAt != nil {
                marks[group] = Mark(id: mark.id, openedAt: now, closedAt: nil)
                return mark.id
            }
        }
        let id = "\(group)-\(now.microseconds / 1_000_000)"
        marks[group] = Mark(id: id, openedAt: now, closedAt: nil)
        return id
    }

    /// The decision at the end of the chain of causes.
    private static func root(of decision: Decision, in decisions: [String: Decision]) -> Decision {
        var root = decision
        for _ in 0..<8 {
            guard let cause = root.drift.causedBy, let next = decisions[cause] else { break }
            root = next
        }
        return root
    }

    private static func own(_ root: Decision, _ routes: [String]) -> String {
        let subject = root.drift.subject
        // What has no instance stands for itself.
        guard let vmid = subject.vmid else { return key("drift", root.drift.id, routes) }
        // What is only worth knowing may stay for weeks: what is repaired meanwhile is told by itself.
        let sort = root.level == .report ? "notice" : "instance"
        return key(sort, "\(vmid) \(subject.externalID?.description ?? subject.hostname ?? "")", routes)
    }

    private static func key(_ sort: String, _ what: String, _ routes: [String]) -> String {
        var hash = SHA256()
        hash.update(field: sort)
        hash.update(field: what)
        for route in routes { hash.update(field: route) }
        return String(hash.finish().prefix(12))
    }
}

extension Notification {
    func isAbout(_ kind: DriftKind, _ level: Level) -> Bool {
        minLevel <= level && kinds.contains { $0.matches(kind) }
    }
}

extension [Notification] {
    /// Who is told of a drift, in the order of their names.
    package func webhooks(for kind: DriftKind, level: Level) -> [String] {
        names { $0.isAbout(kind, level) }
    }

    /// Who is told of a whole plane.
    package func webhooks(for plane: Plane, level: Level) -> [String] {
        names { rule in
            rule.minLevel <= level
                && DriftKind.allCases.contains { kind in
                    kind.plane == plane && rule.kinds.contains { $0.matches(kind) }
                }
        }
    }

    /// Who is told of what is about no kind.
    package func webhooks(level: Level) -> [String] { names { $0.minLevel <= level } }

    private func names(_ isMeant: (Notification) -> Bool) -> [String] { Set(filter(isMeant).map(\.webhook)).sorted() }
}
