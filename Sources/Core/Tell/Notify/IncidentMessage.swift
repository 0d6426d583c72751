/// An incident, or several in one, as a message. Equal incidents give equal messages: nothing in them moves with the clock.
package struct IncidentMessage: Sendable {
    /// Who tells it.
    package struct Teller: Equatable, Sendable {
        /// Of the installation.
        package var id: String
        /// What it would carry out of what it tells.
        package var duty: Duty
        package var isDryRun: Bool { duty.mode == .dryRun }

        package init(id: String, duty: Duty) { (self.id, self.duty) = (id, duty) }

        /// - Parameter isDryRun: where it is none, everything is enabled.
        package init(id: String, isDryRun: Bool) {
            self.init(id: id, duty: .everywhere)
            if isDryRun { duty.mode = .dryRun }
        }
    }

    private let teller: Teller
    /// Without anything foreign: for what was refused once.
    private let isPlain: Bool
    private let mayRepeat: Bool

    package init(_ teller: Teller, mayRepeat: Bool = false, isPlain: Bool = false) {
        (self.teller, self.mayRepeat, self.isPlain) = (teller, mayRepeat, isPlain)
    }

    package func message(_ incidents: [Incident]) -> ChatMessage {
        if incidents.count == 1 { return single(incidents[0]) }
        return digest(incidents)
    }

    // MARK: One

    private func single(_ incident: Incident) -> ChatMessage {
        let stage = incident.stage
        var lines = [first(incident)]
        if let command = Words.command(incident) { lines.append("→ `\(command)`") }
        lines += about(incident)
        if incident.isFlapping { lines.append(Words.flapping(incident)) }
        if mayRepeat { lines.append(Words.repeated) }
        var fields: [ChatMessage.Field] = []
        if let vmid = incident.vmid { fields.append(.init("VMID", vmid.description)) }
        fields.append(.init(incident.topic == .leader ? "At" : "Since", ChatText.time(incident.openedAt)))
        if let closed = incident.closedAt, incident.topic != .leader {
            fields.append(.init("Lasted", (closed - incident.openedAt).description))
        }
        if incident.attempts > 0 { fields.append(.init("Attempts", String(incident.attempts))) }
        if incident.topic == .drifts { fields.append(.init("Level", String(incident.level.rawValue))) }
        return ChatMessage(
            title: prefix + "\(Words.headline(stage)): \(what(incident))", lines: lines, fields: fields,
            footer: footer, colour: colour(incident), isSilent: !stage.needsPerson)
    }

    private func first(_ incident: Incident) -> String {
        let stage = incident.stage
        let watched = Words.watched(incident).map(sentence)
        var text = incident.isWatched ? "" : sentence(Words.stage(of: incident, isDryRun: teller.isDryRun))
        if stage == .repaired {
            let tries = Words.count(incident.attempts, "attempt")
            text += " After \((incident.closedAt ?? incident.openedAt) - incident.openedAt), \(tries)"
            text += incident.did.map { ": it \(Words.done($0))." } ?? "."
        }
        if let why = Words.why(incident) { text += " Why: \(why)." }
        // Of few nobody has to be told that they come one after the other.
        if stage == .repairing, !teller.isDryRun, incident.inRepair > IncidentGroups.mostAtOnce {
            text += " " + sentence(Words.budget)
        }
        if let watched { text += text.isEmpty ? watched : " " + watched }
        if let repairs = Words.repairs(incident) {
            text += " " + sentence(repairs + (incident.did.map { ": it \(Words.done($0))" } ?? ""))
        }
        return text
    }

    private func about(_ incident: Incident) -> [String] {
        var lines: [String] = []
        if let text = incident.text, !isPlain { lines.append(ChatText.code(text, limit: 600)) }
        if let trouble = incident.trouble, !incident.stage.isOver, !isPlain {
            lines.append("Last attempt: \(ChatText.code(trouble))")
        }
        guard incident.topic == .drifts else { return lines }
        if incident.openDrifts > IncidentGroups.mostAtOnce {
            for tally in incident.tallies { lines.append("• \(tally.count) × \(Words.title(tally.kind))") }
        }
        if isPlain { return lines }
        for example in incident.examples {
            var line = "• "
            if incident.vmid == nil {
                if let name = example.hostname { line += ChatText.code(name, limit: 63) + " " }
                if let vmid = example.vmid { line += "(\(vmid)) " }
            }
            line += Words.title(example.kind)
            if let detail = example.detail { line += ": \(ChatText.code(detail, limit: 160))" }
            lines.append(line)
        }
        let more = incident.openDrifts - incident.examples.count
        if more > 0, !incident.examples.isEmpty { lines.append("… and \(more) more") }
        return lines
    }

    // MARK: Many

    /// Several at once: one line each, the most urgent first.
    private func digest(_ incidents: [Incident]) -> ChatMessage {
        let sorted = incidents.sorted { ($0.stage.urgency, $1.id) > ($1.stage.urgency, $0.id) }
        var lines = mayRepeat ? [Words.repeated] : []
        for incident in sorted {
            var line = "• **\(Words.headline(incident.stage))**: \(what(incident))"
            if let why = Words.why(incident) ?? Words.watchedBriefly(incident) { line += " (\(why))" }
            if let repairs = Words.repairs(incident) { line += ", \(repairs)" }
            if let command = Words.command(incident) { line += " → `\(command)`" }
            lines.append(line)
        }
        let needing = incidents.count { $0.stage.needsPerson }
        let over = incidents.count { $0.stage.isOver }
        var title = prefix + "\(incidents.count) incidents at once"
        if needing > 0 { title += ", \(needing) \(needing == 1 ? "needs" : "need") you" }
        if over > 0 { title += ", \(over) over" }
        let worst = sorted.map { colour($0) }.max { IncidentMessage.rank($0) < IncidentMessage.rank($1) }
        return ChatMessage(
            title: title, lines: lines, footer: footer, colour: worst ?? .grey, isSilent: needing == 0)
    }

    // MARK: Words

    private var prefix: String { teller.isDryRun ? "[\(Words.dryRun)] " : "" }

    private var footer: String {
        "\(ChatText.plain(teller.id)) · \(teller.isDryRun ? "dry-run: nothing is changed" : "repair")"
    }

    private func what(_ incident: Incident) -> String {
        switch incident.topic {
        case .plane: return "\(ChatText.plain(incident.subject ?? "a plane")) cannot be read"
        case .brake: return "repairs wait for an answer"
        case .approval: return "repairs wait for your approval"
        case .budget: return "more repairs are due than may begin at once"
        case .leader: return "epoch \(ChatText.plain(incident.subject ?? "-"))"
        case .sink: return "webhook \(ChatText.plain(incident.subject ?? "-"))"
        case .drifts: break
        }
        // What there is now, or had been.
        let isOver = incident.tallies.isEmpty
        let kinds = isOver ? incident.kinds : open(incident)
        let count = isOver ? incident.drifts : incident.openDrifts
        let title = kinds.first.map(Words.title) ?? "drift"
        let rest = kinds.count > 1 ? " and \(Words.count(kinds.count - 1, "other kind"))" : ""
        let name =
            incident.hostname.map { ChatText.plain($0, limit: 63) } ?? incident.subject.map { ChatText.plain($0) }
        guard let name, !isPlain else {
            let whose = incident.vmid.map { "VMID \($0)" } ?? Words.count(count, "drift")
            return "\(whose): \(title)\(rest)"
        }
        return "\(name): \(title)\(rest)"
    }

    /// The kinds that are open, what explains the others first.
    private func open(_ incident: Incident) -> [DriftKind] {
        let sorted = incident.tallies.sorted { a, b in
            (a.reason == .causedBy ? 1 : 0, b.stage.urgency, a.kind.rawValue)
                < (b.reason == .causedBy ? 1 : 0, a.stage.urgency, b.kind.rawValue)
        }
        var kinds: [DriftKind] = []
        for tally in sorted where !kinds.contains(tally.kind) { kinds.append(tally.kind) }
        return kinds
    }

    private func sentence(_ text: String) -> String {
        guard let head = text.first else { return text }
        return head.uppercased() + text.dropFirst() + "."
    }

    private func colour(_ incident: Incident) -> ChatMessage.Colour {
        let stage = incident.stage
        if stage.isOver { return .green }
        if stage == .report || stage == .leader { return .grey }
        // Nobody does anything about it, the controller included.
        if incident.isWatched, !teller.isDryRun { return .grey }
        if stage == .repairing { return .blue }
        if stage == .waiting { return .orange }
        // A brake has a stage of its own, and so has what the controller has given up.
        return stage == .needsYou && incident.level < .destructive ? .orange : .red
    }

    private static func rank(_ colour: ChatMessage.Colour) -> Int {
        switch colour {
        case .green: 0
        case .grey: 1
        case .blue: 2
        case .orange: 3
        case .red: 4
        }
    }
}
