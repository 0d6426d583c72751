import Core
import Curl

/// Calls of the API on one server with one token, up to one deadline.
///
/// Only reading calls go through here: they are POST, because a token in a query ends up in logs, and may be repeated.
struct TechnitiumCall {
    var base: BaseURL
    var token: Secret<String>
    var deadline: ContinuousClock.Instant
    var client: HTTPClient

    private static let maxBody = 64 << 20
    private static let maxTries = 3

    mutating func send<Response: Decodable>(
        _ path: String, _ parameters: [(name: String, value: String)]
    ) async throws(TechnitiumFault) -> TechnitiumEnvelope<Response> {
        var tries = 0
        while true {
            let fault: TechnitiumFault
            do throws(TechnitiumFault) {
                return try await once(path, parameters)
            } catch {
                fault = error
            }
            tries += 1
            guard fault.isTransient, tries < TechnitiumCall.maxTries else { throw fault }
            let pause = max(fault.retryAfter ?? .zero, .milliseconds(200 << tries))
            // A wait that ends after the deadline is no wait: better say now what is wrong.
            guard ContinuousClock.now + pause < deadline else { throw fault }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw TechnitiumFault(.notRead, "the reading was cancelled")
            }
        }
    }

    private func once<Response: Decodable>(
        _ path: String, _ parameters: [(name: String, value: String)]
    ) async throws(TechnitiumFault) -> TechnitiumEnvelope<Response> {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { throw TechnitiumFault(.timeout, "no time was left to ask again") }
        // Before 15.0 the token is read from the form alone, since then from the header first: both, for all versions.
        let form = ([("token", token.reveal())] + parameters)
            .map { "\($0.0)=\(TechnitiumCall.encoded($0.1))" }.joined(separator: "&")
        let request = HTTPRequest(
            .post, base.origin + base.path + path,
            headers: [
                .init("Authorization", Secret("Bearer " + token.reveal())),
                .init("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array(form.utf8), timeout: Span(left), connectTimeout: .seconds(5),
            maxBody: TechnitiumCall.maxBody)
        let response: HTTPResponse
        do {
            response = try await client.send(request)
        } catch {
            throw TechnitiumFault(error)
        }
        guard let envelope = TechnitiumEnvelope<Response>.decode(response.body) else {
            throw TechnitiumFault(response, saying: nil, hiding: [token.reveal()])
        }
        // The HTTP status is 200 for every error of the API: what it says of itself decides.
        guard envelope.status == "ok", response.status == 200 else {
            throw TechnitiumFault(response, saying: envelope.remark, hiding: [token.reveal()])
        }
        return envelope
    }

    /// Percent-encodes all but RFC 3986's unreserved characters.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: out.append(byte)
            default: out += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
