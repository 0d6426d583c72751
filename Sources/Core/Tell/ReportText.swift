/// The report for a tired person: the answer first, then what needs them, then what is not known.
package struct ReportText {
    package var usesColor: Bool
    private var lines: [String] = []

    package static func encode(_ report: Report, usesColor: Bool) -> String {
        var text = ReportText(usesColor: usesColor)
        let outline = ReportOutline(report)
        text.headline(report)
        text.drifts(outline)
        text.unknown(report, outline)
        text.planes(report)
        text.footer(report, outline)
        return text.lines.joined(separator: "\n") + "\n"
    }

    private init(usesColor: Bool) { self.usesColor = usesColor }

    // MARK: Sections

    private mutating func headline(_ report: Report) {
        let (word, sentence) = Words.answer(report)
        let color: Style =
            switch report.exitStatus {
            case 2: .red
            case 3: .yellow
            default: .green
            }
        lines.append(style(word, color) + "  " + sentence)
        lines.append(Words.counts(report))
        if let filter = Words.filter(report) { lines.append(filter) }
    }

    private mutating func drifts(_ outline: ReportOutline) {
        for group in outline.groups { section(group.name.uppercased(), group.meaning, group.decisions) }
        guard let answer = outline.answer else { return }
        lines += ["", style(Words.answerMeaning, .bold), "  \(answer)"]
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
        for place in drift.subject.places { detail("\(place.label)", place.text) }
        detail("should be", drift.desired)
        detail("is", drift.observed)
        detail("why", Words.why(decision))
        if let accepted = decision.accepted { detail("accepted", Words.accepted(accepted)) }
        detail("id", drift.id)
    }

    private mutating func unknown(_ report: Report, _ outline: ReportOutline) {
        guard !report.unknown.isEmpty else { return }
        lines.append("")
        lines.append(style("UNKNOWN (\(report.unknown.count))", .bold) + " " + Words.unknownMeaning)
        for group in outline.unknown {
            lines.append("  \(padded(group.plane.rawValue, 12)) \(group.reason.rawValue): \(group.words)")
            lines.append("               \(Foreign.text(group.what, limit: 600))")
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
            let status = style(padded(Words.name(entry.status), 14), color)
            let detail = entry.detail.map { Foreign.text($0, limit: 600) } ?? ""
            lines.append("  \(padded(entry.plane.rawValue, 12)) \(status) \(detail)".trimmingTrailingSpaces)
        }
    }

    private mutating func footer(_ report: Report, _ outline: ReportOutline) {
        lines.append("")
        for group in outline.notEvaluated {
            let kinds = group.kinds.map(\.rawValue).joined(separator: ", ")
            lines.append(style("not evaluated (\(group.why)): \(kinds)", .dim))
        }
        lines.append(style("\(Words.nothingWritten); plan \(report.planHash)", .dim))
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
