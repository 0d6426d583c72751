/// A sheet of facts for a person at a terminal.
package enum FactSheetText {
    package static func encode(_ sheet: FactSheet) -> String {
        var lines = [Foreign.text(sheet.title, limit: 400)]
        for section in sheet.sections {
            lines += ["", "\(section.title) \(section.meaning)"]
            for block in section.blocks {
                if let title = block.title {
                    lines.append("  " + [title, block.code].compactMap { $0 }.joined(separator: "  "))
                }
                lines += block.entries.map(line)
            }
        }
        lines.append("")
        lines += sheet.closing.map { Foreign.text($0, limit: 400) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ entry: FactSheet.Entry) -> String {
        let label = entry.isUnder ? "  \(entry.label)" : entry.label
        let room = String(repeating: " ", count: max(0, 12 - label.count))
        return "    \(label)\(room) \(Foreign.text(entry.text, limit: 600))"
    }
}
