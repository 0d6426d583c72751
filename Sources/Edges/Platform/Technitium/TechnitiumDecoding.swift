import Core

/// One answer of Technitium's API: what it says of itself, and what was asked for.
struct TechnitiumEnvelope<Response: Decodable>: Decodable {
    /// `ok`, `error`, `invalid-token`, `2fa-required`.
    var status: String
    var message: String
    /// Nil when there is none, or none of that shape.
    var response: Response?
    /// Stands at the top level, in answers that tell it.
    var session: TechnitiumSession?

    private enum Key: String, CodingKey { case status, response, errorMessage, innerErrorMessage }

    init(from decoder: any Decoder) throws {
        let envelope = try decoder.container(keyedBy: Key.self)
        guard let status = envelope.lenientText(.status) else {
            throw DecodingError.dataCorruptedError(
                forKey: .status, in: envelope, debugDescription: "an answer that does not say whether it succeeded")
        }
        self.status = status
        message = [envelope.lenientText(.errorMessage), envelope.lenientText(.innerErrorMessage)].compactMap { $0 }
            .joined(separator: ": ")
        guard status == "ok" else { return }
        if case .success(let response) = Result(catching: { try envelope.decode(Response.self, forKey: .response) }) {
            self.response = response
        }
        if case .success(let session) = Result(catching: { try TechnitiumSession(from: decoder) }) {
            self.session = session
        }
    }

    /// Nil when it is not an answer of this API at all.
    static func decode(_ body: [UInt8]) -> TechnitiumEnvelope? {
        guard case .success(let envelope) = Result(catching: { try WholeJSON.decode(Self.self, body) })
        else { return nil }
        return envelope
    }

    var remark: TechnitiumRemark { TechnitiumRemark(status: status, message: message) }
}

/// What an answer says of itself.
struct TechnitiumRemark {
    var status: String
    var message: String
}

/// Of a call whose answer has no `response`.
struct TechnitiumNothing: Decodable {}

/// `response` of `/api/zones/records/get`.
struct TechnitiumListing: Decodable {
    var zone: TechnitiumReading.ZoneInfo
    var records: [TechnitiumRecord]
    /// Of the SOA record at the zone's apex.
    var serial: Int?

    private enum Key: String, CodingKey { case zone, records }
    private enum ZoneKey: String, CodingKey { case name, type, disabled, soaSerial }

    /// Throws when the zone does not say what it is, or when one record has no name or type: a hole in a listing is not
    /// completeness.
    init(from decoder: any Decoder) throws {
        let listing = try decoder.container(keyedBy: Key.self)
        let info = try listing.nestedContainer(keyedBy: ZoneKey.self, forKey: .zone)
        guard let name = info.lenientText(.name), let type = info.lenientText(.type),
            let isDisabled = info.lenientBool(.disabled)
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .zone, in: listing, debugDescription: "a zone without name, type or disabled")
        }
        zone = TechnitiumReading.ZoneInfo(
            name: DNSName.canonical(name), type: type, isDisabled: isDisabled, serial: info.lenientInt(.soaSerial))
        records = try listing.decode([TechnitiumRecord].self, forKey: .records)
        let apex = zone.name
        serial = records.first { $0.record.name == apex && $0.record.data == .other(type: "SOA") }?.serial
    }

    func reading(endpoint: String, at startedAt: Timestamp) -> TechnitiumReading {
        TechnitiumReading(
            endpoint: endpoint, zone: zone, records: records.map(\.record), listedSerial: serial,
            expiring: Set(records.lazy.filter { $0.expiryTTL > 0 }.map(\.record.id)), startedAt: startedAt)
    }
}

/// `/api/user/session/get`: of the answer, what a person can do something about. It repeats the token, which is not kept.
package struct TechnitiumSession: Equatable, Sendable {
    package var version: String
    package var user: String
    /// Whether it is a token made for programs; the other kind ends with the session in which it was made.
    package var isAPIToken: Bool
    /// Whether the token may administer the whole server.
    package var isAdministrator: Bool

    package init(version: String, user: String, isAPIToken: Bool, isAdministrator: Bool) {
        self.version = version
        self.user = user
        self.isAPIToken = isAPIToken
        self.isAdministrator = isAdministrator
    }

    /// Before 13 the calls take other parameters.
    package static let oldest = 13

    /// Nil when the version does not begin with a number.
    package var major: Int? { Lenient.int(String(version.prefix { $0 != "." })) }
}

extension TechnitiumSession: Decodable {
    private enum Key: String, CodingKey { case username, tokenName, info }
    private enum InfoKey: String, CodingKey { case version, permissions }
    private enum SectionKey: String, CodingKey { case administration = "Administration" }
    private enum FlagKey: String, CodingKey { case canModify }

    package init(from decoder: any Decoder) throws {
        let answer = try decoder.container(keyedBy: Key.self)
        let info = try answer.nestedContainer(keyedBy: InfoKey.self, forKey: .info)
        guard let version = info.lenientText(.version) else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: info, debugDescription: "a server without a version")
        }
        let mayAdminister = Result {
            try info.nestedContainer(keyedBy: SectionKey.self, forKey: .permissions)
                .nestedContainer(keyedBy: FlagKey.self, forKey: .administration).lenientBool(.canModify)
        }
        let isAdministrator = if case .success(true?) = mayAdminister { true } else { false }
        self.init(
            version: SafeText.clean(version, limit: 40), user: SafeText.clean(answer.lenientText(.username) ?? ""),
            isAPIToken: answer.lenientText(.tokenName) != nil, isAdministrator: isAdministrator)
    }
}
