import Foundation

/// Scalars as foreign services write them: a number may be a string or `5.0`, a truth value 0, 1, "0", "1", true or
/// false.
///
/// Each function tries the usual form first: a failed attempt of Foundation's decoder costs far more than a good one.
extension KeyedDecodingContainer {
    /// Nil when the key is missing, null, or no whole number.
    func lenientInt(_ key: Key) -> Int? {
        guard contains(key) else { return nil }
        if case .success(let number) = attempt({ try decode(Int.self, forKey: key) }) { return number }
        if case .success(let text) = attempt({ try decode(String.self, forKey: key) }) { return Lenient.int(text) }
        if case .success(let number) = attempt({ try decode(Double.self, forKey: key) }) { return Int(exactly: number) }
        return nil
    }

    /// Nil when the key is missing, null, or no finite number.
    func lenientDouble(_ key: Key) -> Double? {
        guard contains(key) else { return nil }
        if case .success(let number) = attempt({ try decode(Double.self, forKey: key) }) { return number }
        guard case .success(let text) = attempt({ try decode(String.self, forKey: key) }),
            let number = Double(text), number.isFinite
        else { return nil }
        return number
    }

    /// Nil when the key is missing, null, or neither true nor false.
    func lenientBool(_ key: Key) -> Bool? {
        guard contains(key) else { return nil }
        if case .success(let flag) = attempt({ try decode(LenientBool.self, forKey: key) }) { return flag.value }
        return nil
    }

    /// Nil when the key is missing, null, no text, or empty. A number is taken as its digits.
    func lenientText(_ key: Key) -> String? {
        guard contains(key) else { return nil }
        if case .success(let text) = attempt({ try decode(String.self, forKey: key) }) {
            return text.isEmpty ? nil : text
        }
        if case .success(let number) = attempt({ try decode(Int.self, forKey: key) }) { return String(number) }
        return nil
    }

    /// Text as it stands, the empty one too; nil when it is missing, null or anything else.
    func text(_ key: Key) -> String? {
        if case .success(let text) = attempt({ try decode(String.self, forKey: key) }) { text } else { nil }
    }

    func isNull(_ key: Key) -> Bool {
        if case .success(true) = attempt({ try decodeNil(forKey: key) }) { true } else { false }
    }

    /// A missing key and one of another type are the same here: not understood.
    private func attempt<Value>(_ body: () throws -> Value) -> Result<Value, any Error> { Result(catching: body) }
}

enum Lenient {
    /// `5`, `5.0` and `-5`; no blanks, no sign "+".
    static func int(_ text: String) -> Int? {
        guard let first = text.utf8.first, first != 43 else { return nil }
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }
}

/// A truth value in any of its spellings.
struct LenientBool: Decodable {
    let value: Bool?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let forms: [() throws -> Bool?] = [
            { try LenientBool.read(container.decode(Double.self)) },
            { try container.decode(Bool.self) },
            { try LenientBool.read(container.decode(String.self)) },
        ]
        for form in forms {
            if case .success(let value) = Result(catching: form) {
                self.value = value
                return
            }
        }
        value = nil
    }

    private static func read(_ number: Double) -> Bool? {
        switch number {
        case 0: false
        case 1: true
        default: nil
        }
    }

    private static func read(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "0", "false", "no", "off": false
        case "1", "true", "yes", "on": true
        default: nil
        }
    }
}

/// The `[]` that Perl writes for an empty map.
struct EmptyArray: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.unkeyedContainer()
        guard container.isAtEnd else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "an array with content where a map belongs"))
        }
    }
}
