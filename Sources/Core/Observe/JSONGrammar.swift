/// Whether bytes are one whole document by the grammar of RFC 8259, in UTF-8.
///
/// Foundation's decoder looks only at what it is asked for, and takes a comma before a bracket, a number like 01, a control
/// character or a broken character elsewhere for nothing wrong. An answer that was spoilt on its way is not evidence, wherever
/// in it the spoilt part lies.
package struct JSONGrammar {
    /// As deep as Foundation's decoder goes.
    package static let deepest = 512

    private let bytes: [UInt8]
    private var at = 0

    package static func accepts(_ bytes: [UInt8]) -> Bool {
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        var scanner = JSONGrammar(bytes: bytes)
        return scanner.document()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        // A byte order mark may be ignored (section 8.1).
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    private enum Container { case object, array }

    /// Keeps its own stack: what is nested deep must not use up that of the process.
    private mutating func document() -> Bool {
        var open: [Container] = []
        while true {
            // A value begins here.
            skipBlanks()
            guard at < bytes.count else { return false }
            switch bytes[at] {
            case UInt8(ascii: "{"):
                at += 1
                guard open.count < JSONGrammar.deepest else { return false }
                skipBlanks()
                if !take(UInt8(ascii: "}")) {
                    open.append(.object)
                    guard name() else { return false }
                    continue
                }
            case UInt8(ascii: "["):
                at += 1
                guard open.count < JSONGrammar.deepest else { return false }
                skipBlanks()
                if !take(UInt8(ascii: "]")) {
                    open.append(.array)
                    continue
                }
            default: guard scalar() else { return false }
            }
            // A value ended here.
            while true {
                skipBlanks()
                guard let container = open.last else { return at == bytes.count }
                if take(UInt8(ascii: ",")) {
                    if container == .object, !name() { return false }
                    break
                }
                guard take(container == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
                open.removeLast()
            }
        }
    }

    /// The name of a member, with its colon.
    private mutating func name() -> Bool {
        skipBlanks()
        guard string() else { return false }
        skipBlanks()
        return take(UInt8(ascii: ":"))
    }

    private mutating func scalar() -> Bool {
        switch bytes[at] {
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "t"): word("true")
        case UInt8(ascii: "f"): word("false")
        case UInt8(ascii: "n"): word("null")
        default: number()
        }
    }

    private mutating func string() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte < 32 { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard at < bytes.count else { return false }
            let escaped = bytes[at]
            at += 1
            switch escaped {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                continue
            case UInt8(ascii: "u"):
                guard bytes.count - at >= 4, bytes[at..<at + 4].allSatisfy(JSONGrammar.isHexDigit) else { return false }
                at += 4
            default: return false
            }
        }
        return false
    }

    private mutating func number() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), !digits() { return false }
        if take(UInt8(ascii: ".")), !digits() { return false }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = at
        while at < bytes.count, (48...57).contains(bytes[at]) { at += 1 }
        return at > start
    }

    private mutating func word(_ word: StaticString) -> Bool {
        for byte in word.description.utf8 where !take(byte) { return false }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] == 32 || bytes[at] == 10 || bytes[at] == 13 || bytes[at] == 9 { at += 1 }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...70, 97...102: true
        default: false
        }
    }
}
