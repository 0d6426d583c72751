/// A source of chance that is the same on every machine for the same seed: SplitMix64 (Steele, Lea and Flood, 2014).
package struct Seed: RandomNumberGenerator, Equatable, Sendable {
    private var state: UInt64

    package init(_ number: UInt64) { state = number }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    /// A number from 0 up to, not including, `limit`. The bias of the remainder is below one in 2^40 here.
    package mutating func below(_ limit: Int) -> Int { limit < 1 ? 0 : Int(next() % UInt64(limit)) }

    package mutating func chance(percent: Int) -> Bool { below(100) < percent }

    package mutating func pick<Element>(_ choices: [Element]) -> Element? {
        choices.isEmpty ? nil : choices[below(choices.count)]
    }

    /// Lower-case hexadecimal digits, as in ids and keys.
    package mutating func hex(_ digits: Int) -> String {
        let alphabet = Array("0123456789abcdef")
        return String((0..<digits).map { _ in alphabet[below(16)] })
    }
}
