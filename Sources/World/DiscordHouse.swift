package import Core

/// The Discord that messages go to: its webhooks, what a channel shows, and its limits. One model for the laboratory and the
/// simulation.
package struct DiscordHouse: Equatable, Sendable {
    package struct Webhook: Equatable, Sendable {
        package var id: String
        package var token: String
        package var name: String
        package var isGone = false
        var requests: [Timestamp] = []
        var oldEdits: [Timestamp] = []

        package init(id: String, token: String, name: String) { (self.id, self.token, self.name) = (id, token, name) }
    }

    /// A message as the channel shows it now.
    package struct Shown: Equatable, Sendable {
        package var id: String
        package var webhook: String
        package var post: DiscordPost
        package var postedAt: Timestamp
        package var edits = 0

        package var text: String {
            ([post.content] + post.embeds.flatMap(\.texts)).filter { !$0.isEmpty }.joined(separator: "\n")
        }
    }

    package enum Answer: Equatable, Sendable {
        case shown(Shown)
        case webhook(Webhook)
        case gone
        case refused(status: Int, code: Int, String, errors: [Problem])
        case limited(after: Span, isGlobal: Bool, code: Int)
    }

    package struct Problem: Equatable, Sendable {
        package var path: String
        package var code: String
    }

    /// What a webhook does in spite of being well.
    package enum Fault: String, CaseIterable, Sendable {
        case globalLimit = "global-limit"
        case longLimit = "long-limit"
        case unknownWebhook = "unknown-webhook"
        case invalidToken = "invalid-token"
        case forbidden
        case unknownMessage = "unknown-message"
        case oldEdit = "old-edit"
        case blocked
        case invalidBody = "invalid-body"
        /// The webhook was moved to a channel that has only threads.
        case forumChannel = "forum-channel"
        case lockedThread = "locked-thread"
        /// A page of the network in front of it.
        case notAllowed = "not-allowed"
        case gaveUp = "gave-up"
        case overloaded

        /// Whether a message is refused for what it says.
        package var isOfContent: Bool { self == .blocked || self == .invalidBody }
    }

    package var webhooks: [Webhook]
    package private(set) var shown: [Shown] = []
    /// Who was notified by name: it has to stay empty.
    package private(set) var pings: [String] = []
    /// Requests that came, refused ones among them.
    package private(set) var requests = 0
    private var lastID: Int64 = 1_310_000_000_000_000_000

    /// Edits of messages older than an hour that are taken within an hour.
    static let oldEditsAnHour = 3

    package init(webhooks: [Webhook] = []) { self.webhooks = webhooks }

    package func shown(by webhook: String) -> [Shown] { shown.filter { $0.webhook == webhook } }

    // MARK: Requests

    package mutating func post(
        _ post: DiscordPost, to id: String, token: String, fault: Fault? = nil, at now: Timestamp
    ) -> Answer {
        if let answer = enter(id, token, fault, at: now) { return answer }
        if let answer = look(post, fault) { return answer }
        lastID += 4_194_304
        let message = Shown(id: String(lastID), webhook: id, post: post, postedAt: now)
        shown.append(message)
        pings += post.pings
        return .shown(message)
    }

    package mutating func edit(
        _ message: String, _ post: DiscordPost, of id: String, token: String, fault: Fault? = nil, at now: Timestamp
    ) -> Answer {
        if let answer = enter(id, token, fault, at: now) { return answer }
        guard fault != .unknownMessage, let index = shown.firstIndex(where: { $0.id == message && $0.webhook == id })
        else { return .refused(status: 404, code: 10008, "Unknown Message", errors: []) }
        if let answer = look(post, fault) { return answer }
        if now - shown[index].postedAt > .minutes(60) || fault == .oldEdit {
            guard let hook = webhooks.firstIndex(where: { $0.id == id }) else { return .gone }
            webhooks[hook].oldEdits = webhooks[hook].oldEdits.filter { now - $0 < .minutes(60) }
            guard webhooks[hook].oldEdits.count < DiscordHouse.oldEditsAnHour, fault != .oldEdit else {
                return .limited(after: .seconds(600), isGlobal: false, code: 30046)
            }
            webhooks[hook].oldEdits.append(now)
        }
        var post = post
        // An edit says nothing of who speaks, and makes no sound.
        (post.username, post.flags) = (shown[index].post.username, shown[index].post.flags)
        shown[index].post = post
        shown[index].edits += 1
        pings += post.pings
        return .shown(shown[index])
    }

    package mutating func check(_ id: String, token: String, fault: Fault? = nil, at now: Timestamp) -> Answer {
        if let answer = enter(id, token, fault, at: now) { return answer }
        return webhooks.first { $0.id == id }.map(Answer.webhook) ?? .gone
    }

    /// Somebody deletes a message by hand.
    package mutating func delete(_ message: String) { shown.removeAll { $0.id == message } }

    /// How many more requests a webhook has, and when it has all of them again.
    package func allowance(_ id: String, at now: Timestamp) -> (remaining: Int, resetAfter: Span) {
        let recent = webhooks.first { $0.id == id }?.requests.filter { now - $0 < .seconds(2) } ?? []
        return (max(0, 5 - recent.count), recent.first.map { $0 + .seconds(2) - now } ?? .seconds(0))
    }

    // MARK: Rules

    private mutating func enter(_ id: String, _ token: String, _ fault: Fault?, at now: Timestamp) -> Answer? {
        requests += 1
        guard let index = webhooks.firstIndex(where: { $0.id == id && !$0.isGone }), fault != .unknownWebhook else {
            return .refused(status: 404, code: 10015, "Unknown Webhook", errors: [])
        }
        guard webhooks[index].token == token, fault != .invalidToken else {
            return .refused(status: 401, code: 50027, "Invalid Webhook Token", errors: [])
        }
        if fault == .forbidden { return .refused(status: 403, code: 50013, "Missing Permissions", errors: []) }
        switch fault {
        case .forumChannel:
            let words = "Webhooks posted to forum channels must have a thread_name or thread_id"
            return .refused(status: 400, code: 220_001, words, errors: [])
        case .lockedThread: return .refused(status: 400, code: 160_005, "Thread is locked", errors: [])
        case .notAllowed: return .refused(status: 405, code: 0, "405: Method Not Allowed", errors: [])
        case .gaveUp: return .refused(status: 408, code: 0, "Request Timeout", errors: [])
        default: break
        }
        if fault == .overloaded {
            return .refused(status: 503, code: 130_000, "API resource is currently overloaded", errors: [])
        }
        if fault == .globalLimit { return .limited(after: .seconds(3), isGlobal: true, code: 0) }
        if fault == .longLimit { return .limited(after: .seconds(600), isGlobal: false, code: 0) }
        let old = webhooks[index].requests.filter { now - $0 < .seconds(60) }
        // Refused ones count as well.
        webhooks[index].requests = old + [now]
        let inTwo = old.filter { now - $0 < .seconds(2) }
        if inTwo.count >= 5, let first = inTwo.first {
            return .limited(after: first + .seconds(2) - now, isGlobal: false, code: 0)
        }
        if old.count >= 30, let first = old.first {
            return .limited(after: first + .seconds(60) - now, isGlobal: false, code: 0)
        }
        return nil
    }

    private func look(_ post: DiscordPost, _ fault: Fault?) -> Answer? {
        if fault == .blocked {
            return .refused(status: 400, code: 200_000, "Message was blocked by automatic moderation", errors: [])
        }
        var problems = post.problems.map { Problem(path: $0.path, code: $0.code) }
        if fault == .invalidBody { problems.append(Problem(path: "embeds.0.title", code: "BASE_TYPE_MAX_LENGTH")) }
        if !problems.isEmpty {
            return .refused(status: 400, code: 50035, "Invalid Form Body", errors: problems)
        }
        if post.isEmpty { return .refused(status: 400, code: 50006, "Cannot send an empty message", errors: []) }
        return nil
    }
}
