/// The outbox as a value, by the same rules as the tables of the database: for a preview, and for simulated processes. A test
/// runs one script against both.
package struct OutboxBook: Equatable, Sendable {
    package private(set) var incidents: [String: Incident] = [:]
    private var groups: [String: String] = [:]
    private var open: [String: (drift: OpenDrift, detail: String?, isRepaired: Bool)] = [:]
    private var told: [String: [String: OutboxDesk.Row]] = [:]
    private var messages: [Int64: (webhook: String, message: OutboxDesk.Message, claim: Int64)] = [:]
    private var lastMessage: Int64 = 0

    package init() {}

    package static func == (a: OutboxBook, b: OutboxBook) -> Bool { a.incidents == b.incidents && a.told == b.told }

    // MARK: What happens

    /// What a round changed, in the transaction that writes it down.
    package mutating func note(_ entries: [JournalEntry], at now: Timestamp) {
        var mended: [String: Bool] = [:]
        for entry in entries {
            if entry.outcome == .closed {
                if let known = open[entry.drift.id], let id = known.drift.incident {
                    mended[id] = mended[id] == true || known.isRepaired
                }
                open[entry.drift.id] = nil
            } else {
                let isSeen = [.opened, .changed, .quarantined].contains(entry.outcome)
                let known = open[entry.drift.id]
                var drift = entry.drift
                drift.incident = drift.incident ?? known?.drift.incident
                let detail = isSeen ? entry.detail ?? known?.detail : known?.detail
                // A round saw it again: what had been repaired of it is no reason for its end any more.
                open[entry.drift.id] = (drift, detail, false)
            }
        }
        let joining = entries.filter { $0.joins && $0.drift.incident != nil }
        for (id, drifts) in Dictionary(grouping: joining.map(\.drift), by: { $0.incident ?? "" }) {
            begin(id, drifts, at: now)
        }
        for id in Set(entries.compactMap(\.drift.incident)) {
            guard var incident = incidents[id] else { continue }
            incident.version += 1
            incident.isMended = mended[id] ?? incident.isMended
            let isOpen = open.values.contains { $0.drift.incident == id }
            incident.closedAt = isOpen ? nil : incident.closedAt ?? now
            incidents[id] = incident
        }
    }

    private mutating func begin(_ id: String, _ drifts: [OpenDrift], at now: Timestamp) {
        let level = drifts.map(\.level).max() ?? .report
        let whose = Set(drifts.map(\.vmid))
        let vmid = whose.count == 1 ? drifts.compactMap(\.vmid).min() : nil
        let hostname = whose.count == 1 ? drifts.compactMap(\.hostname).min() : nil
        let abouts = Set(drifts.map(\.about))
        let about = abouts.count == 1 ? drifts.first?.about : nil
        let kinds = Set(drifts.map(\.kind))
        if var known = incidents[id] {
            known.kinds = Set(known.kinds).union(kinds).sorted { $0.rawValue < $1.rawValue }
            let isSame = known.vmid != nil && known.vmid == vmid
            (known.vmid, known.hostname) = (isSame ? vmid : nil, isSame ? known.hostname ?? hostname : nil)
            if known.subject != about { known.subject = nil }
            known.level = max(known.level, level)
            known.drifts += drifts.count
            if known.closedAt != nil {
                known.times += 1
                (known.openedAt, known.closedAt, known.attempts, known.repaired) = (now, nil, 0, 0)
                // Of what it was before.
                (known.trouble, known.did) = (nil, nil)
            }
            incidents[id] = known
        } else {
            var incident = Incident(id: id, topic: .drifts, level: level, openedAt: now)
            incident.kinds = kinds.sorted { $0.rawValue < $1.rawValue }
            (incident.vmid, incident.hostname, incident.drifts) = (vmid, hostname, drifts.count)
            incident.subject = about
            incidents[id] = incident
        }
        for webhook in Set(drifts.flatMap(\.webhooks)) { tell(webhook, id) }
    }

    private mutating func tell(_ webhook: String, _ id: String) {
        guard told[webhook]?[id] == nil, let incident = incidents[id] else { return }
        told[webhook, default: [:]][id] = OutboxDesk.Row(incident: incident)
    }

    /// How an attempt at a repair ended.
    package mutating func note(_ outcome: RepairOutcome, of action: Action, drift: String) {
        // The last attempt counts; what was not tried is none.
        switch outcome {
        case .verified: open[drift]?.isRepaired = true
        case .notVerified, .unknown, .compensated: open[drift]?.isRepaired = false
        case .refused: break
        }
        guard let id = open[drift]?.drift.incident, var incident = incidents[id] else { return }
        switch outcome {
        case .verified: (incident.repaired, incident.did, incident.trouble) = (incident.repaired + 1, action, nil)
        case .notVerified(let why), .unknown(let why), .compensated(let why): incident.trouble = why
        case .refused: return
        }
        incident.attempts += 1
        incident.version += 1
        incidents[id] = incident
    }

    /// Which conditions hold.
    package mutating func note(_ hold: [Condition], undecided: Undecided, at now: Timestamp) {
        for condition in hold {
            if let id = groups[condition.group], var known = incidents[id] {
                let isOver = known.closedAt != nil
                if isOver || known.subject != condition.subject {
                    (known.subject, known.text) = (condition.subject, condition.text)
                    known.version += 1
                }
                if let closed = known.closedAt {
                    if now - closed >= IncidentGroups.sameWithin {
                        begin(condition, at: now)
                        continue
                    }
                    (known.closedAt, known.openedAt, known.times) = (nil, now, known.times + 1)
                }
                incidents[id] = known
                for webhook in condition.webhooks { tell(webhook, id) }
            } else {
                begin(condition, at: now)
            }
        }
        let held = Set(hold.map(\.group))
        for (group, id) in groups where !held.contains(group) && !undecided.contains(group) {
            guard var incident = incidents[id], incident.closedAt == nil, incident.topic != .leader else { continue }
            incident.closedAt = now
            incident.version += 1
            incidents[id] = incident
        }
    }

    private mutating func begin(_ condition: Condition, at now: Timestamp) {
        let id = "\(condition.group) \(now.microseconds / 1_000_000)"
        var incident = Incident(id: id, topic: condition.topic, level: condition.level, openedAt: now)
        (incident.subject, incident.text) = (condition.subject, condition.text)
        if condition.topic == .leader { incident.closedAt = now }
        incidents[id] = incident
        groups[condition.group] = id
        for webhook in condition.webhooks { tell(webhook, id) }
    }

    /// What a new leader has to know, as ``Memory/incidents``.
    package func groups(at now: Timestamp) -> IncidentGroups {
        var marks: [String: IncidentGroups.Mark] = [:]
        for incident in incidents.values.sorted(by: { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) })
        where incident.topic == .drifts {
            if let closed = incident.closedAt, now - closed >= IncidentGroups.sameWithin { continue }
            marks[String(incident.id.prefix(12))] = IncidentGroups.Mark(
                id: incident.id, openedAt: incident.openedAt, closedAt: incident.closedAt)
        }
        return IncidentGroups(marks)
    }

    /// An incident with what is open in it, as one tells it who would carry all of it out.
    package func described(_ id: String) -> Incident? { incidents[id].map { describe($0, .everywhere) } }

    // MARK: What is told

    /// What a webhook was told, by incident.
    package func rows(of webhook: String) -> [String: OutboxDesk.Row] { told[webhook] ?? [:] }
    package func message(_ id: Int64) -> OutboxDesk.Message? { messages[id]?.message }

    /// - Parameter duty: of who tells it.
    package func desk(of webhook: String, at now: Timestamp, duty: Duty = .everywhere) -> OutboxDesk {
        let all = (told[webhook] ?? [:]).compactMap { id, row -> OutboxDesk.Row? in
            var row = row
            guard let incident = incidents[id] else { return nil }
            row.incident = incident
            return row
        }
        let own = messages.filter { $0.value.webhook == webhook }
        let due = all.filter(\.isDue)
        let shown = Set(due.compactMap(\.message) + own.filter { $0.value.message.state != .sent }.keys)
        let rows = all.filter { $0.isDue || $0.message.map { shown.contains($0) } == true }
            .sorted { ($0.incident.openedAt, $0.incident.id) < ($1.incident.openedAt, $1.incident.id) }
            .map { row in
                var row = row
                row.incident = describe(row.incident, duty)
                return row
            }
        return OutboxDesk(
            readAt: now, rows: rows, messages: own.filter { shown.contains($0.key) }.mapValues(\.message))
    }

    private func describe(_ incident: Incident, _ duty: Duty) -> Incident {
        var incident = incident
        let members = open.values.filter { $0.drift.incident == incident.id }
        let sorts = Dictionary(grouping: members.map(\.drift)) { drift in
            [
                drift.kind.rawValue, drift.verdict.rawValue, drift.reason.rawValue, String(drift.isSettling),
                duty.omission(of: drift.kind, drift.vmid)?.rawValue ?? "",
            ]
        }
        incident.tallies = sorts.sorted { a, b in
            a.value.count != b.value.count
                ? a.value.count > b.value.count : a.key.lexicographicallyPrecedes(b.key)
        }.compactMap { _, drifts in
            drifts.first.map {
                Incident.Tally(
                    kind: $0.kind, verdict: $0.verdict, reason: $0.reason, isSettling: $0.isSettling,
                    omission: duty.omission(of: $0.kind, $0.vmid), count: drifts.count)
            }
        }
        incident.examples = members.sorted { a, b in
            let (x, y) = (a.drift, b.drift)
            if (x.reason == .causedBy) != (y.reason == .causedBy) { return y.reason == .causedBy }
            if x.level != y.level { return x.level > y.level }
            let (m, n) = (x.vmid?.number ?? .max, y.vmid?.number ?? .max)
            return m != n ? m < n : x.id < y.id
        }.prefix(OutboxDesk.mostExamples).map {
            Incident.Example(
                kind: $0.drift.kind, vmid: $0.drift.vmid, hostname: $0.drift.hostname, detail: $0.detail)
        }
        return incident
    }

    /// - Returns: the message and the number of the request; nil when one is under way.
    package mutating func claim(
        _ sending: Sending, webhook: String, at now: Timestamp
    ) -> (message: Int64, number: Int64)? {
        let id: Int64
        if let known = sending.message {
            guard var entry = messages[known],
                entry.message.state != .sending || now - entry.message.claimedAt > OutboxLine.patience
            else { return nil }
            entry.message.state = .sending
            entry.message.claimedAt = now
            entry.message.digest = nil
            entry.message.mayRepeat = entry.message.mayRepeat || sending.mayRepeat
            entry.message.isPlain = entry.message.isPlain || sending.isPlain
            entry.claim += 1
            messages[known] = entry
            id = known
        } else {
            lastMessage += 1
            id = lastMessage
            let message = OutboxDesk.Message(
                id: id, state: .sending, claimedAt: now, mayRepeat: sending.mayRepeat,
                isPlain: sending.isPlain)
            messages[id] = (webhook, message, 1)
        }
        for one in sending.told { told[webhook]?[one.incident]?.message = id }
        return (id, messages[id]?.claim ?? 1)
    }

    package mutating func record(
        _ end: SendingEnd, of sending: Sending, _ claim: (message: Int64, number: Int64), at now: Timestamp
    ) {
        guard var entry = messages[claim.message], entry.claim == claim.number, entry.message.state == .sending else {
            return
        }
        let isEdit = sending.edits != nil
        entry.message.state = isEdit ? .sent : .unsent
        switch end {
        case .shown(let id):
            entry.message.state = .sent
            (entry.message.discordID, entry.message.digest) = (id, sending.content.digest)
            if !isEdit { entry.message.postedAt = now }
        case .again(let mayBeShown):
            if mayBeShown, !isEdit { entry.message.mayRepeat = true }
            if isEdit, !mayBeShown { entry.message.digest = sending.shows }
        // An edit that was refused has changed nothing.
        case .againPlain:
            entry.message.isPlain = true
            if isEdit { entry.message.digest = sending.shows }
        case .frozen: (entry.message.isFrozen, entry.message.digest) = (true, sending.shows)
        case .dropped, .gone: break
        }
        messages[claim.message] = entry
        switch end {
        case .shown, .dropped: settle(sending.told, webhook: entry.webhook, toldAt: now)
        case .again, .againPlain, .gone, .frozen: break
        }
        if end == .dropped || end == .gone {
            messages[claim.message] = nil
            for id in told[entry.webhook, default: [:]].keys where told[entry.webhook]?[id]?.message == claim.message {
                told[entry.webhook]?[id]?.message = nil
            }
        }
    }

    package mutating func settle(_ list: [Told], webhook: String, toldAt: Timestamp? = nil) {
        for one in list {
            guard var row = told[webhook]?[one.incident] else { continue }
            row.toldVersion = max(row.toldVersion, one.version)
            row.toldStage = one.stage
            (row.toldDrifts, row.toldRepaired, row.called) = (one.drifts, one.repaired, one.called)
            if let toldAt { row.toldAt = toldAt }
            told[webhook]?[one.incident] = row
        }
    }
}

