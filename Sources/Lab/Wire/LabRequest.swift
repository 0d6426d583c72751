/// One request as the planes see it.
package struct LabRequest: Sendable {
    package var method: String
    /// As sent, without the query.
    package var path: String
    /// Percent-decoded, empty ones left out.
    package var segments: [String]
    package var query: [(name: String, value: String)]
    /// Names in lower case; the last of a name counts.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(method: String, target: String, headers: [String: String], body: [UInt8]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        self.path = parts.first.map(String.init) ?? "/"
        self.segments = path.split(separator: "/").map { LabRequest.decoded($0, plusIsSpace: false) }
        self.query = parts.count > 1 ? LabRequest.form(parts[1]) : []
        self.headers = headers
        self.body = body
    }

    package func parameter(_ name: String) -> String? { query.last { $0.name == name }?.value }

    /// The parameters of a POST or PUT, from a form or from a flat JSON object; nil when the body is neither.
    var bodyParameters: [(name: String, value: String)]? {
        if body.isEmpty { return [] }
        guard headers["content-type"]?.hasPrefix("application/json") == true else {
            return LabRequest.form(String(decoding: body, as: UTF8.self))
        }
        guard case .object(let members)? = JSON(parsing: body) else { return nil }
        return members.map { ($0.0, $0.1.string ?? $0.1.text) }
    }

    static func form(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                decoded(halves[0], plusIsSpace: true), halves.count > 1 ? decoded(halves[1], plusIsSpace: true) : ""
            )
        }
    }

    private static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 37, rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte == 43 && plusIsSpace ? 32 : byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

/// One answer, and how it is brought across.
package struct LabAnswer: Sendable {
    package enum Delivery: Sendable, Equatable {
        case whole
        /// Nothing comes until the client gives up.
        case never
        /// The connection breaks before a byte of the answer.
        case resetAtOnce
        /// Half of the body, then a reset.
        case resetInBody
        /// Half of the body, then an orderly close.
        case truncated
        /// A few bytes a second.
        case drip
    }

    package var status: Int
    /// What stands behind the status code; nil is the usual phrase.
    package var reason: String?
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    package var delivery = Delivery.whole
    package var delay: Duration = .zero

    package init(
        status: Int, reason: String? = nil, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
    }

    package static func json(_ value: JSON, status: Int = 200) -> LabAnswer {
        LabAnswer(status: status, headers: [("content-type", "application/json")], body: value.bytes)
    }

    package static func nothing(_ delivery: Delivery) -> LabAnswer {
        var answer = LabAnswer(status: 200)
        answer.delivery = delivery
        return answer
    }
}
