import World

/// Writes values as JSON in any of the forms that mean the same.
struct Wardrobe {
    var dice: Dice

    init(_ seed: UInt64) { dice = Dice(seed) }

    /// A whole number, as a number or as text, with a fraction or without.
    mutating func number(_ value: Int) -> String {
        dice.one(of: ["\(value)", "\(value)", "\(value).0", "\"\(value)\"", "\"\(value).0\"", "\(value)e0"])
    }

    mutating func flag(_ value: Bool) -> String {
        dice.one(of: value ? ["true", "1", "\"1\"", "\"true\"", "1.0"] : ["false", "0", "\"0\"", "\"false\"", "0.0"])
    }

    /// A flag that is false where it is missing or null.
    mutating func optionalFlag(_ value: Bool) -> String? {
        value ? flag(true) : dice.one(of: [nil, "null", flag(false)])
    }

    /// Nothing, in any of its spellings.
    mutating func nothing() -> String? { dice.one(of: [nil, "null", "\"\""]) }

    /// A time to live: it alone is never drift. 1 is "automatic".
    mutating func ttl() -> String? { dice.one(of: [nil, "null", "1", "\"1\"", "60", "\"60\"", "300.0", "86400"]) }

    /// In any case.
    mutating func cased(_ name: String) -> String {
        switch dice.below(4) {
        case 0: return name
        case 1: return name.uppercased()
        default:
            var cased = ""
            for character in name { cased += dice.oneIn(2) ? character.uppercased() : String(character) }
            return cased
        }
    }

    /// A whole DNS name: any case, with or without the dot at its end.
    mutating func dnsName(_ name: String) -> String { cased(name) + (dice.oneIn(2) ? "." : "") }

    /// A short name, or the same with its zone.
    mutating func hostName(_ name: String, zone: String) -> String {
        dice.oneIn(2) ? cased(name) : dnsName("\(name).\(zone)")
    }

    /// As a JSON string; any character may be written by its number.
    mutating func text(_ text: String) -> String {
        var written = "\""
        for scalar in text.unicodeScalars {
            if scalar.value < 32 || dice.oneIn(12) {
                let digits = String(scalar.value, radix: 16, uppercase: dice.oneIn(2))
                written += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            } else {
                written.unicodeScalars.append(scalar)
            }
        }
        return written + "\""
    }

    /// Members in any order, between blanks. Those without a value are left out.
    ///
    /// - Parameter isMap: whether its members are names of things; otherwise there are some that nobody knows.
    mutating func object(_ members: [(name: String, value: String?)], isMap: Bool = false) -> String {
        var written = members.compactMap { member in member.value.map { (member.name, $0) } }
        if !isMap, dice.oneIn(4) {
            written.append(("x_\(dice.below(10))", dice.one(of: ["1", "null", "[{}]", "\"y\""])))
        }
        written.shuffle(using: &dice)
        return "{" + written.map { "\"\($0.0)\":\(blank())\($0.1)" }.joined(separator: ",\(blank())") + "}"
    }

    mutating func list(_ items: [String]) -> String {
        "[" + items.shuffled(using: &dice).joined(separator: ",\(blank())") + "]"
    }

    private mutating func blank() -> String { dice.one(of: ["", "", "", " ", "\n", "\t"]) }
}
