import World

/// Why Cloudflare refuses: HTTP status, code, message, and the chain in which the useful part of a 1004 stands.
struct Refusal: Error {
    var status: Int
    var code: Int
    var message: String
    var chain: [(code: Int, message: String)]
    /// Further errors beside the first.
    var others: [(code: Int, message: String)]

    init(
        _ status: Int, _ code: Int, _ message: String, chain: [(code: Int, message: String)] = [],
        others: [(code: Int, message: String)] = []
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.chain = chain
        self.others = others
    }

    /// As the zone itself gave it.
    init(_ refusal: ZoneRefusal) {
        let chain = refusal.cause.map { [(refusal.causeCode ?? 0, $0)] } ?? []
        let code = refusal.code ?? 1000
        self.init(code == 81044 ? 404 : 400, code, refusal.message, chain: chain)
    }

    static var noRecord: Refusal { Refusal(.noRecord) }
    static func invalid(_ code: Int, _ message: String) -> Refusal {
        Refusal(400, 1004, "DNS Validation Error", chain: [(code, message)])
    }
}

extension LabAnswer {
    static func envelope(
        _ result: JSON, info: JSON? = nil, messages: [(code: Int, message: String)] = []
    ) -> LabAnswer {
        var members: [(String, JSON)] = [
            ("result", result), ("success", .bool(true)), ("errors", .array([])),
            (
                "messages",
                .array(
                    messages.map {
                        .object([("code", .int($0.code)), ("message", .string($0.message)), ("type", .null)])
                    })
            ),
        ]
        if let info { members.append(("result_info", info)) }
        return .json(.object(members))
    }

    static func refusal(_ refusal: Refusal) -> LabAnswer {
        func item(_ code: Int, _ message: String) -> [(String, JSON)] {
            [("code", .int(code)), ("message", .string(message))]
        }
        var first = item(refusal.code, refusal.message)
        if !refusal.chain.isEmpty {
            first.append(("error_chain", .array(refusal.chain.map { .object(item($0.code, $0.message)) })))
        }
        let errors = [JSON.object(first)] + refusal.others.map { JSON.object(item($0.code, $0.message)) }
        return .json(
            .object([
                ("result", .null), ("success", .bool(false)), ("errors", .array(errors)), ("messages", .array([])),
            ]), status: refusal.status)
    }
}

enum EnvelopeID {
    static func uuid(_ seed: inout Seed) -> String {
        [8, 4, 4, 4, 12].map { seed.hex($0) }.joined(separator: "-")
    }

    /// Whether a byte can stand in a token.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95 || byte == 45
    }
}
