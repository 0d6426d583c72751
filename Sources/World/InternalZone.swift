package import Core

/// One record as Technitium keeps it: without an id, named by its exact value.
package struct InternalRecord: Equatable, Sendable {
    package enum Data: Equatable, Sendable {
        case a(String)
        case aaaa(String)
        case cname(String)
        case srv(SRV)
        case ns(String)
        /// Its primary name server; the serial is the zone's.
        case soa(String)
        case txt(String)

        package var type: String {
            switch self {
            case .a: "A"
            case .aaaa: "AAAA"
            case .cname: "CNAME"
            case .srv: "SRV"
            case .ns: "NS"
            case .soa: "SOA"
            case .txt: "TXT"
            }
        }
    }

    /// The full name, lower case, without a trailing dot.
    package var name: String
    package var data: Data
    package var ttl: Int
    package var comment: String?
    /// Kept and listed, but not served.
    package var isDisabled: Bool
    package var modifiedAt: Timestamp
    /// After so many seconds without a change the server removes it by itself; 0 is never.
    package var expiryTTL: Int

    package init(
        name: String, data: Data, ttl: Int = 60, comment: String? = nil, isDisabled: Bool = false,
        modifiedAt: Timestamp, expiryTTL: Int = 0
    ) {
        self.name = name
        self.data = data
        self.ttl = ttl
        self.comment = comment
        self.isDisabled = isDisabled
        self.modifiedAt = modifiedAt
        self.expiryTTL = expiryTTL
    }

    /// As a reader understands it.
    package var decoded: DNSRecord {
        let name = DNSName.canonical(name)
        let data: DNSRecord.Data =
            switch data {
            case .a(let address): DNSName.ipv4(address) == nil ? .unreadable(type: "A") : .a(address)
            case .aaaa(let address): .aaaa(address)
            case .cname(let target): .cname(DNSName.canonical(target))
            case .srv(let data):
                .srv(
                    SRV(
                        priority: data.priority, weight: data.weight, port: data.port,
                        target: DNSName.canonical(data.target)))
            case .ns, .soa, .txt: .other(type: data.type)
            }
        return DNSRecord(
            id: TechnitiumReading.id(of: name, data), name: name, data: data, ttl: ttl, comment: comment,
            isDisabled: isDisabled)
    }
}

/// The internal zone as it really is. Every change moves its serial on.
package struct InternalZone: Equatable, Sendable {
    package var name: String
    package private(set) var serial: Int
    /// In the order in which they were made; SOA and NS come first.
    package private(set) var records: [InternalRecord]
    /// What was removed lately: a stale copy still shows it.
    package private(set) var removed: [InternalRecord] = []

    package init(name: String, serial: Int = 1, records: [InternalRecord]) {
        self.name = name
        self.serial = serial
        self.records = records
    }

    package func records(at name: String) -> [InternalRecord] { records.filter { $0.name == name } }

    package mutating func add(_ record: InternalRecord) {
        records.append(record)
        serial += 1
    }

    /// Removes what matches, and says how many records that were.
    @discardableResult
    package mutating func remove(where matches: (InternalRecord) -> Bool) -> Int {
        let gone = records.filter(matches)
        guard !gone.isEmpty else { return 0 }
        removed += gone
        records.removeAll(where: matches)
        serial += gone.count
        return gone.count
    }

    /// Changes what matches in place, and says how many records that were.
    @discardableResult
    package mutating func change(
        where matches: (InternalRecord) -> Bool, _ body: (inout InternalRecord) -> Void
    ) -> Int {
        var count = 0
        for index in records.indices where matches(records[index]) {
            body(&records[index])
            count += 1
        }
        serial += count
        return count
    }

    /// An earlier state: what was made last is missing, what was removed is still there.
    fileprivate var staleRecords: [InternalRecord] {
        let isApex = { (record: InternalRecord) in record.name == name }
        let newest = records.lastIndex { !isApex($0) }
        return records.indices.filter { $0 != newest }.map { records[$0] } + removed
    }
}

/// What the server shows of a zone to who lists it, its faults included. The simulation and the laboratory both read it.
package struct InternalZoneView: Sendable {
    package var name: String
    package var type: String
    package var isDisabled: Bool
    /// The zone's, which is read after the records.
    package var serial: Int
    /// The one in the SOA record of the list.
    package var listedSerial: Int
    package var records: [InternalRecord]
}

extension InternalZone {
    package func view(_ faults: Set<TechnitiumFault>) -> InternalZoneView {
        var view = InternalZoneView(
            name: name, type: faults.contains(.secondary) ? "Secondary" : "Primary",
            isDisabled: faults.contains(.zoneDisabled), serial: serial, listedSerial: serial, records: records)
        if faults.contains(.staleCopy) {
            view.records = staleRecords
            (view.serial, view.listedSerial) = (serial - 1, serial - 1)
        }
        if faults.contains(.torn) {
            view.listedSerial = view.serial - 1
            if let last = view.records.lastIndex(where: { $0.name != name }) { view.records.remove(at: last) }
        }
        if faults.contains(.enclosingZone) {
            // One label up. Its own apex, and what it holds of the zone that was asked for: nothing of ours.
            let above = name.split(separator: ".").dropFirst().joined(separator: ".")
            view.name = above
            view.records = records.filter { $0.name == name }.map { record in
                var record = record
                record.name = above
                return record
            }
        }
        if faults.contains(.empty) { view.records = [] }
        return view
    }
}

extension Estate {
    /// What a controller reads of the internal zone.
    package func internalReading(
        endpoint: String, faults: Set<TechnitiumFault> = [], at now: Timestamp
    ) -> Result<TechnitiumReading, ReadFailure> {
        func failure(_ code: Unknown, _ detail: String) -> Result<TechnitiumReading, ReadFailure> {
            .failure(ReadFailure(code, "\(endpoint): \(detail)", at: now))
        }
        if faults.contains(.refused) { return failure(.refused, "connection refused") }
        if faults.contains(.timeout) { return failure(.timeout, "no answer in time") }
        if faults.contains(.invalidToken) { return failure(.unauthorized, "invalid-token") }
        if faults.contains(.accessDenied) { return failure(.forbidden, "Access was denied.") }
        if faults.contains(.noSuchZone) { return failure(.notFound, "No such zone was found") }
        if faults.contains(.malformed) { return failure(.malformed, "the body is not JSON") }
        let view = internalZone.view(faults)
        let hasSOA = view.records.contains { if case .soa = $0.data { true } else { false } }
        return .success(
            TechnitiumReading(
                endpoint: endpoint,
                zone: .init(name: view.name, type: view.type, isDisabled: view.isDisabled, serial: view.serial),
                records: view.records.map(\.decoded), listedSerial: hasSOA ? view.listedSerial : nil,
                expiring: Set(view.records.lazy.filter { $0.expiryTTL > 0 }.map(\.decoded.id)), startedAt: now))
    }
}
