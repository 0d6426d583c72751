package import Core
package import Curl

/// Changes single records of one zone through the HTTP API of a Technitium DNS server.
///
/// The server compares the value of a record before it changes or removes it, and nothing else of it: comment and state are
/// compared here, right before. One RRset has one TTL, so that a record is only changed where that changes no other one.
/// Removing an address also removes its PTR record where the server holds the reverse zone; the server says nothing of it.
package struct TechnitiumWriter: EdgeHand {
    private let url: String
    private let zone: String
    private let token: Secret<String>
    private let client: HTTPClient

    /// - Parameter url: with its path: `http://10.0.0.2:5380/api`.
    package init(url: String, zone: String, token: Secret<String>, client: HTTPClient) {
        self.url = url
        self.zone = DNSName.canonical(zone)
        self.token = token
        self.client = client
    }

    package func look(at name: String, timeout: Span) async -> EdgeSight {
        do throws(TechnitiumFault) {
            return .records(try await place(name, try call(timeout)).rows.map(\.record))
        } catch {
            return .unreadable("internal zone \(zone): \(error.said)")
        }
    }

    package func write(_ write: EdgeWrite, timeout: Span) async -> WriteAnswer {
        let time = WriteTime(timeout)
        do throws(TechnitiumFault) {
            let call = try call(timeout)
            switch write {
            case .create(.internalDNS, let draft): return try await create(draft, call, time)
            case .correct(.internalDNS, let record, let draft): return try await correct(record, draft, call, time)
            case .remove(let removal) where removal.plane == .internalDNS:
                return try await remove(removal.record, call, time)
            case .create, .correct, .remove, .register, .withdraw: return .notHere
            }
        } catch {
            return .refused("nothing was sent: \(error.said)")
        }
    }

    private func call(_ timeout: Span) throws(TechnitiumFault) -> TechnitiumCall {
        try TechnitiumCall(url: url, token: token, timeout: timeout, client: client)
    }

    // MARK: Looking

    private struct Place {
        /// All at the name.
        var rows: [TechnitiumRecord]
        var serial: Int?
    }

    /// The records of one name, and with them the zone's apex, which shows whether the zone is the right one and whole.
    private func place(_ name: String, _ call: TechnitiumCall) async throws(TechnitiumFault) -> Place {
        guard DNSName.isBelow(name, zone) else {
            throw TechnitiumFault(.configuration, "'\(name)' is not a name of this zone")
        }
        var fault = TechnitiumFault(.changedWhileRead, "the zone changed each time that it was read")
        for _ in 0..<3 {
            let named = try await listing(name, call)
            let apex = try await listing(zone, call)
            guard named.zone == apex.zone else { continue }
            let reading = TechnitiumReading(
                endpoint: call.base.origin, zone: apex.zone, records: (named.records + apex.records).map(\.record),
                listedSerial: apex.serial, startedAt: Timestamp(microseconds: 0))
            switch Zone.judge(reading, zone: zone) {
            case .read:
                return Place(rows: named.records.filter { $0.record.name == name }, serial: apex.zone.serial)
            case .failed(let code, let detail, _):
                fault = TechnitiumFault(code, detail)
                if code != .changedWhileRead { throw fault }
            case .notConfigured: throw TechnitiumFault(.configuration, "nothing is configured")
            }
        }
        throw fault
    }

    private func listing(_ domain: String, _ call: TechnitiumCall) async throws(TechnitiumFault) -> TechnitiumListing {
        let envelope: TechnitiumEnvelope<TechnitiumListing> = try await call.read(
            "/zones/records/get", [("domain", domain), ("zone", zone)])
        guard let listing = envelope.response else {
            throw TechnitiumFault(.malformed, "the answer lacks the zone or its records")
        }
        return listing
    }

    // MARK: Writing

    private func create(
        _ draft: RecordDraft, _ call: TechnitiumCall, _ time: WriteTime
    ) async throws(TechnitiumFault) -> WriteAnswer {
        guard let value = TechnitiumValue(draft.data), !draft.isDisabled else {
            return .refused("\(draft.told) is never written")
        }
        let place = try await place(draft.name, call)
        guard draft.fits(.internalDNS, among: place.rows.map(\.record)) else {
            let here = place.rows.map { "\($0.record.data)" }.joined(separator: ", ")
            return .moved("at \(draft.name) stands \(here), which was not there before")
        }
        return await send(
            "add",
            [("domain", draft.name), ("zone", zone), ("type", value.type)] + value.parameters() + [
                ("ttl", "\(draft.ttl)"), ("overwrite", "false"), ("comments", draft.comment ?? ""), ("expiryTtl", "0"),
            ], place, call, time)
    }

    private func correct(
        _ record: DNSRecord, _ draft: RecordDraft, _ call: TechnitiumCall, _ time: WriteTime
    ) async throws(TechnitiumFault) -> WriteAnswer {
        guard draft.canReplace(record), let old = TechnitiumValue(record.data), let new = TechnitiumValue(draft.data)
        else { return .refused("\(draft.told) cannot take the place of \(record.data) at \(record.name)") }
        let place = try await place(record.name, call)
        guard let row = place.rows.first(where: { $0.record == record }) else { return moved(record, place) }
        let others = place.rows.filter { $0.record.id != record.id && draft.canReplace($0.record) }
        if let other = others.first(where: { $0.record.ttl != draft.ttl }) {
            return .moved("\(other.record.data) stands beside it and would get its TTL")
        }
        // What is left out is reset: all of it is sent, and the term of its own life as it stands.
        return await send(
            "update",
            [("domain", record.name), ("zone", zone), ("type", old.type)] + old.parameters()
                + new.parameters(prefix: "new") + [
                    ("ttl", "\(draft.ttl)"), ("disable", "\(draft.isDisabled)"), ("comments", draft.comment ?? ""),
                    ("expiryTtl", "\(row.expiryTTL)"),
                ], place, call, time)
    }

    private func remove(
        _ record: DNSRecord, _ call: TechnitiumCall, _ time: WriteTime
    ) async throws(TechnitiumFault) -> WriteAnswer {
        guard let value = TechnitiumValue(record.data) else { return .refused("\(record.data) is never removed") }
        let place = try await place(record.name, call)
        guard place.rows.contains(where: { $0.record == record }) else { return moved(record, place) }
        return await send(
            "delete", [("domain", record.name), ("zone", zone), ("type", value.type)] + value.parameters(), place, call,
            time)
    }

    private func moved(_ record: DNSRecord, _ place: Place) -> WriteAnswer {
        guard let now = place.rows.first(where: { $0.record.id == record.id })?.record else {
            return .moved("\(record.data) at \(record.name) does not exist any more")
        }
        let comment = SafeText.clean(now.comment ?? "", limit: 60)
        return .moved(
            "\(record.data) at \(record.name) is not as it was: comment '\(comment)', \(now.ttl) s"
                + (now.isDisabled ? ", disabled" : ""))
    }

    private func send(
        _ verb: String, _ parameters: [(name: String, value: String)], _ place: Place, _ call: TechnitiumCall,
        _ time: WriteTime
    ) async -> WriteAnswer {
        guard time.left != nil else { return WriteTime.spent }
        let name = "records/\(verb)"
        do {
            let response = try await call.exchange("/zones/\(name)", parameters)
            return judge(response, name, place, hiding: call.secrets)
        } catch {
            return WriteAnswer(error, of: name)
        }
    }

    private func judge(
        _ response: HTTPResponse, _ name: String, _ place: Place, hiding secrets: [String]
    ) -> WriteAnswer {
        let remark = TechnitiumEnvelope<TechnitiumNothing>.decode(response.body)?.remark
        let fault = TechnitiumFault(response, saying: remark, need: "Modify and Delete", hiding: secrets)
        switch (WriteVerdict(status: response.status), remark) {
        case (.told, let remark?) where remark.status == "ok":
            return .done(
                id: nil, note: place.serial.map { "the zone's serial was \($0) before" } ?? "the zone tells no serial")
        case (.told, let remark?) where remark.isRefusal:
            return remark.isConflict ? .moved("\(name): \(fault.said)") : .refused("\(name): \(fault.said)")
        case (.notDone, _): return .refused("\(name): \(fault.said)")
        case (.told, _), (.unknown, _): return .unknown("\(name): \(fault.said)")
        }
    }
}

