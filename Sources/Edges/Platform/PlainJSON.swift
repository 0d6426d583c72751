/// Reads JSON of the plainest kind, fast: a large listing is nearly always that.
///
/// It is no lenient reader: whatever is not plain, and whatever is wrong, is nil, and Foundation's decoder then has the word on
/// the whole answer, or on the part of it that its reader gives away. So it decides nothing about odd answers, only how fast the
/// usual ones are read. Plain is printable ASCII without escapes, and nesting of at most 16; a text that is not asked for may
/// hold anything that a text can.
///
/// What it has read to its end is well-formed: it takes less than ``JSONGrammar`` does, and nothing else.
struct PlainJSON {
    private let bytes: [UInt8]
    private var place = 0

    private static let deepest = 16

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A text, a number as it is written, or a value without content.
    enum Value {
        case text(String)
        case number(String)
        case truth(Bool)
        case null
        /// An object, an array, or a text that is not plain: it was passed over.
        case other
    }

    /// Whether nothing but blanks is left.
    mutating func isAtEnd() -> Bool { peek() == nil }

    /// Reads an object; `member` has to read each value. Nil when it is none, or `member` gives nil.
    mutating func object(_ member: (inout PlainJSON, String) -> Void?) -> Void? {
        guard take(123) else { return nil }
        if take(125) { return () }
        repeat {
            guard let key = string(), key.isPlain, take(58), member(&self, text(key)) != nil else { return nil }
        } while take(44)
        return take(125) ? () : nil
    }

    /// Reads an array; `element` has to read each element.
    mutating func array(_ element: (inout PlainJSON) -> Void?) -> Void? {
        guard take(91) else { return nil }
        if take(93) { return () }
        repeat { guard element(&self) != nil else { return nil } } while take(44)
        return take(93) ? () : nil
    }

    /// Reads a value of any kind.
    mutating func value() -> Value? {
        switch peek() {
        case 34: return string().map { $0.isPlain ? .text(text($0)) : .other }
        case 123, 91: return pass().map { .other }
        case 116: return word("true").map { .truth(true) }
        case 102: return word("false").map { .truth(false) }
        case 110: return word("null").map { .null }
        default: return number().map { .number(String(decoding: bytes[$0], as: UTF8.self)) }
        }
    }

    /// Reads over a value of any kind.
    mutating func pass(depth: Int = 0) -> Void? {
        switch peek() {
        case 34: return string().map { _ in }
        case 123:
            guard depth < Self.deepest else { return nil }
            return object { json, _ in json.pass(depth: depth + 1) }
        case 91:
            guard depth < Self.deepest else { return nil }
            return array { json in json.pass(depth: depth + 1) }
        case 116: return word("true")
        case 102: return word("false")
        case 110: return word("null")
        default: return number().map { _ in }
        }
    }

    /// Whether an object is next.
    mutating func isAtObject() -> Bool { peek() == 123 }

    /// What `read` reads, and the bytes of it, for a reader with more patience.
    mutating func part<Part>(_ read: (inout PlainJSON) -> Part?) -> (read: Part, bytes: ArraySlice<UInt8>)? {
        let start = place
        guard let part = read(&self) else { return nil }
        return (part, bytes[start..<place])
    }

    // MARK: Bytes

    /// The next byte that is no blank.
    private mutating func peek() -> UInt8? {
        while place < bytes.count {
            let byte = bytes[place]
            if byte != 32 && byte != 10 && byte != 13 && byte != 9 { return byte }
            place += 1
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        place += 1
        return true
    }

    private mutating func word(_ text: StaticString) -> Void? {
        let end = place + text.utf8CodeUnitCount
        guard end <= bytes.count, bytes[place..<end].elementsEqual(text.description.utf8) else { return nil }
        place = end
        return ()
    }

    /// A text without its quotes; `isPlain` when it stands there as it is meant.
    private typealias Quoted = (range: Range<Int>, isPlain: Bool)

    private func text(_ quoted: Quoted) -> String { String(decoding: bytes[quoted.range], as: UTF8.self) }

    private mutating func string() -> Quoted? {
        guard take(34) else { return nil }
        let start = place
        var isPlain = true
        var isASCII = true
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 34 {
                let range = start..<place
                place += 1
                // The text ends where it is cut, so what is broken in the whole is broken in a part.
                guard isASCII || String(validating: bytes[range], as: UTF8.self) != nil else { return nil }
                return (range, isPlain)
            }
            if byte == 92 {
                guard escape() != nil else { return nil }
                isPlain = false
            } else {
                guard byte >= 32 else { return nil }
                if byte >= 127 {
                    isPlain = false
                    isASCII = isASCII && byte == 127
                }
                place += 1
            }
        }
        return nil
    }

    /// Not of half a character: what two of them make is not decided here.
    private mutating func escape() -> Void? {
        guard place + 1 < bytes.count else { return nil }
        let kind = bytes[place + 1]
        guard kind == UInt8(ascii: "u") else {
            guard "\"\\/bfnrt".utf8.contains(kind) else { return nil }
            place += 2
            return ()
        }
        guard place + 6 <= bytes.count else { return nil }
        let digits = bytes[place + 2..<place + 6]
        guard digits.allSatisfy({ $0 &- 48 < 10 || ($0 | 32) &- 97 < 6 }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16), unit & 0xf800 != 0xd800
        else { return nil }
        place += 6
        return ()
    }

    /// By JSON's grammar: no leading zero, no sign "+", a digit on each side of the point.
    private mutating func number() -> Range<Int>? {
        let start = place
        if place < bytes.count, bytes[place] == 45 { place += 1 }
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[place - whole] != 48 else { return nil }
        if place < bytes.count, bytes[place] == 46 {
            place += 1
            guard digits() > 0 else { return nil }
        }
        if place < bytes.count, bytes[place] | 32 == 101 {
            place += 1
            if place < bytes.count, bytes[place] == 43 || bytes[place] == 45 { place += 1 }
            guard digits() > 0 else { return nil }
        }
        return start..<place
    }

    private mutating func digits() -> Int {
        let start = place
        while place < bytes.count, bytes[place] &- 48 < 10 { place += 1 }
        return place - start
    }
}
