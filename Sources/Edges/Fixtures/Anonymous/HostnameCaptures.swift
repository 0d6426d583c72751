import Core

extension HostnamePattern {
    /// A piece of a name, and whether `*` stands for it.
    struct Piece {
        var text: String
        var isFree: Bool
    }

    /// The pieces of a canonical short name, part by part; nil when it does not match.
    func captures(in name: String, games: Set<String>) -> [Piece]? {
        HostnamePattern.captures(Array(name.utf8)[...], parts[...], games.sorted())
    }

    private static func captures(
        _ rest: ArraySlice<UInt8>, _ parts: ArraySlice<Part>, _ games: [String]
    ) -> [Piece]? {
        guard let part = parts.first else { return rest.isEmpty ? [] : nil }
        func piece(_ length: Int, isFree: Bool) -> [Piece]? {
            guard let following = captures(rest.dropFirst(length), parts.dropFirst(), games) else { return nil }
            return [Piece(text: String(decoding: rest.prefix(length), as: UTF8.self), isFree: isFree)] + following
        }
        switch part {
        case .literal(let text): return rest.starts(with: text.utf8) ? piece(text.utf8.count, isFree: false) : nil
        case .vmid: return piece(rest.prefix { (48...57).contains($0) }.count, isFree: false)
        case .game:
            for game in games where rest.starts(with: game.utf8) {
                if let pieces = piece(game.utf8.count, isFree: false) { return pieces }
            }
            return nil
        case .anything:
            for length in stride(from: 1, through: rest.count, by: 1) {
                if let pieces = piece(length, isFree: true) { return pieces }
            }
            return nil
        }
    }
}
