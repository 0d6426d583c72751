import Core

/// One answer of Cloudflare's API: the envelope and, for a listing, its page.
struct CloudflareEnvelope: Decodable {
    struct Fault: Decodable {
        var code: Int
        var message: String
        var chain: [Fault]

        private enum Key: String, CodingKey {
            case code, message
            case chain = "error_chain"
        }

        init(from decoder: any Decoder) throws {
            let fault = try decoder.container(keyedBy: Key.self)
            code = fault.lenientInt(.code) ?? 0
            message = fault.lenientText(.message) ?? ""
            if case .success(let chain) = Result(catching: { try fault.decode([Fault].self, forKey: .chain) }) {
                self.chain = chain
            } else {
                chain = []
            }
        }
    }

    struct Info: Decodable, Equatable {
        var page: Int?
        var totalPages: Int?
        var totalCount: Int?
        var count: Int?
        var perPage: Int?
    }

    /// Decides, not the HTTP status alone.
    var success: Bool
    var errors: [Fault]
    /// Nil when the answer has none, or null.
    var records: [CloudflareRecord]?
    var info: Info?

    static func decode(_ body: [UInt8]) -> Result<CloudflareEnvelope, any Error> {
        if let envelope = PlainListing.envelope(body) { return .success(envelope) }
        return lenient(body)
    }

    /// By Foundation, for an answer that is in any way unusual.
    static func lenient(_ body: [UInt8]) -> Result<CloudflareEnvelope, any Error> {
        Result { try WholeJSON.decode(CloudflareEnvelope.self, body) }
    }
}

extension CloudflareEnvelope {
    private enum Key: String, CodingKey {
        case success, errors, result
        case info = "result_info"
    }

    /// Throws when it is no envelope, or when one record of a listing has no id, name or type: a hole in a listing is
    /// not completeness.
    init(from decoder: any Decoder) throws {
        let envelope = try decoder.container(keyedBy: Key.self)
        guard case .success(let success) = Result(catching: { try envelope.decode(Bool.self, forKey: .success) }) else {
            throw DecodingError.dataCorruptedError(
                forKey: .success, in: envelope, debugDescription: "an answer that does not say whether it succeeded")
        }
        self.success = success
        // `messages` is not read: it carries codes on success too.
        errors = try envelope.decodeIfPresent([Fault].self, forKey: .errors) ?? []
        records = success ? try envelope.decodeIfPresent([CloudflareRecord].self, forKey: .result) : nil
        info = success ? try envelope.decodeIfPresent(Info.self, forKey: .info) : nil
    }
}

extension CloudflareEnvelope.Info {
    private enum Key: String, CodingKey {
        case page, count
        case totalPages = "total_pages"
        case totalCount = "total_count"
        case perPage = "per_page"
    }

    init(from decoder: any Decoder) throws {
        let info = try decoder.container(keyedBy: Key.self)
        page = info.lenientInt(.page)
        totalPages = info.lenientInt(.totalPages)
        totalCount = info.lenientInt(.totalCount)
        count = info.lenientInt(.count)
        perPage = info.lenientInt(.perPage)
    }
}
