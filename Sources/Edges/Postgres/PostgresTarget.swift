/// Where the database is and who we are there: the `postgres.url` of the configuration, and nothing else.
package struct PostgresTarget: Equatable, Sendable {
    package var user: String
    package var database: String
    /// A name, an address, or the absolute path of a folder with a Unix socket.
    package var host: String
    package var port: Int
    /// What the query of the URL sets besides `host`: TLS, by libpq's own names.
    package var options: [String: String]

    private static let knownOptions: Set<String> = ["sslmode", "sslrootcert", "sslcert", "sslkey"]

    /// Reads `postgres://user@host:port/database`, with `?host=/folder` for a Unix socket.
    ///
    /// - Throws: `.configuration`; the message quotes nothing of the URL, which may hold a password by mistake.
    package init(url: String) throws(PostgresError) {
        func refuse(_ why: String) -> PostgresError { PostgresError(.configuration, "postgres.url: \(why)") }
        guard let scheme = ["postgres://", "postgresql://"].first(where: url.hasPrefix) else {
            throw refuse("has to begin with postgres://")
        }
        let rest = url.dropFirst(scheme.count)
        let (location, query) = PostgresTarget.cut(rest, at: "?")
        let (authority, path) = PostgresTarget.cut(location, at: "/")
        guard let at = authority.lastIndex(of: "@"), let user = PostgresTarget.unescaped(authority[..<at]),
            !user.isEmpty
        else { throw refuse("names no user; write postgres://USER@host/database") }
        if authority[..<at].contains(":") {
            throw refuse("holds a password; move it to postgres.password, which is never shown")
        }
        guard let path, let database = PostgresTarget.unescaped(path), !database.isEmpty, !database.contains("/") else {
            throw refuse("names no database; write postgres://user@host/DATABASE")
        }
        var (host, port) = try PostgresTarget.hostAndPort(authority[authority.index(after: at)...])
        var options: [String: String] = [:]
        for pair in (query ?? "").split(separator: "&") {
            let (key, raw) = PostgresTarget.cut(pair, at: "=")
            guard let raw, let value = PostgresTarget.unescaped(raw), !value.isEmpty else {
                throw refuse("has an option without a value")
            }
            switch key {
            case "host": host = value
            case "port":
                guard let number = Int(value) else { throw refuse("has a port that is no number") }
                port = number
            case let key where PostgresTarget.knownOptions.contains(String(key)): options[String(key)] = value
            default:
                throw refuse("has an unknown option; known are host, port, sslcert, sslkey, sslmode, sslrootcert")
            }
        }
        guard !host.isEmpty else { throw refuse("names no host") }
        guard (1...65_535).contains(port) else { throw refuse("has a port outside 1 to 65535") }
        self.user = user
        self.database = database
        self.host = host
        self.port = port
        self.options = options
    }

    /// For a person, without anything that could be secret: `zlh_run@127.0.0.1:5432/zlh`.
    package var place: String { "\(user)@\(host):\(port)/\(database)" }

    private static func cut<S: StringProtocol>(_ text: S, at mark: Character) -> (Substring, Substring?)
    where S.SubSequence == Substring {
        guard let place = text.firstIndex(of: mark) else { return (text[...], nil) }
        return (text[..<place], text[text.index(after: place)...])
    }

    private static func hostAndPort(_ text: Substring) throws(PostgresError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw PostgresError(.configuration, "postgres.url: has an address without its closing bracket")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.first == ":" else {
                throw PostgresError(.configuration, "postgres.url: has something after the closing bracket")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            (host, port) = cut(text, at: ":")
        }
        guard let name = unescaped(host), let number = port.map({ Int($0) }) ?? 5432 else {
            throw PostgresError(.configuration, "postgres.url: has a host or port that cannot be read")
        }
        return (name, number)
    }

    /// Percent-decoded; nil for a broken escape, a zero byte or bytes that are not UTF-8.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 37 else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }
}
