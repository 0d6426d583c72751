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
        await attempt { call throws(TechnitiumFault) in
            var reading: TechnitiumReading?
            for _ in 0..<3 {
                let startedAt = now()
                let envelope: TechnitiumEnvelope<TechnitiumListing> = try await call.read(
                    "/zones/records/get", [("domain", zone), ("zone", zone), ("listZone", "true")])
                guard let listing = envelope.response else {
                    throw TechnitiumFault(.malformed, "the answer lacks the zone or its records")
                }
                let latest = listing.reading(endpoint: call.base.origin, at: startedAt)
                reading = latest
                if !latest.isTorn { break }
            }
            guard let reading else { throw TechnitiumFault(.notRead, "nothing was asked") }
            return reading
        }
    }

    /// Whom the token belongs to and what the server is; needs no permission.
    package func session() async -> Result<TechnitiumSession, ReadFailure> {
        await attempt { call throws(TechnitiumFault) in
            let envelope: TechnitiumEnvelope<TechnitiumNothing> = try await call.read("/user/session/get", [])
            guard let session = envelope.session else {
                throw TechnitiumFault(.malformed, "the answer does not name the server's version")
            }
            return session
        }
    }

    private func attempt<Value>(
        _ body: (TechnitiumCall) async throws(TechnitiumFault) -> Value
    ) async -> Result<Value, ReadFailure> {
        let call: TechnitiumCall
        do throws(TechnitiumFault) {
            call = try TechnitiumCall(url: url, token: token, timeout: timeout, client: client)
        } catch {
            return failure(error.code, error.said)
        }
        do throws(TechnitiumFault) {
            return .success(try await body(call))
        } catch {
            return failure(error.code, "internal zone \(zone): \(error.said)")
        }
    }

    private func failure<Value>(_ code: Unknown, _ detail: String) -> Result<Value, ReadFailure> {
        .failure(ReadFailure(code, detail, at: now()))
    }
}
