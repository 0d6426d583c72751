package import Core
package import Curl

/// Reads a whole zone from the HTTP API of a Technitium DNS server.
package struct TechnitiumObserver: Sendable {
    private let url: String
    private let zone: String
    private let token: Secret<String>
    private let timeout: Span
    private let client: HTTPClient
    private let now: Now

    /// - Parameters:
    ///   - url: with its path: `http://10.0.0.2:5380/api`.
    ///   - zone: the zone's name; whether the answer is of it is judged with the reading.
    ///   - timeout: for one whole reading, retries included.
    package init(
        url: String, zone: String, token: Secret<String>, timeout: Span, client: HTTPClient, now: @escaping Now
    ) {
        self.url = url
        self.zone = DNSName.canonical(zone)
        self.token = token
        self.timeout = timeout
        self.client = client
        self.now = now
    }

    /// One listing of the zone.
    ///
    /// A zone that changes while it is listed is listed again, three times at most. The last listing is returned even then:
    /// its two serials show the contradiction to whoever judges it.
    package func read() async -> Result<TechnitiumReading, ReadFailure> {
        await attempt { base, call throws(TechnitiumFault) in
            var call = call
            var reading: TechnitiumReading?
            for _ in 0..<3 {
                let startedAt = now()
                let envelope: TechnitiumEnvelope<TechnitiumListing> = try await call.send(
                    "/zones/records/get", [("domain", zone), ("zone", zone), ("listZone", "true")])
                guard let listing = envelope.response else {
                    throw TechnitiumFault(.malformed, "the answer lacks the zone or its records")
                }
                let latest = listing.reading(endpoint: base.origin, at: startedAt)
                reading = latest
                if !latest.isTorn { break }
            }
            guard let reading else { throw TechnitiumFault(.notRead, "nothing was asked") }
            return reading
        }
    }

    /// Whom the token belongs to and what the server is; needs no permission.
    package func session() async -> Result<TechnitiumSession, ReadFailure> {
        await attempt { _, call throws(TechnitiumFault) in
            var call = call
            let envelope: TechnitiumEnvelope<TechnitiumNothing> = try await call.send("/user/session/get", [])
            guard let session = envelope.session else {
                throw TechnitiumFault(.malformed, "the answer does not name the server's version")
            }
            return session
        }
    }

    private func attempt<Value>(
        _ body: (BaseURL, TechnitiumCall) async throws(TechnitiumFault) -> Value
    ) async -> Result<Value, ReadFailure> {
        // A line end in a token file is the usual mistake; the header would carry it.
        let text = token.reveal().trimmingBlanks()
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return failure(.configuration, "the Technitium token is empty or holds a character that no token has")
        }
        guard let base = BaseURL(url) else {
            return failure(.configuration, "dns.internal.url is not http(s)://HOST:PORT/api")
        }
        let call = TechnitiumCall(
            base: base, token: Secret(text), deadline: ContinuousClock.now + .microseconds(timeout.microseconds),
            client: client)
        do throws(TechnitiumFault) {
            return .success(try await body(base, call))
        } catch {
            return failure(error.code, "internal zone \(zone): \(error.said)")
        }
    }

    private func failure<Value>(_ code: Unknown, _ detail: String) -> Result<Value, ReadFailure> {
        .failure(ReadFailure(code, detail, at: now()))
    }
}

extension String {
    fileprivate func trimmingBlanks() -> String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
