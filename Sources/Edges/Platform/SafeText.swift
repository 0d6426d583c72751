/// Foreign text made fit to be shown.
enum SafeText {
    /// Printable, on one line, at most `limit` characters, and without any of `secrets` should the other side repeat
    /// one.
    static func clean(_ text: some StringProtocol, limit: Int = 200, hiding secrets: [String] = []) -> String {
        var shown = ""
        var wasBlank = true
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                if !wasBlank { shown.unicodeScalars.append(" ") }
                wasBlank = true
            } else if isPrintable(scalar) {
                shown.unicodeScalars.append(scalar)
                wasBlank = false
            }
        }
        // Before cutting: half a secret at the end would no longer be recognised.
        for secret in secrets where secret.utf8.count >= 4 {
            shown = shown.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "<redacted>")
        }
        if shown.last == " " { shown.removeLast() }
        return shown.count > limit ? shown.prefix(limit) + "…" : shown
    }

    /// Control and format characters (direction marks among them) can make a terminal or a page show something else.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
