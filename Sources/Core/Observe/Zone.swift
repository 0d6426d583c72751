/// A believed listing of one whole DNS zone.
package struct Zone: Equatable, Sendable {
    package let plane: Plane
    /// Canonical.
    package let name: String
    package let endpoint: String
    package let observedAt: Timestamp
    /// Sorted by name.
    package let records: [DNSRecord]
    package let detail: String
    private let ranges: [String: Range<Int>]

    package var evidence: Evidence { Evidence(plane: plane, observedAt: observedAt) }

    /// An empty answer is not read as "all gone": a zone of a running platform is never empty.
    package var isDoubtful: Bool { records.isEmpty }

    package init(
        plane: Plane, name: String, endpoint: String, observedAt: Timestamp, records: [DNSRecord], detail: String
    ) {
        self.plane = plane
        self.name = name
        self.endpoint = endpoint
        self.observedAt = observedAt
        // By id within a name, so that the order in which a service lists its records shows nowhere.
        self.records = records.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        self.detail = detail
        var ranges: [String: Range<Int>] = [:]
        ranges.reserveCapacity(self.records.count)
        var start = 0
        for index in self.records.indices {
            let next = index + 1
            if next == self.records.count || self.records[next].name != self.records[index].name {
                ranges[self.records[index].name] = start..<next
                start = next
            }
        }
        self.ranges = ranges
    }

    /// All records at a canonical name, of whatever type.
    package func records(named name: String) -> ArraySlice<DNSRecord> {
        ranges[name].map { records[$0] } ?? []
    }

    /// The records of each name, names in order.
    package func forEachName(_ body: (ArraySlice<DNSRecord>) -> Void) {
        var start = 0
        while start < records.count {
            var end = start + 1
            while end < records.count && records[end].name == records[start].name { end += 1 }
            body(records[start..<end])
            start = end
        }
    }
}

extension Zone {
    /// Judges a paged listing: pages have to agree with each other and add up, and every record has to be of this zone.
    package static func judge(_ reading: ZoneReading, zone: String, plane: Plane) -> PlaneFact<Zone> {
        let zone = DNSName.canonical(zone)
        func failed(_ reason: Unknown, _ detail: String) -> PlaneFact<Zone> {
            .failed(reason, detail: "\(reading.endpoint): \(detail)", at: reading.startedAt)
        }
        guard let first = reading.pages.first else { return failed(.partialListing, "the listing has no page") }
        guard reading.pages.map(\.number) == Array(1...reading.pages.count), first.totalPages <= reading.pages.count
        else {
            return failed(
                .partialListing, "\(reading.pages.count) of \(first.totalPages) pages of the listing were read")
        }
        guard reading.pages.allSatisfy({ $0.totalCount == first.totalCount && $0.totalPages == first.totalPages })
        else {
            return failed(.changedWhileRead, "the zone changed while it was read: its pages count differently")
        }
        guard reading.pages.allSatisfy({ $0.count == $0.records.count }) else {
            return failed(.partialListing, "a page holds another number of records than it says")
        }
        let records = reading.pages.flatMap(\.records)
        guard records.count == first.totalCount else {
            return failed(
                .partialListing, "\(records.count) records were listed, the service counts \(first.totalCount)")
        }
        guard Set(records.map(\.id)).count == records.count else {
            return failed(.changedWhileRead, "a record is listed twice")
        }
        if let stranger = records.first(where: { $0.name != zone && DNSName.relative($0.name, to: zone) == nil }) {
            return failed(
                .wrongZone, "record '\(stranger.name)' is not of zone '\(zone)': check dns.public.zone_id and dns.zone")
        }
        let pages = reading.pages.count == 1 ? "1 page" : "\(reading.pages.count) pages"
        return .read(
            Zone(
                plane: plane, name: zone, endpoint: reading.endpoint, observedAt: reading.startedAt, records: records,
                detail: "\(records.count) records of \(zone) on \(pages), read from \(reading.endpoint)"))
    }
}
