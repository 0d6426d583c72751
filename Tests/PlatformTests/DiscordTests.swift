import Core
import Curl
import Lab
import Synchronization
import Testing
import World

@testable import Platform

/// The client of Discord's webhooks.
@Suite struct DiscordTests {
    private static let token = "abcDEF_123-hunter2"
    private static let path = "/api/webhooks/1200000000000000009/\(token)"
    private let client = HTTPClient()

    private static let message = ChatMessage(
        title: "T", lines: ["a `b`"], fields: [.init("n", "v")], footer: "f", colour: .green, isSilent: true)

    private func discord(_ url: String, timeout: Span = .seconds(5)) throws -> DiscordClient {
        DiscordClient(try DiscordWebhook(Secret(url)), client: client, timeout: timeout)
    }

    // MARK: The URL

    @Test(arguments: [
        ("https://discord.com\(path)", "https://discord.com", ""),
        ("https://canary.discord.com/api/v9/webhooks/12/\(token)/", "https://canary.discord.com", ""),
        ("http://127.0.0.1:8080/api/webhooks/12/\(token)/slack?wait=true", "http://127.0.0.1:8080", ""),
        ("https://discordapp.com/api/webhooks/12/\(token)?thread_id=77", "https://discordapp.com", "&thread_id=77"),
    ])
    func aPastedURLGoesToVersionTen(url: String, origin: String, thread: String) throws {
        let webhook = try DiscordWebhook(Secret(url))
        let start = "\(origin)/api/v10/webhooks/\(webhook.id)/\(Self.token)"
        #expect(webhook.posting.reveal() == "\(start)?wait=true\(thread)")
        let query = thread.isEmpty ? "" : "?" + thread.dropFirst()
        #expect(webhook.message("5").reveal() == "\(start)/messages/5\(query)")
        #expect(!"\(webhook)".contains(Self.token) && !String(reflecting: webhook).contains(Self.token))
    }

    @Test(arguments: [
        "", "hunter2", "https://discord.com", "https://discord.com/api/webhooks/12", "ftp://discord.com\(path)",
        "https://u:hunter2@discord.com\(path)", "https://discord.com/api/webhooks/x/\(token)",
        "https://discord.com/api/webhooks/12/hunter2 2", "https://discord.com/api/webhooks/12/short",
        "https://discord.com/api/webhooks/12/\(token)/messages/1", "https://discord.com/a/b/c/webhooks/12/\(token)",
        "https://discord.com/api/vX/webhooks/12/\(token)", "https://discord.com\(path)?thread_id=hunter2",
        "https://discord.com/api/webhooks/12/\(token)#x",
    ])
    func aURLThatIsNoneIsRefusedWithoutBeingShown(url: String) {
        do throws(DiscordWebhook.Unusable) {
            _ = try DiscordWebhook(Secret(url))
            Issue.record("taken: \(url)")
        } catch {
            #expect(!error.description.contains("hunter2"))
        }
    }

    // MARK: What is sent

