/// The report for a tired person: the answer first, then what needs them, then what is not known.
package struct ReportText {
    package var usesColor: Bool
    private var lines: [String] = []

    package static func encode(_ report: Report, usesColor: Bool) -> String {
        var text = ReportText(usesColor: usesColor)
        text.headline(report)
        text.drifts(report)
        text.unknown(report)
        text.planes(report)
        text.footer(report)
        return text.lines.joined(separator: "\n") + "\n"
    }

    private init(usesColor: Bool) { self.usesColor = usesColor }

    // MARK: Sections

    private mutating func headline(_ report: Report) {
        let s = report.summary
        let open = report.decisions.count { $0.accepted == nil }
        let answer: String
        switch report.exitStatus {
        case 2:
            let servers = s.drifted == 1 ? "1 server" : "\(s.drifted) servers"
            answer =
                style("DRIFT", .red) + "  \(plural(open, "drift")) on \(servers)"
                + (report.isComplete ? "" : "; the picture is incomplete")
        case 3: answer = style("INCOMPLETE", .yellow) + "  no drift found, but not everything could be read"
        default: answer = style("IN SYNC", .green) + "  everything that was looked at is as it should be"
        }
        lines.append(answer)
        var counts =
            "\(plural(s.instances, "instance")): \(s.inSync) in sync, \(s.drifted) drifted, \(s.unknown) unknown"
        if s.suppressed > 0 { counts += ", \(s.suppressed) suspended" }
        if s.excluded > 0 { counts += ", \(s.excluded) out of scope" }
        let accepted = report.decisions.count - open
        if accepted > 0 { counts += "; \(plural(accepted, "drift")) accepted" }
        lines.append(counts)
    }

    private mutating func drifts(_ report: Report) {
        for verdict in [Verdict.manual, .approvalRequired, .held, .repair, .report] {
            let group = report.decisions.filter { $0.verdict == verdict && $0.accepted == nil }
            section(verdict.rawValue.uppercased().replacing("_", with: " "), Words.verdict(verdict), group)
        }
        section("ACCEPTED", "known, not counted", report.decisions.filter { $0.accepted != nil })
    }

    private mutating func section(_ title: String, _ meaning: String, _ decisions: [Decision]) {
        guard !decisions.isEmpty else { return }
        lines.append("")
        lines.append(style("\(title) (\(decisions.count))", .bold) + " \(meaning)")
        for decision in decisions { entry(decision) }
    }

    private mutating func entry(_ decision: Decision) {
        let drift = decision.drift
        let vmid = drift.subject.vmid.map { "\($0)" } ?? "-"
        let name = drift.subject.hostname.map { Foreign.text($0, limit: 64) } ?? ""
        let who = [padded(vmid, 6), padded(name, 18)].joined(separator: " ")
        lines.append("  " + style(who, .bold) + " " + Words.title(drift.kind) + style("  \(drift.kind.rawValue)", .dim))
        if let record = drift.subject.record { detail("record", record) }
        detail("should be", drift.desired)
        detail("is", drift.observed)
        detail("why", why(decision))
        if let accepted = decision.accepted {
            detail("accepted", "by \(accepted.by) until \(accepted.until): \(accepted.reason)")
        }
        detail("id", drift.id)
    }

    private func why(_ decision: Decision) -> String {
        var text = "\(decision.reason.rawValue): \(decision.detail ?? Words.reason(decision.reason))"
        if let action = decision.action { text += "; action \(action.rawValue)" }
        if let policy = decision.policy { text += "; policy \(policy)" }
        if decision.pending.contains(.notSeenLongEnough) { text += "; the daemon would look again first" }
        return text
    }

    private mutating func unknown(_ report: Report) {
        guard !report.unknown.isEmpty else { return }
        lines.append("")
        lines.append(style("UNKNOWN (\(report.unknown.count))", .bold) + " nothing is decided about these")
        let groups = Dictionary(grouping: report.unknown) { [$0.plane.rawValue, $0.reason.rawValue] }
        for (key, facts) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let vmids = facts.compactMap(\.vmid)
            let what = vmids.isEmpty ? plural(facts.count, "row") : VMIDList.text(vmids)
            let words = facts.first.map { Words.unknown($0.reason) } ?? ""
            lines.append("  \(padded(key[0], 12)) \(key[1]): \(words)")
            lines.append("               \(what)")
        }
    }

    private mutating func planes(_ report: Report) {
        lines.append("")
        lines.append(style("PLANES", .bold))
        for entry in report.coverage {
            let color: Style =
                switch entry.status {
                case .complete: .green
                case .partial: .yellow
                case .failed: .red
                case .notConfigured: .dim
                }
            let status = style(padded(entry.status.rawValue.replacing("_", with: " "), 14), color)
            let detail = entry.detail.map { Foreign.text($0, limit: 600) } ?? ""
            lines.append("  \(padded(entry.plane.rawValue, 12)) \(status) \(detail)".trimmingTrailingSpaces)
        }
    }

    private mutating func footer(_ report: Report) {
        lines.append("")
        let groups = Dictionary(grouping: report.notEvaluated, by: \.why)
        for (why, entries) in groups.sorted(by: { $0.key < $1.key }) {
            let kinds = entries.map(\.kind.rawValue).joined(separator: ", ")
            lines.append(style("not evaluated (\(why)): \(kinds)", .dim))
        }
        lines.append(style("nothing was written anywhere; plan \(report.planHash)", .dim))
    }

    // MARK: Layout

    private mutating func detail(_ label: String, _ text: String) {
        lines.append("         \(style(padded(label, 9), .dim)) \(Foreign.text(text))")
    }

    private enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "1;31"
        case green = "1;32"
        case yellow = "1;33"
    }

    private func style(_ text: String, _ style: Style) -> String {
        usesColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func plural(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

/// VMIDs for a person: `5001-5003, 5007 and 12 more`.
package enum VMIDList {
    package static func text(_ vmids: [VMID], most: Int = 12) -> String {
        var runs: [(first: Int32, last: Int32)] = []
        for number in Set(vmids.map(\.number)).sorted() {
            if let last = runs.last, last.last + 1 == number {
                runs[runs.count - 1].last = number
            } else {
                runs.append((number, number))
            }
        }
        var text = runs.prefix(most).map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
            .joined(separator: ", ")
        let rest = runs.dropFirst(most).reduce(0) { $0 + Int($1.last - $1.first) + 1 }
        if rest > 0 { text += " and \(rest) more" }
        return text
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
