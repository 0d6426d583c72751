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
                for entry in block.entries {
                    let depth = (block.title == nil ? 0 : 1) + (entry.isUnder ? 1 : 0)
                    let label = entry.label.isEmpty ? "" : "\(entry.label): "
                    lines.append(
                        String(repeating: "  ", count: depth) + "- \(label)" + Markdown.code(entry.text, limit: 600))
                }
            }
        }
        lines.append("")
        lines += sheet.closing.map { Markdown.code($0, limit: 400) + "  " }
        return lines.joined(separator: "\n") + "\n"
    }
}
