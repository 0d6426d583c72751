/// Where a Redis is.
package struct RedisURL: Hashable, Sendable {
    package let host: String
    package let port: Int
    /// The database's number; 0 when none was written.
    package let database: Int
    /// The ACL user; nil is Redis's `default`.
    package let user: String?
}

extension Field {
    /// `redis://[user@]host[:port][/database]`.
    func redisURL() -> RedisURL? {
        guard let text = token("an address such as redis://127.0.0.1:6379/0", limit: 512) else { return nil }
        guard let parts = URLParts(text) else {
            problem("is not an address; write it as redis://host:port/0")
            return nil
        }
        guard parts.scheme != "rediss" else {
            problem("asks for TLS (rediss://), which is not supported; use redis:// over a private network or a tunnel")
            return nil
        }
        guard parts.scheme == "redis" else {
            problem("begins with `\(shown(parts.scheme))://`; write it as redis://host:port/0")
            return nil
        }
        guard !parts.hasPassword else {
            problem("holds a password; remove it and give `password: { file: … }` beside it")
            return nil
        }
        guard parts.query == nil, !parts.hasFragment, parts.hostIsValid else {
            problem("is not an address; write it as redis://host:port/0")
            return nil
        }
        guard let port = parts.port.map(URLParts.port) ?? 6379 else {
            problem("has a port that is not a number from 1 to 65535")
            return nil
        }
        let number = parts.path.dropFirst()
        guard number.isEmpty || number.utf8.count <= 4 && number.utf8.allSatisfy({ (48...57).contains($0) }) else {
            problem("has no number of a database after the host; write it as redis://host:port/0")
            return nil
        }
        return RedisURL(host: parts.host, port: port, database: Int(number) ?? 0, user: parts.user)
    }

    /// `postgres://user@host:port/database?…`, as libpq takes it: several hosts and parameters are libpq's to judge, a
    /// password in it is refused here.
    func postgresURL() -> String? {
        guard let text = token("an address such as postgres://user@127.0.0.1:5432/zlh", limit: 1024) else { return nil }
        guard let parts = URLParts(text), ["postgres", "postgresql"].contains(parts.scheme) else {
            problem("is not an address of PostgreSQL; write it as postgres://user@host:5432/database")
            return nil
        }
        let parameters = (parts.query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" }.lowercased() }
        guard !parts.hasPassword, !parameters.contains(where: { ["password", "sslpassword"].contains($0) }) else {
            problem("holds a password; remove it and give `password: { file: … }` beside it")
            return nil
        }
        guard !parts.hasFragment else {
            problem("holds `#`; write it as postgres://user@host:5432/database")
            return nil
        }
        guard parts.path.utf8.count > 1 || parameters.contains("dbname") else {
            problem("names no database; write it as postgres://user@host:5432/database")
            return nil
        }
        return text
    }
}
