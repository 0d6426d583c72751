/// The report as Markdown, for an issue or a chat.
///
/// Text from outside stands in code spans only, where nothing is read as a link, a mention, markup or HTML; it is in no
/// table, where a `|` would count even in a code span.
package struct ReportMarkdown {
    private var lines: [String] = []

    package static func encode(_ report: Report) -> String {
        var markdown = ReportMarkdown()
        let outline = ReportOutline(report)
        markdown.headline(report)
        for group in outline.groups { markdown.section(group) }
        if let answer = outline.answer {
            markdown.lines += ["", "## \(Words.answerMeaning)", "", Markdown.code(answer)]
        }
        markdown.unknown(report, outline)
        markdown.planes(report)
        markdown.footer(report, outline)
        return markdown.lines.joined(separator: "\n") + "\n"
    }

    private mutating func headline(_ report: Report) {
        let (word, sentence) = Words.answer(report)
        lines += ["# \(word): \(sentence)", "", Words.counts(report) + "."]
        if report.filter != nil {
            lines += ["", Words.filter(report).map(Markdown.code) ?? ""]
        }
        let words = InstanceStanding.Word.allCases
        lines += ["", "| instances | " + words.map(Words.name).joined(separator: " | ") + " |"]
        lines.append("|" + String(repeating: " --: |", count: words.count + 1))
        let counts = words.map { word in "\(report.instances.count { $0.word == word })" }
        lines.append("| \(report.summary.instances) | " + counts.joined(separator: " | ") + " |")
    }

    private mutating func section(_ group: ReportOutline.Group) {
        lines += ["", "## \(group.name) (\(group.decisions.count)): \(group.meaning)", ""]
        for decision in group.decisions { entry(decision) }
    }

    private mutating func entry(_ decision: Decision) {
        let drift = decision.drift
        var who = "- **\(drift.subject.vmid.map(\.description) ?? "no VMID")**"
        if let hostname = drift.subject.hostname { who += " " + Markdown.code(hostname, limit: 64) }
        lines.append("\(who) \(Words.title(drift.kind)) (`\(drift.kind.rawValue)`)")
        for place in drift.subject.places { detail("\(place.label)", place.text) }
        detail("should be", drift.desired)
        detail("is", drift.observed)
        detail("why", Words.why(decision))
        if let accepted = decision.accepted { detail("accepted", Words.accepted(accepted)) }
        lines.append("  - evidence: \(Words.evidence(drift.evidence))")
        lines.append("  - id: `\(drift.id)`")
    }

    private mutating func detail(_ label: String, _ text: String) {
        lines.append("  - \(label): \(Markdown.code(text))")
    }

    private mutating func unknown(_ report: Report, _ outline: ReportOutline) {
        guard !report.unknown.isEmpty else { return }
        lines += ["", "## unknown (\(report.unknown.count)): \(Words.unknownMeaning)", ""]
        for group in outline.unknown {
            lines.append("- \(group.plane.rawValue) `\(group.reason.rawValue)`: \(group.words)")
            lines.append("  - " + Markdown.code(group.what, limit: 600))
        }
    }

    private mutating func planes(_ report: Report) {
        lines += ["", "## planes", ""]
        for entry in report.coverage {
            var line = "- **\(entry.plane.rawValue)** \(Words.name(entry.status))"
            if let detail = entry.detail { line += ": " + Markdown.code(detail, limit: 600) }
            lines.append(line)
        }
    }

    private mutating func footer(_ report: Report, _ outline: ReportOutline) {
        if !outline.notEvaluated.isEmpty {
            lines += ["", "## not evaluated", ""]
            for group in outline.notEvaluated {
                lines.append("- \(group.why): " + group.kinds.map { "`\($0.rawValue)`" }.joined(separator: ", "))
            }
        }
        lines += ["", "\(report.mode) of \(report.generatedAt); \(Words.nothingWritten); plan `\(report.planHash)`"]
    }
}

package enum Markdown {
    /// A code span around text from outside.
    package static func code(_ text: String) -> String { code(text, limit: 240) }

    package static func code(_ text: String, limit: Int) -> String {
        let text = Foreign.text(text, limit: limit)
        // CommonMark 6.1: a span ends at a run of backticks as long as the one it began with, so ours is longer than any
        // within. One space at each end is taken off where both are there, and a span of nothing is none.
        var longest = 0
        var run = 0
        let scalars = text.unicodeScalars
        for scalar in scalars {
            run = scalar == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let ends: [Unicode.Scalar] = [scalars.first ?? " ", scalars.last ?? " "]
        let needsRoom = ends.contains("`") || ends.contains(" ")
        return needsRoom ? "\(fence) \(text) \(fence)" : "\(fence)\(text)\(fence)"
    }
}
