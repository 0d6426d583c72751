import Core

/// Other addresses for addresses: private ones stay private, public ones become addresses that nobody has.
struct Addresses {
    private var noted: Set<String> = []
    private var given: [String: String] = [:]
    private var isSealed = false

    /// Compared without regard to case, as addresses are.
    mutating func callAsFunction(_ text: String) -> String {
        if text.isEmpty { return text }
        let key = DNSName.canonical(text)
        guard isSealed else {
            noted.insert(key)
            return text
        }
        return given[key] ?? "address-0"
    }

    mutating func seal() {
        let originals = noted
        let numbers = noted.compactMap { text in DNSName.ipv4(text).map { (text, $0) } }.sorted { $0.1 < $1.1 }
        // 10.0.0.0/8; and 198.18.0.0/15, for tests of networks (RFC 2544), after which 240.0.0.0/4 is free (RFC 1112).
        deal(numbers.filter { Addresses.isPrivate($0.1) }.map(\.0), originals) { Addresses.text(0x0A00_0000 + $0) }
        deal(numbers.filter { !Addresses.isPrivate($0.1) }.map(\.0), originals) { number in
            Addresses.text(number < 0x2_0000 ? 0xC612_0000 + number : 0xF000_0000 + number)
        }
        let others = noted.filter { DNSName.ipv4($0) == nil }.sorted()
        deal(others.filter { $0.utf8.contains(58) }, originals) { "2001:db8::" + String($0, radix: 16) }
        deal(others.filter { !$0.utf8.contains(58) }, originals) { "address-\($0)" }
        isSealed = true
    }

    private mutating func deal(_ texts: [String], _ originals: Set<String>, _ make: (UInt32) -> String) {
        var number: UInt32 = 0
        for text in texts {
            repeat { number += 1 } while originals.contains(make(number))
            given[text] = make(number)
        }
    }

    private static func isPrivate(_ address: UInt32) -> Bool {
        address >> 24 == 10 || address >> 20 == 0xAC1 || address >> 16 == 0xC0A8
    }

    private static func text(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { String(address >> $0 & 0xFF) }.joined(separator: ".")
    }
}
