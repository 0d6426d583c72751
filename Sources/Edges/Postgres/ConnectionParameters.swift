internal import Blocking
internal import Core

/// What libpq is told, so that nothing of it comes from an environment nobody looked at.
enum ConnectionParameters {
    /// A path that no file can have: libpq warns about one that is there and odd, and is silent about one that is not.
    private static let noPasswordFile = "/dev/null/none"

    static func make(
        _ target: PostgresTarget, password: Secret<String>?, within limit: CallLimit
    ) throws(PostgresError) -> [(String, String)] {
        var parameters = [
            ("user", target.user), ("dbname", target.database), ("port", String(target.port)),
            ("application_name", "zlh-controller"), ("client_encoding", "UTF8"), ("passfile", noPasswordFile),
            ("connect_timeout", "0"), ("gssencmode", "disable"), ("target_session_attrs", "any"),
            ("channel_binding", "prefer"), ("sslmode", target.options["sslmode"] ?? "prefer"),
            ("keepalives", "1"), ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            // Bounds a PQcancel to a host that swallows everything, too.
            ("tcp_user_timeout", "15000"),
            // A frozen process must not keep rows locked: its successor has to be able to take over.
            (
                "options",
                "-c search_path=pg_catalog -c timezone=UTC -c datestyle=ISO -c client_min_messages=warning"
                    + " -c idle_in_transaction_session_timeout=30000"
                    // A policy that would hide rows from us is an error then, and no shorter list.
                    + " -c row_security=off"
            ),
        ]
        for (key, value) in target.options.sorted(by: { $0.key < $1.key }) where key != "sslmode" {
            parameters.append((key, value))
        }
        if let password = password?.reveal(), !password.isEmpty { parameters.append(("password", password)) }
        if target.host.hasPrefix("/") {
            parameters.append(("host", target.host))
        } else {
            // libpq would look the name up itself, without a deadline. It tries the addresses in turn, and wants the
            // name, by which a certificate is checked, once for each.
            let addresses = try PostgresError.from { () throws(BlockingError) in
                try HostLookup.addresses(of: target.host, within: limit)
            }
            parameters.append(("hostaddr", addresses.joined(separator: ",")))
            parameters.append(("host", addresses.map { _ in target.host }.joined(separator: ",")))
        }
        // These reach the server as settings of the session, and ours above win or do not care.
        let harmless: Set<String> = ["datestyle", "timezone", "geqo"]
        let given = Set(parameters.map(\.0)).union(harmless)
        guard let overrides = ConnectionHandle.environmentOverrides(notIn: given) else {
            throw PostgresError(
                .configuration, "PGSERVICE or PGSERVICEFILE names a service that cannot be read; unset it")
        }
        guard overrides.isEmpty else {
            throw PostgresError(
                .configuration,
                "the environment would change how the database is reached; unset \(overrides.joined(separator: ", "))")
        }
        return parameters
    }

    /// Judges why no connection came about by what libpq wrote, with its verbose form `FATAL:  28P01: …`.
    static func refusal(
        said: String, wantsPassword: Bool, target: PostgresTarget, password: Secret<String>?
    ) -> PostgresError {
        let sqlstate = sqlstate(in: said)
        var code = sqlstate.map(PostgresError.Code.init(sqlstate:)) ?? (isStrange(said) ? .stranger : .connect)
        if wantsPassword { code = .authentication }
        // Nothing was in use that could be lost.
        if code == .lost { code = .connect }
        return PostgresError(code, "no connection to \(target.place)", cause: said, sqlstate: sqlstate)
    }

    /// Whether libpq could make nothing of the first bytes. In its own words: there is no code for it.
    private static func isStrange(_ said: String) -> Bool {
        said.contains("invalid response to SSL negotiation") || said.contains("expected authentication request")
    }

    /// The five characters after a severity; its word is translated, its two spaces are not.
    static func sqlstate(in text: String) -> String? {
        var rest = text[...]
        while let mark = rest.firstRange(of: ":  ") {
            rest = rest[mark.upperBound...]
            let word = rest.prefix(5)
            let isCode = word.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            if word.utf8.count == 5 && isCode && rest.dropFirst(5).first == ":" { return String(word) }
        }
        return nil
    }

    static func scrubbed(_ text: String, password: Secret<String>?) -> String {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("LOCATION:") }
        let line = lines.map { $0.drop { $0.isWhitespace } }.joined(separator: "; ")
        guard let secret = password?.reveal(), !secret.isEmpty else { return line }
        return line.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "<redacted>")
    }
}
