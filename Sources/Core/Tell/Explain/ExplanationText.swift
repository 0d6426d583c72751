/// An explanation for a person at a terminal.
package struct ExplanationText {
    private var lines: [String] = []

    package static func encode(_ known: Explanation) -> String {
        var text = ExplanationText()
        text.lines.append(Foreign.text(Words.answer(known), limit: 400))
        text.database(known)
        text.sights(known)
        text.cases(known)
        text.ledger(known)
        text.unknown(known)
        text.lines += ["", Words.nothingWritten]
        return text.lines.joined(separator: "\n") + "\n"
    }

    private mutating func database(_ known: Explanation) {
        heading("SHOULD BE", "what the database says")
        for row in known.rows {
            let instance = row.instance
            entry(
                "row",
                "\(instance.hostname), \(instance.ctype.rawValue), \(instance.status.rawValue), desired \(instance.power.rawValue)"
            )
            let parts = [
                instance.node.map { "node \($0)" }, instance.address.map { "address \($0)" },
                instance.game.map { "game \($0)" }, instance.variant.map { "variant \($0)" },
                Games.port(of: instance).map { "port \($0)" },
            ]
            entry("", parts.compactMap { $0 }.joined(separator: ", "))
            entry("", "external id \(instance.key.externalID)")
            entry("expected", row.expected)
            entry("billing", row.billing)
        }
        for row in known.unreadable { entry("unreadable", "\(row.table.rawValue) row: \(row.why)") }
        if known.rows.isEmpty && known.unreadable.isEmpty { entry("row", "none") }
        for life in known.retired {
            entry("retired", "'\(life.hostname)' was deleted at \(life.deletedAt)")
        }
        for operation in known.operations {
            let phase = operation.phase.map { ", phase \($0)" } ?? ""
            entry(
                "operation",
                "\(operation.kind.rawValue) \(operation.id) is \(operation.status.rawValue)\(phase), "
                    + "enqueued at \(operation.enqueuedAt)")
        }
        for pause in known.pauses {
            entry(
                "pause",
                "\(pause.vmid == nil ? "the fleet" : "this VMID") until \(pause.until) by \(pause.by): \(pause.why)")
        }
    }

    private mutating func sights(_ known: Explanation) {
        heading("IS", "what each plane showed")
        for sight in known.sights {
            let reason = sight.reason.map { " (\($0.rawValue))" } ?? ""
            let what = sight.what.isEmpty ? "" : "\(sight.what): "
            let words =
                sight.shows == .notConfigured
                ? sight.found : "\(Words.name(sight.shows)): \(what)\(sight.found)\(reason)"
            entry(sight.plane.rawValue, words)
            if let evidence = sight.evidence { entry("", Words.evidence(evidence)) }
        }
    }

    private mutating func cases(_ known: Explanation) {
        guard !known.cases.isEmpty else {
            heading("DRIFTS (0)", "no drift was found here")
            return
        }
        heading("DRIFTS (\(known.cases.count))", "what differs, and what stands against repairing it")
        for item in known.cases {
            let decision = item.decision
            lines.append("  \(Words.title(decision.drift.kind))  \(decision.drift.kind.rawValue)")
            if let record = decision.drift.subject.record { entry("record", record) }
            entry("should be", decision.drift.desired)
            entry("is", decision.drift.observed)
            entry("verdict", "\(Words.name(decision.verdict)): \(Words.verdict(decision.verdict))")
            entry("why", Words.why(decision))
            for hold in item.holds where hold.reason != decision.reason {
                entry("also held", "\(hold.reason.rawValue): \(hold.detail)")
            }
            if let accepted = decision.accepted { entry("accepted", Words.accepted(accepted)) }
            for needed in item.needed { entry("needed", needed) }
            entry("id", decision.drift.id)
        }
    }

    private mutating func ledger(_ known: Explanation) {
        switch known.ledger {
        case nil: break
        case .unreadable(let why)?:
            heading("LEDGER", "what the daemon did and will do")
            entry("unknown", why)
        case .read(let prospects, let leader)?:
            heading("LEDGER", "what the daemon did and will do")
            entry("leader", Words.leader(leader))
            for prospect in prospects {
                entry(prospect.kind.rawValue, Words.history(prospect))
                if let attempts = Words.attempts(prospect) { entry("attempts", attempts) }
                if let last = prospect.last { entry("last", last) }
                entry("next", Words.next(prospect))
            }
        }
    }

    private mutating func unknown(_ known: Explanation) {
        guard !known.unknown.isEmpty else { return }
        heading("UNKNOWN (\(known.unknown.count))", Words.unknownMeaning)
        for fact in known.unknown {
            entry(fact.plane.rawValue, "\(fact.reason.rawValue): \(Words.unknown(fact.reason))")
        }
    }

    private mutating func heading(_ title: String, _ meaning: String) { lines += ["", "\(title) \(meaning)"] }

    private mutating func entry(_ label: String, _ text: String) {
        let room = String(repeating: " ", count: max(0, 12 - label.count))
        lines.append("    \(label)\(room) \(Foreign.text(text, limit: 600))")
    }
}