    @Test func aMessageIsSentAsDiscordWantsIt() async throws {
        let server = try FormServer { _, _ in answer("200 OK", #"{"id":"55","type":0}"#) }
        let (taken, _) = try await discord(server.url + Self.path).send(Self.message)
        #expect(taken == .accepted("55"))
        let (edited, _) = try await discord(server.url + Self.path).send(Self.message, editing: "55")
        #expect(edited == .accepted("55"))
        let calls = server.calls
        #expect(
            calls.map(\.target) == [
                "/api/v10/webhooks/1200000000000000009/\(Self.token)?wait=true",
                "/api/v10/webhooks/1200000000000000009/\(Self.token)/messages/55",
            ])
        #expect(calls[0].head.hasPrefix("POST ") && calls[1].head.hasPrefix("PATCH "))
        for call in calls {
            #expect(call.head.contains("\r\nUser-Agent: DiscordBot (https://"))
            #expect(call.head.contains("\r\nContent-Type: application/json\r\n"))
            #expect(!call.head.lowercased().contains("authorization"))
            let squeezed = call.body.filter { !$0.isWhitespace }
            #expect(squeezed.contains(#""allowed_mentions":{"parse":[]}"#) && squeezed.contains(#""content":"""#))
        }
        #expect(calls[0].body.contains("4096") && !calls[1].body.contains("4096"))
    }

    // MARK: What comes back

    private static let limited =
        #"{"message":"You are being rate limited.","retry_after":0.376,"global":false,"code":0}"#

    private static let answers: [(String, SinkAnswer)] = [
        (answer("429 Too Many Requests", limited), .limited(.milliseconds(626), isGlobal: false)),
        (
            answer("429 Too Many Requests", limited, headers: ["Retry-After: 2", "X-RateLimit-Global: true"]),
            .limited(.milliseconds(2250), isGlobal: true)
        ),
        (answer("429 Too Many Requests"), .limited(.seconds(60), isGlobal: false)),
        (answer("429 Too Many Requests", "<html>1015</html>"), .limited(.seconds(60), isGlobal: false)),
        (
            answer("429 Too Many Requests", "<html>1015</html>", headers: ["Retry-After: 9"]),
            .limited(.milliseconds(9250), isGlobal: false)
        ),
        (
            answer("429 Too Many Requests", #"{"retry_after":1e30,"global":"x"}"#),
            .limited(.milliseconds(3_600_250), isGlobal: false)
        ),
        (answer("429 Too Many Requests", #"{"message":"edits","code":30046}"#), .editLimited),
        (answer("404 Not Found", #"{"message":"Unknown Message","code":10008}"#), .messageGone),
        (
            answer("404 Not Found", #"{"message":"Unknown Webhook","code":10015}"#),
            .gone("there is no such webhook or channel (404 code 10015: Unknown Webhook)")
        ),
        (
            answer("404 Not Found", #"{"message":"Unknown Channel","code":10003}"#),
            .gone("there is no such webhook or channel (404 code 10003: Unknown Channel)")
        ),
        (answer("404 Not Found", "nothing"), .notSent("refused by somebody in between (404)")),
        (answer("403 Forbidden", "<html>blocked</html>"), .notSent("refused by somebody in between (403)")),
        (answer("401 Unauthorized", "{}"), .notSent("refused by somebody in between (401)")),
        (
            answer("404 Not Found", #"{"message":"404: Not Found","code":0}"#),
            .dead("there is no such webhook or channel (404: 404: Not Found)")
        ),
        (
            answer("401 Unauthorized", #"{"message":"Invalid Webhook Token","code":50027}"#),
            .dead("the webhook may not be used (401 code 50027: Invalid Webhook Token)")
        ),
        (
            answer("403 Forbidden", #"{"message":"Missing Permissions","code":50013}"#),
            .dead("the webhook may not be used (403 code 50013: Missing Permissions)")
        ),
        (
            answer("403 Forbidden", #"{"message":"blocked","code":240000}"#),
            .rejected("refused by a filter of the server (403 code 240000: blocked)")
        ),
        (
            answer(
                "400 Bad Request",
                #"{"code":50035,"message":"Invalid Form Body","errors":{"embeds":{"0":{"title":{"_errors":"#
                    + #"[{"code":"BASE_TYPE_MAX_LENGTH","message":"hunter2"}]}}}}}"#),
            .rejected("refused (400 code 50035: Invalid Form Body; embeds.0.title BASE_TYPE_MAX_LENGTH)")
        ),
        (
            answer("400 Bad Request", #"{"message":"\#(token) leaked","code":50006}"#),
            .rejected("refused (400 code 50006: <redacted> leaked)")
        ),
        // What says nothing of the message is no reason to give it up.
        (
            answer("400 Bad Request", #"{"message":"Forum channels need a thread","code":220001}"#),
            .notSent(
                "the webhook's channel takes no such messages (400 code 220001: Forum channels need a thread)")
        ),
        (
            answer("400 Bad Request", #"{"message":"Thread is archived","code":50083}"#),
            .threadClosed("the thread is archived or locked (400 code 50083: Thread is archived)")
        ),
        (
            answer("403 Forbidden", #"{"message":"Thread is locked","code":160005}"#),
            .threadClosed("the thread is archived or locked (403 code 160005: Thread is locked)")
        ),
        (
            answer("400 Bad Request", #"{"message":"blocked","code":200000}"#),
            .rejected("refused by a filter of the server (400 code 200000: blocked)")
        ),
        (
            answer("400 Bad Request", #"{"message":"no JSON","code":50109}"#),
            .rejected("refused (400 code 50109: no JSON)")
        ),
        (
            answer("400 Bad Request", #"{"message":"something new","code":99999}"#),
            .notSent("refused, and not for what it says (400 code 99999: something new)")
        ),
        (answer("400 Bad Request", "<html>"), .notSent("refused, and not for what it says (400)")),
        (
            answer("405 Method Not Allowed", #"{"message":"405: Method Not Allowed","code":0}"#),
            .notSent("refused, and not for what it says (405: 405: Method Not Allowed)")
        ),
        (answer("407 Proxy"), .notSent("refused, and not for what it says (407)")),
        (answer("408 Request Timeout"), .unsure("given up by somebody in between (408)")),
        (answer("421 Misdirected"), .notSent("refused, and not for what it says (421)")),
        (answer("451 Blocked", "<html>"), .notSent("refused, and not for what it says (451)")),
        (answer("302 Found"), .notSent("answered with a redirect, which is never followed (302)")),
        (answer("500 Oops", "<html>"), .unsure("trouble at Discord (500)")),
        (
            answer("503 Later", #"{"message":"overloaded","code":130000}"#),
            .unsure("trouble at Discord (503 code 130000: overloaded)")
        ),
        (answer("200 OK", ""), .unsure("200, and not the message that was sent")),
        (answer("200 OK", "<html>login</html>"), .unsure("200, and not the message that was sent")),
        (answer("200 OK", #"{"id":"../../x"}"#), .unsure("200, and not the message that was sent")),
        (answer("200 OK", #"{"id":5}"#), .unsure("200, and not the message that was sent")),
        (answer("204 No Content"), .unsure("204, and not the message that was sent")),
    ]

    @Test(arguments: answers.indices)
    func eachAnswerHasItsMeaning(index: Int) async throws {
        let (text, wanted) = Self.answers[index]
        let server = try FormServer { _, _ in text }
        let (got, _) = try await discord(server.url + Self.path).send(Self.message)
        #expect(got == wanted)
        #expect(server.calls.count == 1, "a message is never sent twice by the client")
    }

    /// The transport's faults: nothing was sent, or nobody knows.
    @Test(arguments: [
        (Serving.nobody, false), (.hangs, true), (.httpReset, true), (.httpDrip, true), (.httpOversize, true),
        (.resets(after: ""), true), (.answers("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"id\":\"5"), true),
    ])
    func eachFaultIsSureOrNot(serving: Serving, mayBeShown: Bool) async throws {
        let server = try await FaultyServer(serving)
        let (got, _) = try await discord("http://127.0.0.1:\(server.port)\(Self.path)", timeout: .milliseconds(700))
            .send(Self.message)
        switch got {
        case .unsure(let why):
            #expect(mayBeShown && !why.contains(Self.token))
        case .notSent(let why): #expect(!mayBeShown && !why.contains(Self.token))
        default: Issue.record("\(got)")
        }
    }

    @Test func whatIsLeftIsReadFromTheHeaders() async throws {
        let server = try FormServer { number, _ in
            answer(
                "200 OK", #"{"id":"1"}"#,
                headers: [
                    "X-RateLimit-Remaining: \(number == 1 ? "0" : "x")", "X-RateLimit-Reset-After: 1.25",
                ])
        }
        let webhook = try discord(server.url + Self.path)
        #expect(
            await webhook.send(Self.message).allowance == SinkAllowance(remaining: 0, resetAfter: .milliseconds(1250)))
        #expect(await webhook.send(Self.message).allowance == nil)
    }

    @Test func aCheckSendsNoMessage() async throws {
        let server = try RawServer.answering { _, _ in
            answer("200 OK", #"{"id":"1200000000000000009","type":1,"name":"al\u001bert","token":"\#(Self.token)"}"#)
        }
        let webhook = try discord(server.url + Self.path)
        let said = try await webhook.check(now: { Timestamp(seconds: 1) }).get()
        #expect(said == "webhook 'alert' at \(server.url)")
        #expect(server.heads.first?.hasPrefix("GET ") == true)
        for (text, code) in [
            (answer("404 Not Found"), Unknown.notFound), (answer("401 No"), .unauthorized),
            (answer("200 OK", #"{"id":"7"}"#), .malformed),
        ] {
            let other = try RawServer.answering { _, _ in text }
            guard
                case .failure(let failure) = try await discord(other.url + Self.path).check(now: {
                    Timestamp(seconds: 1)
                })
            else {
                Issue.record("a check of \(text) was good")
                continue
            }
            #expect(failure.code == code && !failure.detail.contains(Self.token))
        }
    }

    // MARK: The laboratory

    @Test func theLaboratoryHasDiscordsLimits() async throws {
        let clock = Mutex(Timestamp(seconds: 1_767_225_600))
        var options = LabOptions()
        options.now = { clock.withLock { $0 } }
        let house = LabHouse(estate: .demo(), options: options)
        try await house.start()
        let webhook = try discord(try #require(await house.webhookURL()))
        var ids: [String] = []
        for _ in 0..<5 {
            guard case (.accepted(let id), let allowance?) = await webhook.send(Self.message) else {
                Issue.record("not taken")
                return
            }
            ids.append(id)
            #expect(allowance.remaining == 5 - ids.count)
        }
        guard case (.limited(let span, false), _) = await webhook.send(Self.message) else {
            Issue.record("no limit")
            return
        }
        #expect(span == .milliseconds(2250), "whole seconds in the header, and a little more")
        clock.withLock { $0 = $0 + .seconds(3) }
        #expect(await webhook.send(Self.message, editing: ids[0]).answer == .accepted(ids[0]))
        #expect(await webhook.send(Self.message, editing: "5").answer == .messageGone)
        clock.withLock { $0 = $0 + .minutes(61) }
        for number in 0..<4 {
            let wanted: SinkAnswer = number < 3 ? .accepted(ids[0]) : .editLimited
            #expect(await webhook.send(Self.message, editing: ids[0]).answer == wanted)
        }
        let shown = await house.discord.shown
        #expect(shown.count == 5 && shown[0].edits == 4 && shown[0].post.flags == 4096)
        #expect(shown[0].post.embeds.first?.fields.first?.value == "v")
        for (fault, isDead) in [
            (DiscordHouse.Fault.unknownWebhook, true), (.invalidToken, true), (.forbidden, true), (.invalidBody, false),
            (.blocked, false),
        ] {
            clock.withLock { $0 = $0 + .minutes(2) }
            await house.inject(fault, times: 1)
            switch await webhook.send(Self.message).answer {
            case .dead, .gone: #expect(isDead)
            case .rejected: #expect(!isDead)
            default: Issue.record("\(fault) did nothing")
            }
        }
        for (fault, sort) in [
            (DiscordHouse.Fault.forumChannel, "notSent"), (.lockedThread, "threadClosed"), (.notAllowed, "notSent"),
            (.gaveUp, "unsure"),
        ] {
            clock.withLock { $0 = $0 + .minutes(2) }
            await house.inject(fault, times: 1)
            let answer = await webhook.send(Self.message).answer
            #expect("\(answer)".hasPrefix(sort), "\(fault): \(answer)")
        }
        await house.stop()
    }

    /// The model of Discord counts as Discord does, and finds nothing wrong with what the controller sends.
    @Test func theModelRefusesWhatDiscordRefuses() {
        var house = DiscordHouse(webhooks: [.init(id: "1", token: "t", name: "n")])
        func post(_ change: (inout DiscordPost) -> Void) -> DiscordHouse.Answer {
            var post = DiscordPost(Self.message)
            change(&post)
            house = DiscordHouse(webhooks: [.init(id: "1", token: "t", name: "n")])
            return house.post(post, to: "1", token: "t", at: Timestamp(seconds: 1))
        }
        let a = "a\u{301}"
        for change: (inout DiscordPost) -> Void in [
            { $0.embeds[0].title = String(repeating: a, count: 129) },
            { $0.embeds[0].description = String(repeating: "x", count: 4097) },
            { $0.embeds[0].fields = [("", "v")] }, { $0.username = "Discord fan" },
            { $0.embeds = Array(repeating: $0.embeds[0], count: 11) },
            {
                $0.embeds[0].description = String(repeating: "x", count: 4096)
                $0.embeds[0].footer = String(repeating: "x", count: 2000)
            },
        ] {
            guard case .refused(400, 50035, _, let errors) = post(change) else {
                Issue.record("taken")
                continue
            }
            #expect(!errors.isEmpty)
        }
        #expect(
            {
                if case .shown = post({ $0.embeds[0].title = " " + String(repeating: a, count: 128) + " " }) {
                    true
                } else {
                    false
                }
            }())
        _ = post { ($0.content, $0.parse) = ("@everyone", nil) }
        #expect(house.pings == ["@everyone"])
        _ = post { $0.content = "@everyone" }
        #expect(house.pings == [])
    }
}
