package import Core

/// One webhook, from the URL that Discord gives out.
///
/// A pasted URL names no version of the interface, and would go to an old one; host and port are kept, the path becomes that of
/// version 10. The token in it is as good as a password.
package struct DiscordWebhook: Sendable {
    /// Scheme, host and port.
    package let origin: String
    package let id: String
    let token: Secret<String>
    /// Of a channel that has only threads.
    let thread: String?

    /// What is wrong with a URL, without showing it.
    package struct Unusable: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    package init(_ pasted: Secret<String>) throws(Unusable) {
        let text = pasted.reveal()
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = BaseURL(String(parts.first ?? "")) else {
            throw Unusable(description: "is not a webhook's URL; paste it as Discord shows it")
        }
        let path = base.path.split(separator: "/").map(String.init)
        guard let place = path.firstIndex(of: "webhooks"), place <= 2, path.first == "api", path.count >= place + 3
        else {
            throw Unusable(description: "has not the path of a webhook: /api/webhooks/ID/TOKEN")
        }
        guard place == 1 || DiscordWebhook.isVersion(path[1]) else {
            throw Unusable(description: "has not the path of a webhook: /api/webhooks/ID/TOKEN")
        }
        let (id, token) = (path[place + 1], path[place + 2])
        guard DiscordWebhook.isID(id) else {
            throw Unusable(description: "has an id that is not a number: /api/webhooks/ID/TOKEN")
        }
        guard token.utf8.count >= 8, token.utf8.count <= 200, token.utf8.allSatisfy(DiscordWebhook.isTokenByte) else {
            throw Unusable(description: "has no token, or one with characters that no token has")
        }
        // What Discord adds for senders of other formats.
        guard path.count == place + 3 || ["slack", "github"].contains(path[place + 3]) else {
            throw Unusable(description: "goes on after the token; paste the webhook's URL alone")
        }
        let query = parts.count > 1 ? parts[1].split(separator: "&") : []
        let threads = query.filter { $0.hasPrefix("thread_id=") }.map { String($0.dropFirst(10)) }
        guard threads.allSatisfy(DiscordWebhook.isID) else {
            throw Unusable(description: "has a thread_id that is not a number")
        }
        origin = base.origin
        self.id = id
        self.token = Secret(token)
        thread = threads.last
    }

    /// The URL to post to, with `wait=true`: only then the answer says that the message is really there.
    var posting: Secret<String> {
        Secret("\(origin)/api/v10/webhooks/\(id)/\(token.reveal())?wait=true\(thread.map { "&thread_id=\($0)" } ?? "")")
    }

    func message(_ message: String) -> Secret<String> {
        let query = thread.map { "?thread_id=\($0)" } ?? ""
        return Secret("\(origin)/api/v10/webhooks/\(id)/\(token.reveal())/messages/\(message)\(query)")
    }

    var itself: Secret<String> { Secret("\(origin)/api/v10/webhooks/\(id)/\(token.reveal())") }

    /// Equal for what leads to the same place; says nothing of the token.
    package var fingerprint: String {
        var hash = SHA256()
        for field in [origin, id, token.reveal(), thread ?? ""] { hash.update(field: field) }
        return String(hash.finish().prefix(32))
    }

    private static func isVersion(_ text: String) -> Bool {
        text.first == "v" && !text.dropFirst().isEmpty && text.dropFirst().utf8.allSatisfy { (48...57).contains($0) }
    }

    /// A snowflake: 64 bits in digits.
    static func isID(_ text: String) -> Bool {
        (1...20).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 46, 95: true
        default: false
        }
    }
}
