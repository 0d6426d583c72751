package import Core
package import Curl

/// Reads a whole zone from Cloudflare's API v4.
package struct CloudflareObserver: Sendable {
    /// What one reading cost and gave. 1,200 requests in 5 minutes are allowed for all tokens of a user together.
    package struct Look: Sendable {
        package var result: Result<ZoneReading, ReadFailure>
        package var requests: Int
    }

    private let url: String
    private let zoneID: String
    private let zone: String
    private let token: Secret<String>
    private let timeout: Span
    private let client: HTTPClient
    private let now: Now
    private let allowance: CallAllowance?

    /// - Parameters:
    ///   - url: with its path: `https://api.cloudflare.com/client/v4`.
    ///   - zone: the zone's name, for messages; whether the records lie in it is judged with the reading.
    ///   - timeout: for one whole reading, retries included.
    ///   - allowance: what a daemon keeps to; nil for one that looks once.
    package init(
        url: String, zoneID: String, zone: String, token: Secret<String>, timeout: Span, client: HTTPClient,
        allowance: CallAllowance? = nil, now: @escaping Now
    ) {
        self.allowance = allowance
        self.url = url
        self.zoneID = zoneID
        self.zone = DNSName.canonical(zone)
        self.token = token
        self.timeout = timeout
        self.client = client
        self.now = now
    }

    package func read() async -> Result<ZoneReading, ReadFailure> { await look().result }

    /// One reading, and how many requests it took.
    ///
    /// A zone that changes while its pages are read is listed again, three times at most. The last listing is
    /// returned even then: its pages show the contradiction to whoever judges them.
    package func look() async -> Look {
        // A line end in a token file is the usual cause of error 6003.
        let text = token.reveal().trimmingBlanks()
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            return failed(.configuration, "the Cloudflare token is empty or holds a character that no token has", 0)
        }
        guard let base = BaseURL(url) else {
            return failed(.configuration, "dns.public.url is not http(s)://HOST/PATH", 0)
        }
        guard (1...64).contains(zoneID.utf8.count), zoneID.contains(where: { $0 != "." }),
            zoneID.utf8.allSatisfy({ CloudflareObserver.isIdentifierByte($0) })
        else { return failed(.configuration, "dns.public.zone_id is not an identifier", 0) }

        var listing = CloudflareListing(
            base: base, zoneID: zoneID, token: Secret(text),
            deadline: ContinuousClock.now + .microseconds(timeout.microseconds), allowance: allowance, client: client)
        do throws(CloudflareFault) {
            var reading = ZoneReading(endpoint: base.origin, pages: [], startedAt: now())
            for _ in 0..<3 {
                reading.startedAt = now()
                reading.pages = try await listing.pages()
                if CloudflareListing.addsUp(reading.pages) { break }
            }
            return Look(result: .success(reading), requests: listing.requests)
        } catch {
            return failed(error.code, "zone \(zone): \(error.said)", listing.requests)
        }
    }

    private func failed(_ code: Unknown, _ detail: String, _ requests: Int) -> Look {
        Look(result: .failure(ReadFailure(code, detail, at: now())), requests: requests)
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95: true
        default: false
        }
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
