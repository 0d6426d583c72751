package import Core
package import Curl

/// Changes single records of one zone through Cloudflare's API v4.
///
/// The API has no compare-and-set: a record is read by its id right before it is changed, and only the very record that was
/// meant is changed. Between the two lies one round trip in which somebody else can still write.
package struct CloudflareWriter: EdgeHand {
    private let url: String
    private let zoneID: String
    private let zone: String
    private let token: Secret<String>
    private let client: HTTPClient
    private let allowance: CallAllowance?
    private let circuit: CloudflareCircuit

    /// - Parameters:
    ///   - url: with its path: `https://api.cloudflare.com/client/v4`.
    ///   - allowance: what a daemon's repairs keep to, their looks with their writes.
    ///   - circuit: that of whoever reads the zone: what that one is refused is refused here, too.
    package init(
        url: String, zoneID: String, zone: String, token: Secret<String>, client: HTTPClient,
        allowance: CallAllowance? = nil, circuit: CloudflareCircuit = CloudflareCircuit()
    ) {
        self.allowance = allowance
        self.circuit = circuit
        self.url = url
        self.zoneID = zoneID
        self.zone = DNSName.canonical(zone)
        self.token = token
        self.client = client
    }

    package func obstacle(creates: Bool, within timeout: Span) async -> String? {
        if let refusal = circuit.obstacle(to: creates ? .creates : .writes) {
            return "nothing was sent: \(refusal.words)"
        }
        guard let allowance else { return nil }
        let room = allowance.room(for: CallAllowance.ofOneAttempt)
        let wait = room - ContinuousClock.now
        guard wait > .zero else { return nil }
        guard Span(wait) <= timeout else {
            return "nothing was sent: \(allowance.words), and there is room again in \(Span(wait))"
        }
        do {
            try await Task.sleep(for: wait)
            return nil
        } catch {
            return "nothing was sent: it was cancelled while it waited for room in Cloudflare's quota"
        }
    }

    package func look(at name: String, timeout: Span) async -> EdgeSight {
        if let refusal = circuit.obstacle(to: .all) {
            return .unreadable("zone \(zone): nothing was asked: \(refusal.words)")
        }
        do throws(CloudflareFault) {
            return .records(try await records(at: name, try access(), until: WriteTime(timeout).deadline))
        } catch {
            circuit.note(error)
            return .unreadable("zone \(zone): \(error.said)")
        }
    }

    package func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer {
        let time = WriteTime(timeout)
        var part = CloudflareCircuit.Part.writes
        if case .create = write { part = .creates }
        if let refusal = circuit.obstacle(to: part) { return .turnedAway("nothing was sent: \(refusal.words)") }
        do throws(CloudflareFault) {
            let access = try access()
            // Its place is taken before the look, so that no wait comes between the look and the request.
            try await allowance?.pass("the change was", until: time.deadline)
            switch write {
            case .create(.publicDNS, let draft): return try await create(draft, access, time)
            case .correct(.publicDNS, let record, let draft):
                guard draft.canReplace(record), let form = CloudflareForm(draft, isNew: false) else {
                    return .refused("\(draft.told) cannot take the place of \(record.data) at \(record.name)")
                }
                return try await change(record, access, time) { .patch(form) }
            case .remove(let removal) where removal.plane == .publicDNS:
                return try await change(removal.record, access, time) { .delete }
            case .create, .correct, .remove, .register, .withdraw: return .notHere
            }
        } catch {
            circuit.note(error)
            let said = "nothing was sent: \(error.said)"
            return error.turnsAway ? .turnedAway(said) : .refused(said)
        }
    }

    private func access() throws(CloudflareFault) -> CloudflareAccess {
        try CloudflareAccess(url: url, zoneID: zoneID, token: token, client: client)
    }

    // MARK: Looking

    /// All records at one name, judged as a listing of the whole zone is.
    private func records(
        at name: String, _ access: CloudflareAccess, until deadline: ContinuousClock.Instant
    ) async throws(CloudflareFault) -> [DNSRecord] {
        guard DNSName.isBelow(name, zone) else {
            throw CloudflareFault(.configuration, "'\(name)' is not a name of this zone")
        }
        var listing = CloudflareListing(access, name: name, deadline: deadline, allowance: allowance)
        let reading = ZoneReading(
            endpoint: access.base.origin, pages: try await listing.pages(), startedAt: Timestamp(microseconds: 0))
        switch Zone.judge(reading, zone: zone, plane: .publicDNS) {
        case .read(let listed):
            // What a service lists that knows no such filter is the whole zone.
            if !listed.records.isEmpty { return listed.records.filter { $0.name == name } }
        case .failed(let code, let detail, _): throw CloudflareFault(code, detail)
        case .notConfigured: throw CloudflareFault(.configuration, "nothing is configured")
        }
        try await confirmZone(access, until: deadline)
        return []
    }

    /// Nothing at a name is believed only of a zone that shows a record of its own: another zone has none of that name either.
    private func confirmZone(
        _ access: CloudflareAccess, until deadline: ContinuousClock.Instant
    ) async throws(CloudflareFault) {
        var probe = CloudflareListing(access, perPage: 1, deadline: deadline, allowance: allowance)
        guard let record = try await probe.first().records.first else {
            throw CloudflareFault(
                .emptyListing, "the zone shows no record at all: that a name is missing in it is not believed")
        }
        guard record.name == zone || DNSName.isBelow(record.name, zone) else {
            throw CloudflareFault(
                .wrongZone, "record '\(record.name)' is not of zone '\(zone)': check dns.public.zone_id and dns.zone")
        }
    }

    // MARK: Writing

    private func create(
        _ draft: RecordDraft, _ access: CloudflareAccess, _ time: WriteTime
    ) async throws(CloudflareFault) -> WriteAnswer {
        guard let form = CloudflareForm(draft, isNew: true) else { return .refused("\(draft.told) is never written") }
        let here = try await records(at: draft.name, access, until: time.deadline)
        guard draft.fits(.publicDNS, among: here) else {
            return .moved("at \(draft.name) stands \(Self.told(here)), which was not there before")
        }
        return await send(.post(form), "", access, time)
    }

    private func change(
        _ record: DNSRecord, _ access: CloudflareAccess, _ time: WriteTime, _ act: () -> Act
    ) async throws(CloudflareFault) -> WriteAnswer {
        guard CloudflareAccess.isIdentifier(record.id) else { return .refused("the record has no id that can be used") }
        guard let now = try await read(record.id, access, time) else {
            return .moved("record \(record.id) does not exist any more")
        }
        guard now == record else {
            return .moved("record \(record.id) is \(Self.told(now)) now, and was \(Self.told(record))")
        }
        return await send(act(), "/" + record.id, access, time)
    }

    /// The record as it is at this moment; nil when Cloudflare says that it does not exist.
    private func read(
        _ id: String, _ access: CloudflareAccess, _ time: WriteTime
    ) async throws(CloudflareFault) -> DNSRecord? {
        try await allowance?.pass("record \(id) was", until: time.deadline)
        guard let left = time.left else { throw CloudflareFault(.timeout, "no time was left to look") }
        let response: HTTPResponse
        do {
            response = try await access.send(.get, "/" + id, timeout: left)
        } catch {
            throw CloudflareFault(error)
        }
        let answer = CloudflareChange.decode(response.body)
        if let answer, answer.success, response.status == 200 {
            guard let record = answer.record, record.id == id else {
                throw CloudflareFault(.malformed, "record \(id) was asked for, and none or another one came")
            }
            return record
        }
        if let answer, !answer.success, answer.errors.contains(where: { $0.code == 81044 }) { return nil }
        throw CloudflareFault(response, answer?.errors, zoneID: access.zoneID, hiding: access.secrets)
    }

    private enum Act {
        case post(CloudflareForm)
        case patch(CloudflareForm)
        case delete
    }

    private func send(
        _ act: Act, _ tail: String, _ access: CloudflareAccess, _ time: WriteTime
    ) async -> WriteAnswer {
        let (method, form): (HTTPRequest.Method, CloudflareForm?) =
            switch act {
            case .post(let form): (.post, form)
            case .patch(let form): (.patch, form)
            case .delete: (.delete, nil)
            }
        let call = "\(method.rawValue) dns_records\(tail)"
        var body: [UInt8]?
        switch form?.bytes {
        case .success(let bytes): body = bytes
        case .failure: return .refused("\(call): the request could not be put together")
        case nil: break
        }
        guard let left = time.left else { return WriteTime.spent }
        do {
            let response = try await access.send(method, tail, body: body, timeout: left)
            return judge(response, call, access)
        } catch {
            return WriteAnswer(error, of: call)
        }
    }

    private func judge(_ response: HTTPResponse, _ call: String, _ access: CloudflareAccess) -> WriteAnswer {
        let answer = CloudflareChange.decode(response.body)
        let trace = Self.trace(response)
        switch (WriteVerdict(status: response.status), answer) {
        case (.told, let answer?) where answer.success: return .done(id: answer.id, note: trace)
        case (.told, let answer?), (.notDone, let answer?):
            let fault = CloudflareFault(
                response, answer.errors, zoneID: access.zoneID, need: "DNS Edit", hiding: access.secrets)
            circuit.note(fault, isWrite: true)
            let said = "\(call): \(fault.said), \(trace)"
            if answer.errors.contains(where: { CloudflareChange.conflicts.contains($0.code) }) { return .moved(said) }
            return fault.turnsAway ? .turnedAway(said) : .refused(said)
        case (.notDone, nil):
            let fault = CloudflareFault(
                response, nil, zoneID: access.zoneID, need: "DNS Edit", hiding: access.secrets)
            circuit.note(fault, isWrite: true)
            let said = "\(call): \(fault.said), \(trace)"
            return fault.turnsAway ? .turnedAway(said) : .refused(said)
        case (.told, nil): return .unknown("\(call): \(response.status), and the body cannot be read, \(trace)")
        case (.unknown, _): return .unknown("\(call): \(response.status), \(trace)")
        }
    }

    /// What Cloudflare's support asks for.
    private static func trace(_ response: HTTPResponse) -> String {
        func text(_ name: String) -> String {
            response.headers[name].map { SafeText.clean($0, limit: 60) } ?? "none"
        }
        return "cf-ray \(text("cf-ray")), audit \(text("cf-auditlog-id"))"
    }

    private static func told(_ records: [DNSRecord]) -> String { records.map(told).joined(separator: ", ") }

    private static func told(_ record: DNSRecord) -> String {
        var text = "\(record.data)"
        if record.isProxied { text += " proxied" }
        if let comment = record.comment { text += " '\(SafeText.clean(comment, limit: 60))'" }
        return text + " (\(record.ttl) s)"
    }
}
