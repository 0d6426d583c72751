import World

/// Spoils an input a little, in the ways in which answers are spoilt and in those that parsers trip over.
package struct Mutator {
    private static let mostBytes = 64 << 10

    private var dice: Dice
    private let corpus: [[UInt8]]

    /// - Parameter corpus: what splices are taken from.
    package init(seed: UInt64, corpus: [[UInt8]] = []) {
        dice = Dice(seed)
        self.corpus = corpus
    }

    package mutating func mutate(_ input: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0..<(1 + dice.below(4)) { step(&bytes) }
        return Array(bytes.prefix(Mutator.mostBytes))
    }

    private mutating func step(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = Array(dice.one(of: Mutator.pieces).utf8)
            return
        }
        let at = dice.below(bytes.count)
        switch dice.below(12) {
        case 0: bytes[at] ^= 1 << UInt8(dice.below(8))
        case 1: bytes[at] = UInt8(dice.below(256))
        case 2: bytes = Array(bytes.prefix(at))
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + dice.below(40)))
        case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + dice.below(60))], at: at)
        case 5: bytes.insert(contentsOf: Array(dice.one(of: Mutator.pieces).utf8), at: at)
        case 6: bytes.insert(contentsOf: dice.one(of: Mutator.rawPieces), at: at)
        case 7: splice(&bytes, at)
        case 8: replaceScalar(&bytes)
        case 9: removeElement(&bytes)
        case 10: doubleElement(&bytes)
        default:
            let unit = Array(dice.one(of: Mutator.nests).utf8)
            let bomb = Array(repeatElement(unit, count: 1 << dice.below(11)).joined())
            bytes.insert(contentsOf: bomb, at: at)
        }
    }

    private mutating func splice(_ bytes: inout [UInt8], _ at: Int) {
        guard !corpus.isEmpty else { return }
        let other = dice.one(of: corpus)
        guard !other.isEmpty else { return }
        let from = dice.below(other.count)
        let part = other[from..<min(other.count, from + 1 + dice.below(200))]
        bytes.replaceSubrange(at..<min(bytes.count, at + dice.below(part.count + 1)), with: part)
    }

    // MARK: With an eye for structure

    /// A number, a word or a text becomes another value.
    private mutating func replaceScalar(_ bytes: inout [UInt8]) {
        let starts = bytes.indices.filter { index in
            Mutator.isWord(bytes[index]) && (index == 0 || !Mutator.isWord(bytes[index - 1]))
        }
        guard !starts.isEmpty else { return }
        let start = dice.one(of: starts)
        var end = start
        while end < bytes.count, Mutator.isWord(bytes[end]) { end += 1 }
        bytes.replaceSubrange(start..<end, with: Array(dice.one(of: Mutator.values).utf8))
    }

    /// One `{…}` or `[…]` goes, with the comma beside it: what is left is often well-formed.
    private mutating func removeElement(_ bytes: inout [UInt8]) {
        guard var range = element(bytes) else { return }
        if range.upperBound < bytes.count, bytes[range.upperBound] == UInt8(ascii: ",") {
            range = range.lowerBound..<range.upperBound + 1
        } else if range.lowerBound > 0, bytes[range.lowerBound - 1] == UInt8(ascii: ",") {
            range = range.lowerBound - 1..<range.upperBound
        }
        bytes.removeSubrange(range)
    }

    private mutating func doubleElement(_ bytes: inout [UInt8]) {
        guard let range = element(bytes) else { return }
        bytes.insert(contentsOf: [UInt8(ascii: ",")] + bytes[range], at: range.upperBound)
    }

    private mutating func element(_ bytes: [UInt8]) -> Range<Int>? {
        let openings = bytes.indices.filter { bytes[$0] == UInt8(ascii: "{") || bytes[$0] == UInt8(ascii: "[") }
        guard !openings.isEmpty else { return nil }
        let start = dice.one(of: openings)
        var depth = 0
        for index in start..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return start..<index + 1 }
            default: break
            }
        }
        return nil
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95, 43: true
        default: false
        }
    }

    private static let nests = ["[", "{", "{\"a\":", "[[", "*1\r\n", "- ", "? ", "a: [", "]", "}", "  "]

    private static let values = [
        "null", "true", "false", "0", "1", "-1", "\"\"", "\"0\"", "\"1\"", "[]", "{}", "1e400", "-0", "01", "1.5",
        "9223372036854775807", "-9223372036854775808", "9200000000000000000",
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e308", "NaN", "5001", "5001.0",
        "5.001e3", "\"5001\"", "~", "yes", "0x10", String(repeating: "9", count: 400),
    ]

    private static let pieces =
        values + [
            "\\ud800", "\\udc00", "\\u0000", "\\", "\"", "\u{FEFF}", "\u{202E}", "/*x*/", "//x\n", ",", ",,", ":", "'",
            "\"data\":[],", "\"data\":null,", "\"servers\":[],", "\"result\":[],", "\"records\":[],",
            "\"success\":true,",
            "\"status\":\"ok\",", "\"vmid\":5002,", "\"type\":\"node\",", "\"total_count\":0,", "&a ", "*a ",
            "<<: *a\n",
            "!!binary ", "--- \n", "...\n", "|\n", ">\n", "\t", "\r\n", "$-1\r\n", "*-1\r\n", ":0\r\n", "*0\r\n",
            "$99999999999\r\n", "*2147483648\r\n", "-ERR x\r\n", "+OK\r\n", "%1\r\n", "_\r\n",
            ":9223372036854775807\r\n", ":9223372036854775808\r\n", ":-9223372036854775808\r\n",
        ]

    private static let rawPieces: [[UInt8]] = [
        [0], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xEF, 0xBB, 0xBF],
        [0xFE, 0xFF], [0xFF, 0xFE], [0, 0, 0xFE, 0xFF], [0x1B, 0x5B], [0x7F], [0x85],
    ]
}
