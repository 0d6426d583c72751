package import Core
package import Curl

/// Sends messages to one webhook. Decides nothing: when, how often and what is the outbox's.
package struct DiscordClient: Sendable {
    package static let timeout = Span.seconds(10)
    /// As Discord wants whoever writes to it to name itself; the project has no public address.
    static let userAgent = "DiscordBot (https://zlh-controller.invalid, 1.0)"

    private let webhook: DiscordWebhook
    private let client: HTTPClient
    private let timeout: Span

    package init(_ webhook: DiscordWebhook, client: HTTPClient, timeout: Span = DiscordClient.timeout) {
        self.webhook = webhook
        self.client = client
        self.timeout = timeout
    }

    /// Of the webhook, to know it again.
    package var fingerprint: String { webhook.fingerprint }

    /// Posts a message, or edits one.
    package func send(
        _ message: ChatMessage, editing id: String? = nil
    ) async -> (answer: SinkAnswer, allowance: SinkAllowance?) {
        let url = id.map { webhook.message($0) } ?? webhook.posting
        var request = HTTPRequest(
            id == nil ? .post : .patch, url.reveal(), headers: [.init("Content-Type", "application/json")],
            body: id == nil ? DiscordBody.encode(message) : DiscordBody.encode(message, username: nil),
            timeout: timeout, maxBody: 1 << 20)
        request.userAgent = Self.userAgent
        do throws(HTTPFailure) {
            let response = try await client.send(request)
            return (
                DiscordAnswer.read(response, hiding: [webhook.token.reveal()]), DiscordAnswer.allowance(response)
            )
        } catch {
            return (DiscordAnswer.read(error), nil)
        }
    }

    /// Whether the webhook is there, without a message: its name and channel, or why not.
    package func check(now: Now) async -> Result<String, ReadFailure> {
        let startedAt = now()
        var request = HTTPRequest(.get, webhook.itself.reveal(), timeout: timeout, maxBody: 1 << 20)
        request.userAgent = Self.userAgent
        let response: HTTPResponse
        do throws(HTTPFailure) {
            response = try await client.send(request)
        } catch {
            return .failure(ReadFailure(error.code, "\(webhook.origin): \(error.detail)", at: startedAt))
        }
        guard response.status == 200 else {
            let code = AgentDecoding.fault(status: response.status)
            return .failure(ReadFailure(code, "\(webhook.origin): \(response.status)", at: startedAt))
        }
        guard
            case .success(let found) = Result(catching: { try WholeJSON.decode(Found.self, response.body) }),
            found.id == webhook.id
        else {
            return .failure(
                ReadFailure(.malformed, "\(webhook.origin): 200, but not the webhook that was asked for", at: startedAt)
            )
        }
        let name = SafeText.clean(found.name ?? "without a name", limit: 80, hiding: [webhook.token.reveal()])
        return .success("webhook '\(name)' at \(webhook.origin)")
    }

    private struct Found: Decodable {
        var id: String
        var name: String?
    }
}