extension TechnitiumRemark {
    /// Whether it says in its own words that it did nothing.
    fileprivate var isRefusal: Bool { ["error", "invalid-token", "2fa-required"].contains(status) }

    /// The record is not what it was taken for. There are no codes, only texts.
    fileprivate var isConflict: Bool {
        let text = message.lowercased()
        return status == "error"
            && ["already exists", "does not exist", "no such record", "cannot exists with other"].contains {
                text.contains($0)
            }
    }
}

/// The value of a record in the parameters of a call.
private struct TechnitiumValue {
    let type: String
    private let members: [(name: String, value: String)]

    /// Nil for a type that is never written, and for an address that is none: the server knows words that stand for addresses.
    init?(_ data: DNSRecord.Data) {
        switch data {
        case .a(let address):
            guard DNSName.ipv4(address) != nil else { return nil }
            (type, members) = ("A", [("ipAddress", address)])
        case .srv(let srv):
            type = "SRV"
            members = [
                ("priority", "\(srv.priority)"), ("weight", "\(srv.weight)"), ("port", "\(srv.port)"),
                ("target", srv.target),
            ]
        case .aaaa, .cname, .other, .unreadable: return nil
        }
    }

    /// With the prefix "new", `ipAddress` becomes `newIpAddress`.
    func parameters(prefix: String = "") -> [(name: String, value: String)] {
        prefix.isEmpty
            ? members : members.map { (prefix + $0.name.prefix(1).uppercased() + $0.name.dropFirst(), $0.value) }
    }
}
