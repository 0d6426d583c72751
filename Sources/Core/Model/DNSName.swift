/// Names and addresses in the one form in which equal things compare equal.
package enum DNSName {
    /// Lower case, one trailing dot removed; "." stays.
    package static func canonical(_ name: String) -> String {
        if isCanonical(name) { return name }
        var bytes = name.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        if bytes.count > 1 && bytes.last == 46 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether ``canonical(_:)`` leaves it as it is; says no to a lone "." too.
    package static func isCanonical(_ name: String) -> Bool {
        let utf8 = name.utf8
        let bytes = utf8.span
        for place in bytes.indices where bytes[place] &- 65 < 26 { return false }
        return bytes.isEmpty || bytes[bytes.count - 1] != 46
    }

    /// Whether two names are the same in canonical form.
    package static func areSame(_ a: String, _ b: String) -> Bool { a == b || canonical(a) == canonical(b) }

    /// `name` without `.zone`; nil when it is not below that zone. Both canonical.
    package static func relative(_ name: String, to zone: String) -> String? {
        part(of: name, below: zone).map(String.init)
    }

    /// The same, without a text of its own.
    static func part(of name: String, below zone: String) -> Substring? {
        relativeEnd(name, zone).map { name[..<$0] }
    }

    /// Whether `name` lies below `zone`. Both canonical.
    package static func isBelow(_ name: String, _ zone: String) -> Bool { relativeEnd(name, zone) != nil }

    private static func relativeEnd(_ name: String, _ zone: String) -> String.Index? {
        let (bytes, tail) = (name.utf8, zone.utf8)
        guard bytes.count > tail.count + 1 else { return nil }
        let end = bytes.index(bytes.endIndex, offsetBy: -(tail.count + 1))
        guard bytes[end] == 46, bytes[bytes.index(after: end)...].elementsEqual(tail) else { return nil }
        return end
    }

    /// One label as RFC 1123 wants a host name: letters, digits and inner hyphens, 1 to 63 characters.
    package static func isHostLabel(_ label: some StringProtocol) -> Bool {
        let bytes = Array(label.utf8)
        guard (1...63).contains(bytes.count), bytes.first != 45, bytes.last != 45 else { return false }
        return bytes.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || (65...90).contains($0) || $0 == 45
        }
    }

    /// An IPv4 address as four decimal numbers, or nil. `010.0.0.1` is refused: readers disagree about what it means.
    package static func ipv4(_ text: some StringProtocol) -> UInt32? {
        let text = String(text).utf8
        return ipv4(utf8: text.span)
    }

    package static func ipv4(utf8 text: Swift.Span<UInt8>) -> UInt32? {
        guard (7...15).contains(text.count) else { return nil }
        var value: UInt32 = 0
        var parts = 0
        var part: UInt32 = 0
        var digits = 0
        for place in 0...text.count {
            let byte = place < text.count ? text[place] : 46
            if byte == 46 {
                guard digits > 0, part < 256 else { return nil }
                value = value << 8 | part
                parts += 1
                (part, digits) = (0, 0)
            } else {
                // A zero stands alone.
                guard byte &- 48 < 10, digits < 3, digits == 0 || part > 0 else { return nil }
                part = part * 10 + UInt32(byte - 48)
                digits += 1
            }
        }
        return parts == 4 ? value : nil
    }
}

/// The short name of a server: one label, compared without regard to case.
package enum HostName {
    /// The label that `name` stands for, when it is short or carries the zone.
    package static func canonical(_ name: String, zone: String?) -> String {
        let name = DNSName.canonical(name)
        guard let zone, let short = DNSName.relative(name, to: zone) else { return name }
        return short
    }
}
