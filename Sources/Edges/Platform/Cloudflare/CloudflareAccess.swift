import Core
import Curl

/// The way to the records of one zone with one token.
struct CloudflareAccess: Sendable {
    let base: BaseURL
    let zoneID: String
    private let token: Secret<String>
    private let client: HTTPClient

    /// What may show in no message.
    var secrets: [String] { [token.reveal()] }

    init(url: String, zoneID: String, token: Secret<String>, client: HTTPClient) throws(CloudflareFault) {
        // A line end in a token file is the usual cause of error 6003.
        let text = token.reveal().trimmingBlanks()
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw CloudflareFault(
                .configuration, "the Cloudflare token is empty or holds a character that no token has")
        }
        guard let base = BaseURL(url) else {
            throw CloudflareFault(.configuration, "dns.public.url is not http(s)://HOST/PATH")
        }
        guard CloudflareAccess.isIdentifier(zoneID) else {
            throw CloudflareFault(.configuration, "dns.public.zone_id is not an identifier")
        }
        self.base = base
        self.zoneID = zoneID
        self.token = Secret(text)
        self.client = client
    }

    /// - Parameter tail: what follows `/zones/ID/dns_records`.
    func send(
        _ method: HTTPRequest.Method, _ tail: String, body: [UInt8]? = nil, timeout: Span, maxBody: Int = 1 << 20
    ) async throws(HTTPFailure) -> HTTPResponse {
        var headers: [HTTPRequest.Header] = [.init("Authorization", Secret("Bearer " + token.reveal()))]
        if body != nil { headers.append(.init("Content-Type", "application/json")) }
        return try await client.send(
            HTTPRequest(
                method, base.origin + base.path + "/zones/\(zoneID)/dns_records" + tail, headers: headers, body: body,
                timeout: timeout, connectTimeout: .seconds(5), maxBody: maxBody))
    }

    /// Whether a text can stand in a path as the id of a zone or a record.
    static func isIdentifier(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.contains { $0 != "." }
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, 45, 46, 95: true
                default: false
                }
            }
    }
}
