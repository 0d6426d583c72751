/// Writes HTML in which every text is escaped: markup comes from string literals of this program, never from a value.
package struct HTMLWriter {
    package private(set) var text = ""

    package init() {}

    /// Markup as the program has it. Only a literal fits: what was read from outside cannot become markup.
    package mutating func raw(_ markup: StaticString) { text += markup.description }

    /// Text from wherever, made harmless for a reader and for HTML, in an element as well as in a quoted attribute.
    package mutating func escaped(_ value: String, limit: Int = 600) {
        for scalar in Foreign.text(value, limit: limit).unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    package mutating func number(_ value: some BinaryInteger) { text += value.description }

    /// One element with text in it.
    package mutating func element(_ open: StaticString, _ value: String, _ close: StaticString) {
        raw(open)
        escaped(value)
        raw(close)
    }
}
