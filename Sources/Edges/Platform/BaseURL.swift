/// A configured base address: `https://pve1.example.net:8006/`, `https://api.example.net/client/v4`.
struct BaseURL: Equatable, Sendable {
    /// Scheme, host and port, in lower case: what a message may show and a second look is sent to.
    let origin: String
    /// Empty, or with a leading and without a trailing slash.
    let path: String

    init?(_ text: String) {
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard !authority.isEmpty, !authority.hasPrefix(":"),
            rest.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            !rest.contains(where: { "?#@\\".contains($0) })
        else { return nil }
        origin = scheme + authority.lowercased()
        var path = rest.dropFirst(authority.count)
        while path.hasSuffix("/") { path.removeLast() }
        self.path = String(path)
    }
}
