/// A JSON document as RFC 8259 has it, read by a parser that shares nothing with the one under proof.
///
/// Objects keep all their members, the repeated ones too.
package indirect enum JSONTree: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONTree
    }

    case null
    case bool(Bool)
    /// As written.
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([Member])

    /// Nil when the bytes are anything else than one well-formed document in UTF-8.
    package init?(_ bytes: [UInt8]) {
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var parser = JSONTreeParser(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...])
        guard let tree = parser.document() else { return nil }
        self = tree
    }
}

extension JSONTree {
    package var array: [JSONTree]? { if case .array(let items) = self { items } else { nil } }
    package var isObject: Bool { if case .object = self { true } else { false } }
    package var isNull: Bool { self == .null }

    /// The value of a member; nil when there is none. Of a repeated one the last.
    package subscript(name: String) -> JSONTree? {
        if case .object(let members) = self { members.last { $0.name == name }?.value } else { nil }
    }

    /// Text, or a number as written.
    package var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        default: nil
        }
    }

    /// In any spelling that a service may use.
    package var number: Double? { text.flatMap { Double($0) } }

    /// 1, "1", true, "true", "yes", "on" and their forms with a fraction.
    package var isTrue: Bool {
        switch self {
        case .bool(let flag): flag
        case .number: number == 1
        case .string(let text): ["1", "true", "yes", "on"].contains(text.lowercased())
        default: false
        }
    }

    /// Whether some object in it repeats a member: RFC 8259 leaves open what that means.
    package var isAmbiguous: Bool {
        switch self {
        case .array(let items): return items.contains(where: \.isAmbiguous)
        case .object(let members):
            return Set(members.map(\.name)).count < members.count || members.contains { $0.value.isAmbiguous }
        default: return false
        }
    }
}

extension [JSONTree] {
    /// The rows whose member `name` has this value, compared as DNS names are.
    func rows(_ name: String, _ value: String) -> [JSONTree] {
        filter { $0[name]?.text.map(plain) == value }
    }
}

/// Lower case and without a trailing dot: written here once more, so that it is not the code under proof.
func plain(_ name: String) -> String {
    var scalars = name.unicodeScalars.map { ("A"..."Z").contains($0) ? Unicode.Scalar($0.value + 32) ?? $0 : $0 }
    if scalars.count > 1, scalars.last == "." { scalars.removeLast() }
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
}
