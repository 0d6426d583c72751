/// One message as a value: what is shown, not how it is sent. It always keeps the limits.
package struct ChatMessage: Equatable, Sendable {
    package struct Field: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    package enum Colour: Int, CaseIterable, Sendable {
        case grey = 0x95A5A6
        case blue = 0x3498DB
        case green = 0x2ECC71
        case orange = 0xE67E22
        case red = 0xE74C3C
    }

    package private(set) var title: String
    package private(set) var description: String
    package private(set) var fields: [Field]
    package private(set) var footer: String
    package var colour: Colour
    /// Whether it may arrive without a sound.
    package var isSilent: Bool

    /// Inclusive, in code points; white space at both ends does not count (wire sheet, section 2).
    package enum Limit {
        package static let title = 256
        package static let description = 4096
        package static let fields = 25
        package static let fieldName = 256
        package static let fieldValue = 1024
        package static let footer = 2048
        /// Of all of it together.
        package static let total = 6000
    }

    /// Cuts what is too long, the lines first and the title last. A field without a name or a value is left out, since it
    /// would cost the whole message.
    package init(
        title: String, lines: [String], fields: [Field] = [], footer: String, colour: Colour, isSilent: Bool = false
    ) {
        self.title = ChatText.cut(title, Limit.title)
        self.footer = ChatText.cut(footer, 512)
        self.colour = colour
        self.isSilent = isSilent
        var left = Limit.total - self.title.unicodeScalars.count - self.footer.unicodeScalars.count
        self.fields = []
        for field in fields.prefix(Limit.fields) {
            let name = ChatText.cut(field.name, Limit.fieldName)
            let value = ChatText.cut(field.value, Limit.fieldValue)
            let length = name.unicodeScalars.count + value.unicodeScalars.count
            guard !ChatText.isBlank(name), !ChatText.isBlank(value), length <= left - Limit.total / 2 else { continue }
            self.fields.append(Field(name, value))
            left -= length
        }
        description = ChatText.lines(lines, limit: min(Limit.description, left))
    }

    package var length: Int {
        let parts = [title, description, footer] + fields.flatMap { [$0.name, $0.value] }
        return parts.reduce(0) { $0 + $1.unicodeScalars.count }
    }

    /// Equal for messages that show the same.
    package var digest: String {
        var hash = SHA256()
        for part in [title, description, footer, String(colour.rawValue)] { hash.update(field: part) }
        for field in fields {
            hash.update(field: field.name)
            hash.update(field: field.value)
        }
        return String(hash.finish().prefix(32))
    }

    /// For a terminal.
    package var asText: String {
        var lines = [title] + description.split(separator: "\n").map { "  " + $0 }
        lines += fields.map { "  \($0.name): \(ChatMessage.told($0.value))" }
        return (lines + ["  (\(footer))"]).joined(separator: "\n")
    }

    /// A time, which Discord shows in each reader's own way, as a terminal has to have it.
    private static func told(_ value: String) -> String {
        let parts = value.split(separator: ":")
        guard parts.count == 3, parts[0] == "<t", let seconds = Int64(parts[1]) else { return value }
        return Timestamp(seconds: seconds).description
    }
}