extension OutboxBook {
    /// What would be told of a first round: each message with its webhook.
    package static func preview(
        _ report: Report, _ notifications: [Notification], teller: IncidentMessage.Teller
    ) -> [(webhook: String, message: ChatMessage)] {
        var report = report
        for index in report.decisions.indices {
            report.decisions[index].execution = teller.duty.execution(
                of: report.decisions[index].drift, tenure: .acting(epoch: 1))
        }
        var memory = Memory()
        var book = OutboxBook()
        var conditions = Conditions()
        let now = report.generatedAt
        book.note(memory.absorb(report, telling: notifications), at: now)
        for _ in 0..<Conditions.roundsUntilTold {
            if let (hold, undecided) = conditions.ended(.report(report), sinks: [:], notifications) {
                book.note(hold, undecided: undecided, at: now)
            }
        }
        var messages: [(String, ChatMessage)] = []
        for webhook in Set(notifications.map(\.webhook)).sorted() {
            var line = OutboxLine(teller)
            var moment = now
            loop: while true {
                switch line.next(book.desk(of: webhook, at: now, duty: teller.duty), at: moment) {
                case .send(let sending):
                    guard let claim = book.claim(sending, webhook: webhook, at: now) else { break loop }
                    book.record(.shown(discordID: "1"), of: sending, claim, at: now)
                    messages.append((webhook, sending.content))
                case .settle(let told): book.settle(told, webhook: webhook)
                case .wait(let until): moment = until
                case .rest: break loop
                }
            }
        }
        return messages
    }
}
