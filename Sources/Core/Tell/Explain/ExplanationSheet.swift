/// An explanation for a person: what is wanted, what is seen, what follows, what holds it, what happens next.
extension Explanation {
    package var sheet: FactSheet {
        var sections = [
            FactSheet.Section("SHOULD BE", "what the database says", [FactSheet.Block(database)]),
            FactSheet.Section("IS", "what each plane showed, beside what is wanted there", sights.map(block)),
        ]
        sections.append(
            cases.isEmpty
                ? FactSheet.Section("DRIFTS (0)", "no drift was found here", [])
                : FactSheet.Section(
                    "DRIFTS (\(cases.count))", "what differs, and what stands against repairing it", cases.map(block)))
        if let ledger { sections.append(section(ledger)) }
        if !unknown.isEmpty {
            let entries = unknown.map {
                FactSheet.Entry($0.plane.rawValue, "\($0.reason.rawValue): \(Words.unknown($0.reason))")
            }
            sections.append(
                FactSheet.Section("UNKNOWN (\(unknown.count))", Words.unknownMeaning, [FactSheet.Block(entries)]))
        }
        return FactSheet(
            title: Words.answer(self), sections: sections,
            closing: [unjudged, Words.nothingWritten].compactMap { $0 })
    }

    // MARK: Should be

    private var database: [FactSheet.Entry] {
        var entries = rows.flatMap(Explanation.entries)
        entries += unreadable.map { FactSheet.Entry("unreadable", "\($0.table.rawValue) row: \($0.why)") }
        if entries.isEmpty { entries.append(FactSheet.Entry("row", "none")) }
        entries += retired.map { FactSheet.Entry("retired", "'\($0.hostname)' was deleted at \($0.deletedAt)") }
        for operation in operations {
            let phase = operation.phase.map { ", phase \($0)" } ?? ""
            let name = "\(operation.kind.rawValue) \(operation.id)"
            entries.append(FactSheet.Entry("operation", "\(name) is \(operation.status.rawValue)\(phase)"))
            entries.append(FactSheet.Entry("", Words.life(operation, at: generatedAt)))
        }
        entries += pauses.map { pause in
            let whom = pause.vmid == nil ? "the fleet" : "this VMID"
            return FactSheet.Entry("pause", "\(whom) until \(pause.until) by \(pause.by): \(pause.why)")
        }
        return entries
    }

    private static func entries(_ row: Row) -> [FactSheet.Entry] {
        let instance = row.instance
        let parts = [
            instance.node.map { "node \($0)" }, instance.address.map { "address \($0)" },
            instance.game.map { "game \($0)" }, instance.variant.map { "variant \($0)" },
            Games.port(of: instance).map { "port \($0)" },
        ]
        return [
            FactSheet.Entry(
                "row",
                "\(instance.hostname), \(instance.ctype.rawValue), \(instance.status.rawValue), desired "
                    + instance.power.rawValue),
            FactSheet.Entry("", parts.compactMap { $0 }.joined(separator: ", ")),
            FactSheet.Entry("", "external id \(instance.key.externalID)"),
            FactSheet.Entry("expected", row.expected), FactSheet.Entry("billing", row.billing),
        ]
    }

    // MARK: Is

    private func block(_ sight: Sight) -> FactSheet.Block {
        if sight.shows == .notConfigured {
            return FactSheet.Block([FactSheet.Entry(sight.plane.rawValue, sight.found)])
        }
        var entries = [FactSheet.Entry(sight.plane.rawValue, sight.what)]
        if let wanted = sight.wanted { entries.append(FactSheet.Entry("wanted", wanted, isUnder: true)) }
        let reason = sight.reason.map { " (\($0.rawValue))" } ?? ""
        entries.append(FactSheet.Entry(Words.name(sight.shows), sight.found + reason, isUnder: true))
        if let evidence = sight.evidence {
            entries.append(FactSheet.Entry("from", Words.age(evidence, at: generatedAt), isUnder: true))
        }
        return FactSheet.Block(entries)
    }

    // MARK: What follows

    private func block(_ item: Case) -> FactSheet.Block {
        let decision = item.decision
        var entries: [FactSheet.Entry] = []
        entries += decision.drift.subject.places.map { FactSheet.Entry("\($0.label)", $0.text) }
        entries.append(FactSheet.Entry("should be", decision.drift.desired))
        entries.append(FactSheet.Entry("is", decision.drift.observed))
        entries.append(
            FactSheet.Entry("verdict", "\(Words.name(decision.verdict)): \(Words.verdict(decision.verdict))"))
        entries.append(FactSheet.Entry("why", Words.why(decision)))
        entries += item.holds.filter { $0.reason != decision.reason }.map {
            FactSheet.Entry("also held", "\($0.reason.rawValue): \($0.detail)")
        }
        if let accepted = decision.accepted { entries.append(FactSheet.Entry("accepted", Words.accepted(accepted))) }
        entries += item.needed.map { FactSheet.Entry("needed", $0) }
        entries.append(FactSheet.Entry("id", decision.drift.id))
        return FactSheet.Block(
            Words.title(decision.drift.kind), code: decision.drift.kind.rawValue, entries)
    }

    // MARK: What happens next

    private func section(_ ledger: Ledger) -> FactSheet.Section {
        func section(_ blocks: [FactSheet.Block]) -> FactSheet.Section {
            FactSheet.Section("LEDGER", "what the daemon did and will do", blocks)
        }
        switch ledger {
        case .unreadable(let why): return section([FactSheet.Block([FactSheet.Entry("unknown", why)])])
        case .read(let prospects, let leader, let differs):
            return section(
                [FactSheet.Block([FactSheet.Entry("leader", Words.leader(leader, differs: differs))])]
                    + prospects.map { prospect in
                        var entries = [FactSheet.Entry(prospect.kind.rawValue, Words.history(prospect))]
                        if let attempts = Words.attempts(prospect) {
                            entries.append(FactSheet.Entry("attempts", attempts))
                        }
                        if let last = prospect.last { entries.append(FactSheet.Entry("last", last)) }
                        entries.append(FactSheet.Entry("next", Words.next(prospect)))
                        return FactSheet.Block(entries)
                    })
        }
    }
}
