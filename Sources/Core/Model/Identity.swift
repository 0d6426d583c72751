/// Proxmox's number for a guest: an address, not an identity. Freed numbers are handed out again at once.
package struct VMID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int32

    /// What Proxmox accepts: 100 to 999,999,999.
    package static let range: ClosedRange<Int> = 100...999_999_999

    package init?(_ number: Int) {
        guard VMID.range.contains(number) else { return nil }
        self.number = Int32(number)
    }

    package init?(_ text: some StringProtocol) {
        let text = String(text).utf8
        self.init(utf8: text.span)
    }

    package init?(utf8 text: Swift.Span<UInt8>) {
        // A sign, a space or a leading zero is not how anything writes a VMID.
        guard (1...9).contains(text.count), text[0] != 48 else { return nil }
        var number = 0
        for place in text.indices {
            let digit = text[place] &- 48
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        self.init(number)
    }

    package static func < (a: VMID, b: VMID) -> Bool { a.number < b.number }
    package var description: String { String(number) }
}

/// The platform's own identity of an instance: a UUID that is never used again.
package struct ExternalID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 36-character form in either case.
    package init?(_ text: some StringProtocol) {
        let text = String(text).utf8
        self.init(utf8: text.span)
    }

    package init?(utf8 text: Swift.Span<UInt8>) {
        guard text.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var strangers = 0
        for place in text.indices {
            let byte = text[place]
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard byte == 45 else { return nil }
                continue
            }
            // Without a branch: whether the next digit is a letter cannot be foretold.
            let isDigit = byte &- 48 < 10 ? 1 : 0
            let isLetter = (byte | 32) &- 97 < 6 ? 1 : 0
            strangers += 1 - (isDigit | isLetter)
            let digit = UInt64(byte & 15 &+ (byte >> 6) &* 9)
            // The third dash stands after the first sixteen digits.
            if place < 18 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
        }
        guard strangers == 0 else { return nil }
        (high, low) = words
    }

    package static func < (a: ExternalID, b: ExternalID) -> Bool { (a.high, a.low) < (b.high, b.low) }

    package var description: String {
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.utf8.count) + text
        }
        return hex(high >> 32, 8) + "-" + hex(high >> 16 & 0xffff, 4) + "-" + hex(high & 0xffff, 4) + "-"
            + hex(low >> 48, 4) + "-" + hex(low & 0xffff_ffff_ffff, 12)
    }
}

/// What one row of desired state is about. A redefined view may yield two rows with one VMID, so both parts count.
package struct InstanceKey: Hashable, Comparable, Sendable {
    package let vmid: VMID
    package let externalID: ExternalID

    package init(vmid: VMID, externalID: ExternalID) {
        self.vmid = vmid
        self.externalID = externalID
    }

    package static func < (a: InstanceKey, b: InstanceKey) -> Bool {
        (a.vmid, a.externalID) < (b.vmid, b.externalID)
    }
}
