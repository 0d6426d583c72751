/// What Technitium listed of one whole zone: a single answer, without pages. Decoded, not yet believed; ``Zone`` judges it.
package struct TechnitiumReading: Equatable, Sendable {
    /// The zone that the server says it listed, which need not be the one that was asked for.
    package struct ZoneInfo: Equatable, Sendable {
        /// Canonical.
        package var name: String
        /// As sent: `Primary`, `Secondary`, `Stub`, `Forwarder`, ...
        package var type: String
        package var isDisabled: Bool
        /// Nil where an older version does not say.
        package var serial: Int?

        package init(name: String, type: String, isDisabled: Bool, serial: Int?) {
            self.name = name
            self.type = type
            self.isDisabled = isDisabled
            self.serial = serial
        }
    }

    /// Scheme, host and port.
    package var endpoint: String
    package var zone: ZoneInfo
    package var records: [DNSRecord]
    /// The serial in the SOA record of the list; nil when there is none, or none that can be read.
    package var listedSerial: Int?
    /// Ids of records that the server removes by itself some time after their last change (`expiryTtl`).
    package var expiring: Set<String>
    package var startedAt: Timestamp

    package init(
        endpoint: String, zone: ZoneInfo, records: [DNSRecord], listedSerial: Int?, expiring: Set<String> = [],
        startedAt: Timestamp
    ) {
        self.expiring = expiring
        self.endpoint = endpoint
        self.zone = zone
        self.records = records
        self.listedSerial = listedSerial
        self.startedAt = startedAt
    }

    /// Technitium has no record ids: a record is named by its exact value, also when it is changed or deleted.
    package static func id(of name: String, _ data: DNSRecord.Data) -> String { "\(name) \(data)" }

    /// Whether the zone was written to while it was listed: the records come first, the zone's serial after them.
    package var isTorn: Bool {
        guard let serial = zone.serial, let listedSerial else { return false }
        return serial != listedSerial
    }
}

extension Zone {
    /// Judges a listing of the internal zone: it has to be of this very zone, served from here, and whole.
    ///
    /// - Parameter isOurs: whose removal by the server itself is worth a word.
    package static func judge(
        _ reading: TechnitiumReading, zone: String, isOurs: (DNSRecord) -> Bool = { _ in false }
    ) -> PlaneFact<Zone> {
        let zone = DNSName.canonical(zone)
        func failed(_ reason: Unknown, _ detail: String) -> PlaneFact<Zone> {
            .failed(reason, detail: "\(reading.endpoint): \(detail)", at: reading.startedAt)
        }
        // Asked for a zone that it does not have, Technitium lists the closest enclosing one without a word.
        guard reading.zone.name == zone else {
            return failed(
                .wrongZone,
                "zone '\(zone)' was asked for, zone '\(reading.zone.name)' was listed: the server has no zone of its own for "
                    + "dns.zone")
        }
        guard let apex = apexTypes[reading.zone.type] else {
            return failed(
                .wrongZone,
                "zone '\(zone)' is of type \(reading.zone.type) here: dns.internal.url has to be of the server where it is "
                    + "Primary")
        }
        if reading.zone.isDisabled {
            return failed(.configuration, "zone '\(zone)' is disabled on the server, so none of its records is served")
        }
        if reading.records.isEmpty {
            return failed(.emptyListing, "the listing of zone '\(zone)' holds no record at all, not even its SOA")
        }
        let found = Set(
            reading.records.lazy.filter { $0.name == zone }.compactMap {
                if case .other(let type) = $0.data { type } else { nil }
            })
        if let missing = apex.first(where: { !found.contains($0) }) {
            return failed(
                .partialListing,
                "the listing of zone '\(zone)' lacks its \(missing) record, so it is not the whole zone")
        }
        if reading.isTorn {
            return failed(.changedWhileRead, "zone '\(zone)' changed while it was read: its serial moved on")
        }
        if let stranger = reading.records.first(where: {
            $0.name != zone && !DNSName.isBelow($0.name, zone)
        }) {
            return failed(.wrongZone, "record '\(stranger.name)' is not of zone '\(zone)': check dns.zone")
        }
        var ids: Set<String> = []
        for record in reading.records where record.isOfOurTypes {
            guard ids.insert(record.id).inserted else {
                return failed(.malformed, "record '\(record.id)' is listed twice")
            }
        }
        let expiring =
            reading.expiring.isEmpty
            ? [] : reading.records.filter { reading.expiring.contains($0.id) && isOurs($0) }.map(\.id).sorted()
        let detail = "\(reading.records.count) records of \(zone), read from \(reading.endpoint)"
        return .read(
            Zone(
                plane: .internalDNS, name: zone, endpoint: reading.endpoint, observedAt: reading.startedAt,
                records: reading.records,
                detail: ([detail] + [told(expiring)].compactMap { $0 }).joined(separator: "; "),
                expiring: expiring))
    }

    /// That records will drift by themselves; nil where none will.
    static func told(_ expiring: [String]) -> String? {
        guard let first = expiring.first else { return nil }
        return expiring.count == 1
            ? "the server will remove a record of ours by itself (expiryTtl): '\(first)'"
            : "the server will remove \(expiring.count) records of ours by itself (expiryTtl), '\(first)' among them"
    }

    /// What stands at the apex of every whole zone, by its type. A conditional forwarder has a SOA record but no name servers.
    private static let apexTypes = ["Primary": ["SOA", "NS"], "Forwarder": ["SOA"]]
}

extension DNSRecord {
    /// Of other types the content is not kept, so that two of them look alike.
    fileprivate var isOfOurTypes: Bool {
        switch data {
        case .a, .aaaa, .cname, .srv: true
        case .other, .unreadable: false
        }
    }
}
