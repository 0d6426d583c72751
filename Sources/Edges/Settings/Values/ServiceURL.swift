/// The base address of an HTTP service: no secret, no query, no trailing slash.
package struct ServiceURL: Hashable, Sendable {
    package let scheme: String
    package let host: String
    /// As written, or the scheme's own.
    package let port: Int
    /// Empty, or `/…` without a slash at its end.
    package let path: String

    /// `https://pve1.example.net:8006`: what a request's path is appended to.
    package var text: String { "\(scheme)://\(host):\(port)\(path)" }
}

extension ServiceURL: CustomStringConvertible {
    package var description: String { text }
}

/// `scheme://user@host:port/path?query`, taken apart. Texts are not decoded.
struct URLParts {
    var scheme: String
    var user: String?
    var hasPassword: Bool
    /// With the brackets of an IPv6 address; empty when there is none.
    var host: String
    var port: String?
    var path: String
    var query: String?
    var hasFragment: Bool

    init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        var rest = text[colon.upperBound...]
        hasFragment = rest.contains("#")
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        path = String(rest[slash...])
        var authority = rest[..<slash]
        hasPassword = false
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at]
            hasPassword = login.contains(":")
            user = String(login.prefix { $0 != ":" })
            authority = authority[authority.index(after: at)...]
        }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let after = authority.index(after: end)
            host = String(authority[..<after])
            authority = authority[after...]
            guard authority.isEmpty || authority.hasPrefix(":") else { return nil }
            port = authority.isEmpty ? nil : String(authority.dropFirst())
        } else {
            let pieces = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(pieces.first ?? "")
            port = pieces.count == 2 ? String(pieces[1]) : nil
        }
    }

    /// A DNS name, an IPv4 address or a bracketed IPv6 address.
    var hostIsValid: Bool {
        if host.hasPrefix("[") {
            let inner = host.dropFirst().dropLast()
            return inner.contains(":") && inner.utf8.allSatisfy { $0 == 58 || $0 == 46 || $0.isHexDigit }
        }
        let allowed = host.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || [45, 46, 95].contains($0)
        }
        return !host.isEmpty && host.utf8.count <= 253 && allowed && !host.hasPrefix(".") && !host.contains("..")
    }

    static func port(_ text: String) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(text), (1...65535).contains(port)
        else { return nil }
        return port
    }
}

extension UInt8 {
    var isHexDigit: Bool { (48...57).contains(self) || (97...102).contains(self) || (65...70).contains(self) }
}

extension Field {
    /// `http://` or `https://` with a host, and nothing secret in it. A refused address is not shown: it may hold a
    /// password.
    func serviceURL() -> ServiceURL? {
        guard let text = token("an address such as https://host:port", limit: 512) else { return nil }
        guard let parts = URLParts(text), !parts.scheme.isEmpty else {
            problem("is not an address; write it as https://host:port")
            return nil
        }
        guard ["http", "https"].contains(parts.scheme) else {
            problem("begins with `\(shown(parts.scheme))://`; only http:// and https:// are spoken here")
            return nil
        }
        guard parts.user == nil else {
            problem("holds a user or password; remove it: secrets are given as { file: … }")
            return nil
        }
        guard parts.query == nil, !parts.hasFragment else {
            problem("holds `?` or `#`; give the address alone")
            return nil
        }
        guard parts.hostIsValid else {
            problem("has no valid host name or address; write it as \(parts.scheme)://host:port")
            return nil
        }
        guard let port = parts.port.map(URLParts.port) ?? (parts.scheme == "https" ? 443 : 80) else {
            problem("has a port that is not a number from 1 to 65535")
            return nil
        }
        var path = parts.path
        while path.hasSuffix("/") { path.removeLast() }
        return ServiceURL(scheme: parts.scheme, host: parts.host.lowercased(), port: port, path: path)
    }
}
