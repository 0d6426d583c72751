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
    private let circuit: CloudflareCircuit
    private let size = ZoneSize()

    /// - Parameters:
    ///   - url: with its path: `https://api.cloudflare.com/client/v4`.
    ///   - zone: the zone's name, for messages; whether the records lie in it is judged with the reading.
    ///   - timeout: for one whole reading, retries included.
    ///   - allowance: what a daemon keeps to; nil for one that looks once.
    ///   - circuit: that of whoever writes to the zone: what one is refused is not asked for by the other.
    package init(
        url: String, zoneID: String, zone: String, token: Secret<String>, timeout: Span, client: HTTPClient,
        allowance: CallAllowance? = nil, circuit: CloudflareCircuit = CloudflareCircuit(), now: @escaping Now
    ) {
        self.circuit = circuit
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
        if let refusal = circuit.obstacle(to: .all) {
            return failed(refusal.code, "zone \(zone): nothing was asked: \(refusal.words)", 0)
        }
        let access: CloudflareAccess
        do throws(CloudflareFault) {
            access = try CloudflareAccess(url: url, zoneID: zoneID, token: token, client: client)
        } catch {
            return failed(error.code, error.said, 0)
        }
        var listing = CloudflareListing(
            access, deadline: ContinuousClock.now + .microseconds(timeout.microseconds), allowance: allowance,
            size: size)
        do throws(CloudflareFault) {
            var reading = ZoneReading(endpoint: access.base.origin, pages: [], startedAt: now())
            for _ in 0..<3 {
                reading.startedAt = now()
                // Not held beside those that are read now.
                reading.pages = []
                reading.pages = try await listing.pages()
                if CloudflareListing.addsUp(reading.pages) { break }
            }
            return Look(result: .success(reading), requests: listing.requests)
        } catch {
            circuit.note(error)
            return failed(error.code, "zone \(zone): \(error.said)", listing.requests)
        }
    }

    private func failed(_ code: Unknown, _ detail: String, _ requests: Int) -> Look {
        Look(result: .failure(ReadFailure(code, detail, at: now())), requests: requests)
    }
}
