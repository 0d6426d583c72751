/// The answer as it came: redirects are not followed, nothing is unpacked.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// What stands after the code in the status line: foreign text, to be cleaned before it is shown.
    package var reason: String
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(status: Int, reason: String = "", headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
    }
}

/// Header fields in the order of arrival. They are kept as they came and read when somebody looks: most answers are judged
/// by their status and body alone.
package struct HTTPHeaders: Sendable {
    /// Lines of a name, a colon and a value, or of a blank and what is to be added to the value before, a line feed after each.
    private var lines: [UInt8] = []

    package init() {}

    package mutating func append(_ name: String, _ value: String) {
        lines.append(contentsOf: name.utf8)
        lines.append(58)
        lines.append(contentsOf: value.utf8)
        lines.append(10)
    }

    /// Takes one line without its end, as it came.
    mutating func append(line: Slice<UnsafeRawBufferPointer>) {
        unsafe lines.append(contentsOf: line)
        lines.append(10)
    }

    mutating func removeAll() { lines.removeAll(keepingCapacity: true) }

    /// The first field of that name, whatever its case.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    package var fields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for line in lines.split(separator: 10) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix(" ") || text.hasPrefix("\t") {
                // A folded line (RFC 9112 section 5.2).
                if !fields.isEmpty { fields[fields.count - 1].value += " " + trimmed(text[...]) }
            } else if let colon = text.firstIndex(of: ":") {
                fields.append((String(text[..<colon]), trimmed(text[text.index(after: colon)...])))
            }
        }
        return fields
    }

    private func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
