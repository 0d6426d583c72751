/// Foreign text made safe to stand in a message: one line, no control characters, nothing that turns the writing
/// direction, bounded.
func shown(_ text: some StringProtocol, limit: Int = 60) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < limit else { return result + "…" }
        count += 1
        if scalar.isUnsafeToShow {
            result += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

extension Unicode.Scalar {
    /// Control, format, separator, private or unassigned characters: what a terminal may obey rather than print.
    var isUnsafeToShow: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
        default: false
        }
    }

    /// C0, C1 and DEL.
    var isControl: Bool { properties.generalCategory == .control }
}
