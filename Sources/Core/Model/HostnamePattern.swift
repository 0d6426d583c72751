/// A pattern of `scope.*.hostnames`: literal text, `*` for one or more characters, `{vmid}` and `{game}`.
package struct HostnamePattern: Hashable, Sendable {
    package enum Part: Hashable, Sendable {
        case literal(String)
        case anything
        case vmid
        case game
    }

    package let text: String
    package let parts: [Part]

    /// Nil when the text has an unknown `{field}`, a character no host name can have, or no `{vmid}`: a name without its
    /// VMID cannot be told from a name of somebody else's.
    package init?(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let first = rest.first {
            if first == "*" {
                rest = rest.dropFirst()
                if parts.last != .anything { parts.append(.anything) }
            } else if rest.hasPrefix("{vmid}") {
                rest = rest.dropFirst(6)
                parts.append(.vmid)
            } else if rest.hasPrefix("{game}") {
                rest = rest.dropFirst(6)
                parts.append(.game)
            } else {
                let literal = rest.prefix { $0 != "*" && $0 != "{" }
                guard !literal.isEmpty,
                    literal.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
                else { return nil }
                parts.append(.literal(String(literal)))
                rest = rest.dropFirst(literal.count)
            }
        }
        guard parts.filter({ $0 == .vmid }).count == 1 else { return nil }
        self.text = text
        self.parts = parts
    }

    /// The VMID that `name` carries by this pattern, or nil when it does not match.
    ///
    /// - Parameters:
    ///   - name: a canonical short host name.
    ///   - games: what `{game}` may stand for.
    package func vmid(in name: String, games: some Sequence<String>) -> VMID? {
        var found: VMID?
        return matches(name.utf8[...], parts[...], Array(games), wanted: nil, &found) ? found : nil
    }

    /// Whether it gives this name to a server with this VMID, whatever its game is.
    package func mayGive(_ name: String, to vmid: VMID) -> Bool {
        var found: VMID?
        let parts = parts.map { $0 == .game ? .anything : $0 }
        return matches(name.utf8[...], parts[...], [], wanted: vmid, &found)
    }

    /// - Parameter wanted: the only VMID that will do; nil where any does.
    private func matches(
        _ rest: Substring.UTF8View, _ parts: ArraySlice<Part>, _ games: [String], wanted: VMID?, _ found: inout VMID?
    ) -> Bool {
        guard let part = parts.first else { return rest.isEmpty }
        let following = parts.dropFirst()
        switch part {
        case .literal(let text):
            return rest.starts(with: text.utf8)
                && matches(rest.dropFirst(text.utf8.count), following, games, wanted: wanted, &found)
        case .game:
            return games.contains { game in
                rest.starts(with: game.utf8)
                    && matches(rest.dropFirst(game.utf8.count), following, games, wanted: wanted, &found)
            }
        case .vmid:
            // The longest run of digits: `mc-50011` never carries 5001.
            let digits = rest.prefix { (48...57).contains($0) }
            guard let vmid = VMID(Substring(digits)), wanted == nil || vmid == wanted else { return false }
            found = vmid
            return matches(rest.dropFirst(digits.count), following, games, wanted: wanted, &found)
        case .anything:
            return (1...max(1, rest.count)).contains { length in
                length <= rest.count && matches(rest.dropFirst(length), following, games, wanted: wanted, &found)
            }
        }
    }
}
