import Core

/// Why a service does not do what it is asked: its code, where it has codes, and its own words.
package struct ZoneRefusal: Error, Equatable, Sendable {
    package var code: Int?
    package var message: String
    /// The part of Cloudflare's 1004 that says what is wrong.
    package var causeCode: Int?
    package var cause: String?

    package init(_ code: Int?, _ message: String, causeCode: Int? = nil, cause: String? = nil) {
        self.code = code
        self.message = message
        self.causeCode = causeCode
        self.cause = cause
    }

    package static var noRecord: ZoneRefusal { ZoneRefusal(81044, "Record does not exist.") }
    package static var quota: ZoneRefusal { ZoneRefusal(81045, "Record quota exceeded.") }

    /// As it is said to whoever wrote.
    var answer: WriteAnswer {
        let text = [code.map(String.init), message, causeCode.map(String.init), cause].compactMap { $0 }
            .joined(separator: " ")
        return switch code {
        case 81044, 81053, 81054, 81057, 81058: .moved(text)
        default: .refused(text)
        }
    }
}

// The writes of a zone as Cloudflare takes them. The simulation and the laboratory both go through here.
extension PublicZone {
    package mutating func create(_ record: ZoneRecord) throws(ZoneRefusal) {
        guard records.count < quota else { throw .quota }
        try check(record)
        add(record)
    }

    /// In place: the id stays.
    package mutating func correct(_ record: ZoneRecord) throws(ZoneRefusal) {
        guard records.contains(where: { $0.id == record.id }) else { throw .noRecord }
        try check(record)
        replace(record)
    }

    /// The record that was there.
    @discardableResult
    package mutating func delete(id: String) throws(ZoneRefusal) -> ZoneRecord {
        guard let old = records.first(where: { $0.id == id }) else { throw .noRecord }
        remove(id: id)
        return old
    }

    private func check(_ record: ZoneRecord) throws(ZoneRefusal) {
        guard record.ttl == 1 || (60...86_400).contains(record.ttl) else {
            throw ZoneRefusal(
                1004, "DNS Validation Error", causeCode: 9021,
                cause: "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        }
        let others = records(at: record.name).filter { $0.id != record.id }
        let addresses: Set<String> = ["A", "AAAA"]
        if record.type == "CNAME", others.contains(where: { addresses.contains($0.type) || $0.type == "CNAME" }) {
            throw ZoneRefusal(81053, "An A, AAAA, or CNAME record with that host already exists.")
        }
        if addresses.contains(record.type), others.contains(where: { $0.type == "CNAME" }) {
            throw ZoneRefusal(81054, "A CNAME record with that host already exists.")
        }
        let twin = others.first {
            $0.type == record.type && $0.content == record.content && $0.srv == record.srv
                && $0.priority == record.priority
        }
        guard let twin else { return }
        if twin.ttl == record.ttl && twin.comment == record.comment && twin.isProxied == record.isProxied {
            throw ZoneRefusal(81058, "An identical record already exists.")
        }
        throw ZoneRefusal(81057, "The record already exists.")
    }
}

extension ZoneRecord {
    /// What a draft makes of a record that is there, or of a new one. Nil when it is neither an address nor a service record.
    func filled(_ draft: RecordDraft, at now: Timestamp) -> ZoneRecord? {
        var record: ZoneRecord
        switch draft.data {
        case .a(let address):
            guard DNSName.ipv4(address) != nil else { return nil }
            record = ZoneRecord(id: id, name: name, type: "A", content: address, createdAt: createdAt)
        case .srv(let srv):
            record = ZoneRecord(id: id, name: name, type: "SRV", content: "", srv: srv, createdAt: createdAt)
        case .aaaa, .cname, .other, .unreadable: return nil
        }
        record.ttl = draft.isProxied ? 1 : draft.ttl
        record.comment = draft.comment.flatMap { $0.isEmpty ? nil : $0 }
        record.isProxied = draft.isProxied
        record.tags = tags
        record.modifiedAt = now
        return record
    }
}
