/// Where a Redis is and who we are there. There is no default host: whoever forgets to configure one reaches none.
package struct RedisTarget: Hashable, Sendable {
    /// A name or an address.
    package var host: String
    package var port: Int
    package var database: Int
    /// The ACL user; nil is Redis's `default`.
    package var user: String?

    package init(host: String, port: Int, database: Int = 0, user: String? = nil) {
        // An IPv6 address stands in brackets in a URL, and nowhere else.
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.host = isBracketed ? String(host.dropFirst().dropLast()) : host
        self.port = port
        self.database = database
        self.user = user
    }

    /// For a person, without anything that could be secret: `127.0.0.1:6379/0`.
    package var place: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)" }
}
