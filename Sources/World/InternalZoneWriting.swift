import Core

// The writes of a zone as Technitium takes them. The simulation and the laboratory both go through here.
extension InternalZone {
    /// Of the SOA record: no record may live longer.
    private static let expire = 604_800

    /// Adds a record. One RRset has one TTL, so that a new one is that of all records of the name and type.
    ///
    /// - Parameter overwrite: takes the place of all records of the name and type, whoever made them.
    package mutating func add(_ record: InternalRecord, overwrite: Bool) throws(ZoneRefusal) {
        let here = records(at: record.name)
        guard record.ttl <= Self.expire else {
            throw ZoneRefusal(nil, "Cannot add record: TTL cannot be greater than SOA EXPIRE.")
        }
        let isAlias = record.data.type == "CNAME"
        if isAlias, !overwrite, here.contains(where: { $0.data.type == "CNAME" }) {
            throw ZoneRefusal(
                nil, "Record already exists. Use overwrite option if you wish to overwrite existing record.")
        }
        guard !here.contains(where: { ($0.data.type == "CNAME") != isAlias }) else {
            throw ZoneRefusal(
                nil, "Cannot add record: a CNAME record cannot exists with other record types for the same name.")
        }
        if overwrite {
            remove { $0.name == record.name && $0.data.type == record.data.type }
        } else if here.contains(where: { $0.data.isSame(as: record.data) && $0.ttl == record.ttl }) {
            throw ZoneRefusal(nil, "Cannot add record: record already exists.")
        }
        put(record)
    }

    /// Changes the record with exactly this value, and all that is known of it besides.
    package mutating func update(
        _ name: String, _ old: InternalRecord.Data, to record: InternalRecord
    ) throws(ZoneRefusal) {
        guard records(at: name).contains(where: { $0.data.isSame(as: old) }) else {
            throw ZoneRefusal(nil, "Cannot update record: the record does not exists to be updated.")
        }
        guard record.ttl <= Self.expire else {
            throw ZoneRefusal(nil, "Cannot update record: TTL cannot be greater than SOA EXPIRE.")
        }
        // A change of the value onto that of another record leaves one of the two.
        if record.name != name || !record.data.isSame(as: old) {
            remove { $0.name == record.name && $0.data.isSame(as: record.data) }
        }
        change {
            $0.name == name && $0.data.isSame(as: old)
        } _: {
            $0 = record
        }
        share(record)
    }

    /// Removes the record with exactly this value.
    package mutating func delete(_ name: String, _ data: InternalRecord.Data) throws(ZoneRefusal) {
        guard remove(where: { $0.name == name && $0.data.isSame(as: data) }) > 0 else {
            throw ZoneRefusal(nil, "Cannot delete record: no such record exists.")
        }
    }

    // Of the same value with another TTL the new one takes the place.
    private mutating func put(_ record: InternalRecord) {
        let count = change {
            $0.name == record.name && $0.data.isSame(as: record.data)
        } _: {
            $0 = record
        }
        if count == 0 { add(record) }
        share(record)
    }

    private mutating func share(_ record: InternalRecord) {
        change {
            $0.name == record.name && $0.data.type == record.data.type && $0.ttl != record.ttl
        } _: {
            $0.ttl = record.ttl
        }
    }
}

extension InternalRecord.Data {
    /// Names in a value are compared without regard to case.
    func isSame(as other: InternalRecord.Data) -> Bool {
        switch (self, other) {
        case (.srv(let a), .srv(let b)):
            (a.priority, a.weight, a.port) == (b.priority, b.weight, b.port) && DNSName.areSame(a.target, b.target)
        case (.cname(let a), .cname(let b)), (.ns(let a), .ns(let b)): DNSName.areSame(a, b)
        default: self == other
        }
    }

    /// Nil for what is never written.
    init?(_ data: DNSRecord.Data) {
        switch data {
        case .a(let address): self = .a(address)
        case .srv(let srv): self = .srv(srv)
        case .aaaa, .cname, .other, .unreadable: return nil
        }
    }
}
