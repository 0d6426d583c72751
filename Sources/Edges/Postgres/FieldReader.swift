internal import Core

/// Reads the fields of one row by the order of a query's columns, and remembers the first that cannot be understood.
///
/// A redefined view may yield anything, so every column arrives as text; a `String` is made only of what stays one.
struct FieldReader: ~Copyable {
    private let row: PostgresResult
    private(set) var why: String?

    /// - Parameter row: a result of one row.
    init(_ row: consuming PostgresResult) { self.row = row }

    mutating func fail(_ column: String, _ what: String) { why = why ?? "\(column): \(what)" }

    func optional(_ index: Int) -> String? { row.text(0, index) }

    func isNull(_ index: Int) -> Bool { row.read(0, index) { _ in } == nil }

    mutating func required(_ index: Int, _ column: String) -> String {
        guard let text = optional(index) else {
            fail(column, "null")
            return ""
        }
        if text.isEmpty { fail(column, "empty") }
        return text
    }

    mutating func vmid(_ index: Int) -> VMID? {
        typed(index, "vmid", "no number from 100 to 999999999") { VMID(utf8: $0) }
    }

    mutating func externalID(_ index: Int) -> ExternalID? {
        typed(index, "external_id", "no UUID") { ExternalID(utf8: $0) }
    }

    mutating func word<Word: RawRepresentable<String>>(_ index: Int, _ column: String) -> Word? {
        guard let text = optional(index) else {
            fail(column, "null")
            return nil
        }
        let word = Word(rawValue: text)
        if word == nil { fail(column, "a word that is not known") }
        return word
    }

    mutating func integer(_ index: Int, _ column: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = optional(index) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            fail(column, "no number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    mutating func time(_ index: Int, _ column: String) -> Timestamp? {
        typed(index, column, "no finite time with an offset") { Timestamp(rfc3339: $0) }
    }

    mutating func requiredTime(_ index: Int, _ column: String) -> Timestamp {
        if isNull(index) { fail(column, "null") }
        return time(index, column) ?? Timestamp(microseconds: 0)
    }

    /// An address without the length of its prefix.
    mutating func address(_ index: Int, _ column: String) -> String? {
        let isPlain = row.read(0, index) { DNSName.ipv4(utf8: $0) != nil }
        guard let isPlain, let text = optional(index) else { return nil }
        if isPlain { return text }
        let address = text.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(text[..<$0]) } ?? text
        guard DNSName.ipv4(address) != nil || IPv6.isAddress(address) else {
            fail(column, "no address")
            return nil
        }
        return address
    }

    /// Nil for a null, and for what `read` does not understand, which is remembered.
    private mutating func typed<Value>(
        _ index: Int, _ column: String, _ what: String, _ read: (Swift.Span<UInt8>) -> Value?
    ) -> Value? {
        guard let value = row.read(0, index, read) else { return nil }
        if value == nil { fail(column, what) }
        return value
    }
}
