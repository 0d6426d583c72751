import Core
import World

/// Discord's webhooks, version 10 and later, with their limits and the words in which they refuse.
struct DiscordPlane {
    let fault: DiscordHouse.Fault?
    let now: Timestamp

    func answer(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        let path = request.segments
        guard path.count >= 5, path[0] == "api", path[2] == "webhooks", let version = Int(path[1].dropFirst()),
            path[1].first == "v", version >= 10
        else {
            // What went to an older version would be read in other ways: the laboratory has none.
            return text("404: Not Found", 404)
        }
        let (id, token) = (path[3], path[4])
        if request.headers["user-agent"]?.hasPrefix("DiscordBot (") != true {
            return refusal(403, 40333, "internal network error", [])
        }
        let answer: DiscordHouse.Answer
        switch (request.method, path.count) {
        case ("GET", 5): answer = board.discord.check(id, token: token, fault: fault, at: now)
        case ("POST", 5):
            guard let post = post(request) else {
                return refusal(400, 50109, "The request body contains invalid JSON.", [])
            }
            answer = board.discord.post(post, to: id, token: token, fault: fault, at: now)
            if case .shown = answer, request.parameter("wait") != "true" { return LabAnswer(status: 204) }
        case ("PATCH", 7) where path[5] == "messages":
            guard let post = post(request) else {
                return refusal(400, 50109, "The request body contains invalid JSON.", [])
            }
            answer = board.discord.edit(path[6], post, of: id, token: token, fault: fault, at: now)
        default: return refusal(405, 0, "405: Method Not Allowed", [])
        }
        return write(answer, id, board)
    }

    private func write(_ answer: DiscordHouse.Answer, _ id: String, _ board: Board) -> LabAnswer {
        var reply: LabAnswer
        switch answer {
        case .shown(let shown): reply = .json(DiscordPlane.json(shown))
        case .webhook(let hook):
            reply = .json(
                .object([
                    ("application_id", .null), ("channel_id", .string("1100000000000000001")),
                    ("guild_id", .string("1100000000000000000")), ("id", .string(hook.id)),
                    ("name", .string(hook.name)),
                    ("token", .string(hook.token)), ("type", .int(1)),
                ]))
        case .gone: reply = LabAnswer(status: 204)
        case .refused(let status, let code, let message, let errors): return refusal(status, code, message, errors)
        case .limited(let after, let isGlobal, let code):
            let seconds = Double(after.microseconds) / 1_000_000
            let words =
                code == 30046
                ? "Maximum number of edits to messages older than 1 hour reached. Try again later"
                : "You are being rate limited."
            reply = .json(
                .object([
                    ("message", .string(words)), ("retry_after", .double(seconds)), ("global", .bool(isGlobal)),
                    ("code", .int(code)),
                ]), status: 429)
            if code == 30046 { return reply }
            reply.headers.append(("retry-after", String(Int(seconds.rounded(.up)))))
            reply.headers.append(("x-ratelimit-scope", isGlobal ? "global" : "user"))
            if isGlobal { reply.headers.append(("x-ratelimit-global", "true")) }
        }
        let allowance = board.discord.allowance(id, at: now)
        reply.headers += [
            ("x-ratelimit-limit", "5"), ("x-ratelimit-remaining", String(allowance.remaining)),
            ("x-ratelimit-reset-after", String(Double(allowance.resetAfter.microseconds) / 1_000_000)),
            ("x-ratelimit-bucket", "lab-webhook"),
        ]
        return reply
    }

    private func text(_ text: String, _ status: Int) -> LabAnswer {
        LabAnswer(status: status, headers: [("content-type", "text/plain")], body: Array(text.utf8))
    }

    private func refusal(_ status: Int, _ code: Int, _ message: String, _ errors: [DiscordHouse.Problem]) -> LabAnswer {
        var members: [(String, JSON)] = [("message", .string(message)), ("code", .int(code))]
        if !errors.isEmpty {
            var tree = JSON.object([])
            for problem in errors {
                tree = DiscordPlane.adding(problem.path.split(separator: ".").map(String.init), problem.code, to: tree)
            }
            members.append(("errors", tree))
        }
        return .json(.object(members), status: status)
    }

    /// `{"embeds":{"0":{"title":{"_errors":[…]}}}}`
    private static func adding(_ path: [String], _ code: String, to tree: JSON) -> JSON {
        var members: [(String, JSON)] = []
        if case .object(let old) = tree { members = old }
        guard let first = path.first else {
            let error = JSON.object([("code", .string(code)), ("message", .string("This is not allowed here."))])
            let old = tree["_errors"]?.array ?? []
            members.removeAll { $0.0 == "_errors" }
            return .object(members + [("_errors", .array(old + [error]))])
        }
        let inner = adding(Array(path.dropFirst()), code, to: tree[first] ?? .object([]))
        members.removeAll { $0.0 == first }
        return .object(members + [(first, inner)])
    }

    /// Nil when the body is no JSON object.
    private func post(_ request: LabRequest) -> DiscordPost? {
        guard let body = JSON(parsing: request.body), case .object = body else { return nil }
        var post = DiscordPost()
        post.username = body["username"]?.string
        post.content = body["content"]?.string ?? ""
        post.flags = body["flags"]?.int ?? 0
        post.parse = body["allowed_mentions"]?["parse"]?.array?.compactMap(\.string)
        post.embeds = (body["embeds"]?.array ?? []).map { embed in
            var read = DiscordPost.Embed()
            read.title = embed["title"]?.string ?? ""
            read.description = embed["description"]?.string ?? ""
            read.footer = embed["footer"]?["text"]?.string ?? ""
            read.colour = embed["color"]?.int
            read.fields = (embed["fields"]?.array ?? []).map { ($0["name"]?.string ?? "", $0["value"]?.string ?? "") }
            return read
        }
        return post
    }

    static func json(_ shown: DiscordHouse.Shown) -> JSON {
        let embeds = shown.post.embeds.map { embed in
            JSON.object([
                ("title", .string(embed.title)), ("description", .string(embed.description)),
                ("color", embed.colour.map(JSON.int) ?? .null),
                (
                    "fields",
                    .array(embed.fields.map { .object([("name", .string($0.name)), ("value", .string($0.value))]) })
                ), ("footer", .object([("text", .string(embed.footer))])),
            ])
        }
        return .object([
            ("id", .string(shown.id)), ("webhook_id", .string(shown.webhook)), ("type", .int(0)),
            ("content", .string(shown.post.content)), ("embeds", .array(embeds)), ("edits", .int(shown.edits)),
            ("timestamp", .string(shown.postedAt.description)), ("flags", .int(shown.post.flags)),
        ])
    }
}
