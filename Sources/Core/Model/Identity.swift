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
        // `Int("+5001")` is 5001: a sign, a space or a leading zero is not how anything writes a VMID.
        guard let first = text.utf8.first, (49...57).contains(first), text.utf8.count <= 9,
            text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text)
        else { return nil }
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
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, byte) in text.utf8.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == 45 else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 97...102: digit = byte - 87
            case 65...70: digit = byte - 55
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
            digits += 1
            guard digits <= 32 else { return nil }
        }
        guard digits == 32 else { return nil }
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
