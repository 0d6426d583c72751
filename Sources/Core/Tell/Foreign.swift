/// Text from outside, made harmless: it may not move a cursor, change a colour, turn the reading direction or break a line.
package enum Foreign {
    /// For a terminal, a log or a message: control and formatting characters become `\u{…}`, long text is cut.
    package static func text(_ text: String, limit: Int = 240) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return result + "…" }
            count += 1
            if isDangerous(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    package static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
