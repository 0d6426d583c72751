import Core
import Curl
import Foundation

/// What an answer of Discord means, by the table of the wire sheet, section 5.
enum DiscordAnswer {
    private struct Fault: Decodable {
        var code: Int?
        var message: String?
        var retryAfter: Double?
        var isGlobal: Bool?

        private enum Key: String, CodingKey { case code, message, retry_after, global }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            code = fields.lenientInt(.code)
            message = fields.lenientText(.message)
            retryAfter = fields.lenientDouble(.retry_after)
            isGlobal = fields.lenientBool(.global)
        }
    }

    private struct Shown: Decodable {
        var id: String
    }

    /// A wait for somebody who does not say how long: a page of the network in front of Discord.
    private static let blindWait = Span.seconds(60)
    private static let longestWait = Span.minutes(60)

    static func read(_ response: HTTPResponse, hiding secrets: [String]) -> SinkAnswer {
        let fault: Fault?
        switch Result(catching: { try WholeJSON.decode(Fault.self, response.body) }) {
        case .success(let value): fault = value
        case .failure: fault = nil
        }
        let code = fault?.code ?? 0
        let said = SafeText.clean(fault?.message ?? "", limit: 120, hiding: secrets)
        let why = "\(response.status)" + (code > 0 ? " code \(code)" : "") + (said.isEmpty ? "" : ": \(said)")
        switch response.status {
        case 200..<300:
            guard case .success(let shown) = Result(catching: { try WholeJSON.decode(Shown.self, response.body) }),
                DiscordWebhook.isID(shown.id)
            else { return .unsure("\(response.status), and not the message that was sent") }
            return .accepted(shown.id)
        case 429:
            if code == 30046 { return .editLimited }
            return .limited(
                wait(fault?.retryAfter, response),
                isGlobal: fault?.isGlobal == true || response.headers["X-RateLimit-Global"] == "true")
        case 400..<500:
            return SinkAnswer.refusal(response.status, code: fault?.code, why: why + places(response.body, secrets))
        case 300..<400: return .notSent("answered with a redirect, which is never followed (\(why))")
        case 500...: return .unsure("trouble at Discord (\(why))")
        default: return .unsure("an answer that makes no sense (\(why))")
        }
    }

    static func read(_ failure: HTTPFailure) -> SinkAnswer {
        failure.mayHaveBeenSent ? .unsure(failure.description) : .notSent(failure.description)
    }

    static func allowance(_ response: HTTPResponse) -> SinkAllowance? {
        guard let remaining = response.headers["X-RateLimit-Remaining"].flatMap({ Int($0) }),
            let after = response.headers["X-RateLimit-Reset-After"].flatMap({ Double($0) }).flatMap(span)
        else { return nil }
        return SinkAllowance(remaining: remaining, resetAfter: after)
    }

    /// The longer of what the body and the headers say, and a little more, so as not to come back in the same instant.
    private static func wait(_ said: Double?, _ response: HTTPResponse) -> Span {
        let spans = [
            said.flatMap(span), response.headers["Retry-After"].flatMap { Double($0) }.flatMap(span),
            response.headers["X-RateLimit-Reset-After"].flatMap { Double($0) }.flatMap(span),
        ].compactMap { $0 }
        guard let longest = spans.max() else { return blindWait }
        return Span(microseconds: longest.microseconds + 250_000)
    }

    private static func span(_ seconds: Double) -> Span? {
        guard seconds.isFinite, seconds >= 0 else { return nil }
        return min(Span(microseconds: Int64(min(seconds, 86_400) * 1_000_000)), longestWait)
    }

    /// Which parts of the message were refused, by name and code: the first thing that somebody wants to know of a 400. Not
    /// the texts, which may quote what was sent.
    private static func places(_ body: [UInt8], _ secrets: [String]) -> String {
        guard case .success(let tree) = Result(catching: { try JSONSerialization.jsonObject(with: Data(body)) }),
            let errors = (tree as? [String: Any])?["errors"]
        else { return "" }
        var found: [String] = []
        walk(errors, "", &found, depth: 0)
        let text = SafeText.clean(found.sorted().prefix(5).joined(separator: ", "), limit: 300, hiding: secrets)
        return text.isEmpty ? "" : "; \(text)"
    }

    private static func walk(_ value: Any, _ path: String, _ found: inout [String], depth: Int) {
        guard depth < 12, found.count < 20, let members = value as? [String: Any] else { return }
        if let list = members["_errors"] as? [[String: Any]] {
            found += list.map { "\(path) \(($0["code"] as? String) ?? "?")" }
        }
        for (name, member) in members where name != "_errors" {
            walk(member, path.isEmpty ? name : "\(path).\(name)", &found, depth: depth + 1)
        }
    }
}
