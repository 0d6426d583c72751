package import Core
package import Curl

/// Reads the list of backends from the bridge inside a Velocity proxy.
package struct VelocityObserver: Sendable {
    private static let path = "/zpack/status"
    private static let maxBody = 16 << 20

    private let url: String
    private let secret: Secret<String>
    private let timeout: Span
    private let client: HTTPClient
    private let now: Now

    /// - Parameters:
    ///   - url: scheme, host and port of the bridge.
    ///   - secret: the shared secret; its digest is what is sent, and is as good as the secret itself.
    package init(url: String, secret: Secret<String>, timeout: Span, client: HTTPClient, now: @escaping Now) {
        self.url = url
        self.secret = secret
        self.timeout = timeout
        self.client = client
        self.now = now
    }

    package func read() async -> Result<VelocityReading, ReadFailure> {
        let startedAt = now()
        func failed(_ code: Unknown, _ detail: String) -> Result<VelocityReading, ReadFailure> {
            .failure(ReadFailure(code, detail, at: startedAt))
        }
        guard let base = BaseURL(url) else { return failed(.configuration, "velocity.url is not http(s)://HOST:PORT") }
        guard !secret.reveal().isEmpty else { return failed(.configuration, "velocity.secret is empty") }
        let request = HTTPRequest(
            .get, base.origin + base.path + Self.path, headers: [.init("X-Zpack-Secret", Self.digest(of: secret))],
            timeout: timeout,
            maxBody: Self.maxBody)
        let response: HTTPResponse
        do throws(HTTPFailure) {
            response = try await client.send(request)
        } catch {
            return failed(error.code, "\(base.origin)\(Self.path): \(error.detail)")
        }
        guard response.status == 200 else {
            let code = AgentDecoding.fault(status: response.status)
            let hint =
                switch code {
                case .unauthorized, .forbidden: " (velocity.secret is not the bridge's)"
                case .notFound: " (is this the bridge's port, and is the plugin new enough?)"
                default: ""
                }
            return failed(code, "\(base.origin)\(Self.path): \(response.status)\(hint)")
        }
        switch Result(catching: { try VelocityDecoding.list(response.body) }) {
        case .failure:
            return failed(.malformed, "\(base.origin)\(Self.path): 200, but not the JSON that the bridge sends")
        case .success(let list):
            return .success(list.reading(endpoint: base.origin, at: startedAt))
        }
    }

    /// Lower-case hexadecimal SHA-256.
    static func digest(of secret: Secret<String>) -> Secret<String> {
        var hash = SHA256()
        hash.update(secret.reveal().utf8)
        return Secret(hash.finish())
    }
}
