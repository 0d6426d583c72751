/// Writes JSON with keys in the order in which they are given, two spaces deep, so that equal reports are equal bytes.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var depth = 0
    private var isFirst = true

    package init() {}

    package mutating func object(_ body: (inout JSONWriter) -> Void) { nested(123, 125, body) }
    package mutating func array(_ body: (inout JSONWriter) -> Void) { nested(91, 93, body) }

    package mutating func element(_ body: (inout JSONWriter) -> Void) {
        separate()
        body(&self)
    }

    package mutating func key(_ name: String, _ body: (inout JSONWriter) -> Void) {
        separate()
        quoted(name)
        bytes += [58, 32]
        body(&self)
    }

    package mutating func key(_ name: String, _ value: String?) {
        key(name) { $0.string(value) }
    }

    package mutating func key(_ name: String, _ value: Int?) {
        key(name) { $0.raw(value.map(String.init) ?? "null") }
    }

    package mutating func key(_ name: String, _ value: Bool) {
        key(name) { $0.raw(value ? "true" : "false") }
    }

    package mutating func string(_ value: String?) {
        if let value { quoted(value) } else { raw("null") }
    }

    package mutating func raw(_ text: String) { bytes += text.utf8 }

    private mutating func nested(_ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void) {
        bytes.append(open)
        depth += 1
        isFirst = true
        body(&self)
        depth -= 1
        if !isFirst { newline() }
        isFirst = false
        bytes.append(close)
    }

    private mutating func separate() {
        if !isFirst { bytes.append(44) }
        isFirst = false
        newline()
    }

    private mutating func newline() {
        bytes.append(10)
        bytes += repeatElement(32, count: depth * 2)
    }

    /// Escapes what JSON has to escape, and whatever could change the terminal of somebody who looks at the file.
    private mutating func quoted(_ text: String) {
        bytes.append(34)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes += [92, 34]
            case "\\": bytes += [92, 92]
            case "\n": bytes += [92, 110]
            case "\t": bytes += [92, 116]
            default:
                if Foreign.isDangerous(scalar) {
                    for unit in String(scalar).utf16 {
                        let hex = String(unit, radix: 16)
                        bytes += "\\u".utf8
                        bytes += String(repeating: "0", count: 4 - hex.utf8.count).utf8
                        bytes += hex.utf8
                    }
                } else {
                    bytes += UTF8.encode(scalar).map { Array($0) } ?? []
                }
            }
        }
        bytes.append(34)
    }
}
