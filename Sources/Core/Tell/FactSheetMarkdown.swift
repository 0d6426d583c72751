/// A sheet of facts as Markdown. What may come from outside stands in code spans only, as in ``ReportMarkdown``.
package enum FactSheetMarkdown {
    package static func encode(_ sheet: FactSheet) -> String {
        var lines = ["# " + Markdown.code(sheet.title, limit: 400)]
        for section in sheet.sections {
            lines += ["", "## \(section.title): \(section.meaning)", ""]
            for block in section.blocks {
                if let title = block.title {
                    lines.append("- **\(title)**" + (block.code.map { " (`\($0)`)" } ?? ""))
                }
                let room = block.title == nil ? "" : "  "
                for entry in block.entries {
                    let text = Markdown.code(entry.text, limit: 600)
                    lines.append(entry.label.isEmpty ? "\(room)  - \(text)" : "\(room)- \(entry.label): \(text)")
                }
            }
        }
        lines.append("")
        lines += sheet.closing.map { Markdown.code($0, limit: 400) + "  " }
        return lines.joined(separator: "\n") + "\n"
    }
}
