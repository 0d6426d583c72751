import Core
import Curl

/// Calls of the API on one server with one token, up to one deadline.
///
/// All are POST, because a token in a query ends up in logs.
struct TechnitiumCall {
    let base: BaseURL
    private let token: Secret<String>
    let deadline: ContinuousClock.Instant
    private let client: HTTPClient

    private static let maxBody = 64 << 20
    private static let maxTries = 3

    /// What may show in no message.
    var secrets: [String] { [token.reveal()] }

    init(url: String, token: Secret<String>, timeout: Span, client: HTTPClient) throws(TechnitiumFault) {
        // A line end in a token file is the usual mistake; the header would carry it.
        let text = token.reveal().trimmingBlanks()
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw TechnitiumFault(
                .configuration, "the Technitium token is empty or holds a character that no token has")
        }
        guard let base = BaseURL(url) else {
            throw TechnitiumFault(.configuration, "dns.internal.url is not http(s)://HOST:PORT/api")
        }
        self.base = base
        self.token = Secret(text)
        deadline = ContinuousClock.now + .microseconds(timeout.microseconds)
        self.client = client
    }

    /// A call that changes nothing, and so may be repeated.
    func read<Response: Decodable>(
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
        let response: HTTPResponse
        do {
            response = try await exchange(path, parameters)
        } catch {
            throw TechnitiumFault(error)
        }
        guard let envelope = TechnitiumEnvelope<Response>.decode(response.body) else {
            throw TechnitiumFault(response, saying: nil, hiding: secrets)
        }
        // The HTTP status is 200 for every error of the API: what it says of itself decides.
        guard envelope.status == "ok", response.status == 200 else {
            throw TechnitiumFault(response, saying: envelope.remark, hiding: secrets)
        }
        return envelope
    }

    /// One request, whatever it does, and its answer.
    func exchange(
        _ path: String, _ parameters: [(name: String, value: String)]
    ) async throws(HTTPFailure) -> HTTPResponse {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { throw HTTPFailure(.timeout, "no time was left to ask") }
        // Before 15.0 the token is read from the form alone, since then from the header first: both, for all versions.
        let form = ([("token", token.reveal())] + parameters)
            .map { "\($0.0)=\(FormText.encoded($0.1))" }.joined(separator: "&")
        return try await client.send(
            HTTPRequest(
                .post, base.origin + base.path + path,
                headers: [
                    .init("Authorization", Secret("Bearer " + token.reveal())),
                    .init("Content-Type", "application/x-www-form-urlencoded"),
                ], body: Array(form.utf8), timeout: Span(left), connectTimeout: .seconds(5),
                maxBody: TechnitiumCall.maxBody))
    }
}
