/// Text as a chat shows it: Markdown, in which nothing foreign may have a meaning.
package enum ChatText {
    /// Foreign text as code: no formatting, no link and no mention within. Never empty, on one line.
    package static func code(_ text: String, limit: Int = 200) -> String {
        var shown = ""
        for scalar in Foreign.text(cut(text, limit), limit: limit).unicodeScalars {
            // A backtick would end the code; there is no way to escape one within.
            shown.unicodeScalars.append(scalar == "`" ? "'" : scalar)
        }
        return isBlank(shown) ? "`-`" : "`\(shown)`"
    }

    /// Foreign text where there can be no code, as in a title: every character that has a meaning is escaped.
    package static func plain(_ text: String, limit: Int = 120) -> String {
        var shown = ""
        for scalar in Foreign.text(cut(text, limit), limit: limit).unicodeScalars {
            if "\\*_~|>#[]()<".unicodeScalars.contains(scalar) { shown += "\\" }
            shown.unicodeScalars.append(scalar == "`" ? "'" : scalar)
            // "@everyone" is no mention, and "https:" no link, with a blank of no width behind it.
            if scalar == "@" || scalar == ":" { shown += "\u{200b}" }
        }
        return isBlank(shown) ? "-" : shown
    }

    /// At most `limit` code points, which is what is counted on the other side; cut between two characters that a reader
    /// sees, or within one where that alone is too long.
    package static func cut(_ text: String, _ limit: Int) -> String {
        guard text.unicodeScalars.count > limit else { return text }
        guard limit > 0 else { return "" }
        var shown = ""
        var left = limit - 1
        for character in text {
            let length = character.unicodeScalars.count
            if length > left {
                if shown.isEmpty { shown.unicodeScalars.append(contentsOf: text.unicodeScalars.prefix(left)) }
                break
            }
            shown.append(character)
            left -= length
        }
        return shown + "…"
    }

    /// As long as it fits, line by line: a line is told whole or not at all, so that no code stays open.
    package static func lines(_ lines: [String], limit: Int) -> String {
        let whole = lines.joined(separator: "\n")
        if whole.unicodeScalars.count <= limit { return whole }
        var text = ""
        var length = 0
        for (index, line) in lines.enumerated() {
            let rest = "… and \(lines.count - index) more"
            let needed = line.unicodeScalars.count + 1
            guard length + needed + rest.unicodeScalars.count <= limit else {
                return length + rest.unicodeScalars.count <= limit ? text + rest : text
            }
            text += line + "\n"
            length += needed
        }
        return text
    }

    /// Shown by each reader in their own time: "3 hours ago".
    package static func ago(_ moment: Timestamp) -> String { "<t:\(moment.microseconds / 1_000_000):R>" }
    package static func time(_ moment: Timestamp) -> String { "<t:\(moment.microseconds / 1_000_000):f>" }

    static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
