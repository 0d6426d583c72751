/// Reads JSON of the plainest kind, fast: a large listing is nearly always that.
///
/// It is no lenient reader: whatever is not plain, and whatever is wrong, is nil, and Foundation's decoder then has the word on
/// the whole answer. So it decides nothing about odd answers, only how fast the usual ones are read. Plain is printable ASCII
/// without escapes, or with simple ones where the text is not asked for, and nesting of at most 16.
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
        /// An object, an array, or a text with escapes: it was passed over.
        case other
    }

    /// Whether nothing but blanks is left.
    mutating func isAtEnd() -> Bool { peek() == nil }

    /// Reads an object; `member` has to read each value. Nil when it is none, or `member` gives nil.
    mutating func object(_ member: (inout PlainJSON, String) -> Void?) -> Void? {
        guard take(123) else { return nil }
        if take(125) { return () }
        repeat {
            guard case .text(let key)? = string(), take(58), member(&self, key) != nil else { return nil }
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
    mutating func value(depth: Int = 0) -> Value? {
        switch peek() {
        case 34: return string()
        case 123:
            guard depth < Self.deepest else { return nil }
            return object { json, _ in json.value(depth: depth + 1).map { _ in } }.map { .other }
        case 91:
            guard depth < Self.deepest else { return nil }
            return array { json in json.value(depth: depth + 1).map { _ in } }.map { .other }
        case 116: return word("true").map { .truth(true) }
        case 102: return word("false").map { .truth(false) }
        case 110: return word("null").map { .null }
        default: return number()
        }
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

    private mutating func string() -> Value? {
        guard take(34) else { return nil }
        let start = place
        var isPlain = true
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 34 {
                place += 1
                return isPlain ? .text(String(decoding: bytes[start..<place - 1], as: UTF8.self)) : .other
            }
            if byte == 92 {
                // Not \u: whether its digits make a character is not decided here.
                guard place + 1 < bytes.count, "\"\\/bfnrt".utf8.contains(bytes[place + 1]) else { return nil }
                isPlain = false
                place += 2
            } else {
                guard byte >= 32 && byte < 127 else { return nil }
                place += 1
            }
        }
        return nil
    }

    /// By JSON's grammar: no leading zero, no sign "+", a digit on each side of the point.
    private mutating func number() -> Value? {
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
        return .number(String(decoding: bytes[start..<place], as: UTF8.self))
    }

    private mutating func digits() -> Int {
        let start = place
        while place < bytes.count, bytes[place] &- 48 < 10 { place += 1 }
        return place - start
    }
}
