/// A believed listing of one whole DNS zone.
package struct Zone: Equatable, Sendable {
    package let plane: Plane
    /// Canonical.
    package let name: String
    package let endpoint: String
    package let observedAt: Timestamp
    /// Host by host, in the order of their keys; then by id, so that the order of a listing shows nowhere.
    package let records: [DNSRecord]
    package let detail: String
    /// In the same order.
    package let hosts: [ZoneHost]
    /// Ids of records of ours that the service will remove by itself one day, sorted.
    package let expiring: [String]

    package var evidence: Evidence { Evidence(plane: plane, observedAt: observedAt) }

    /// An empty answer is not read as "all gone": a zone of a running platform is never empty.
    package var isDoubtful: Bool { records.isEmpty }

    package init(
        plane: Plane, name: String, endpoint: String, observedAt: Timestamp, records: [DNSRecord], detail: String,
        expiring: [String] = []
    ) {
        self.expiring = expiring
        self.plane = plane
        self.name = name
        self.endpoint = endpoint
        self.observedAt = observedAt
        self.detail = detail
        let places = records.map { ZonePlace($0.name, zone: name) }
        func precedes(_ a: Int, _ b: Int) -> Bool {
            if ZonePlace.precedes(places[a], places[b]) { return true }
            return !ZonePlace.precedes(places[b], places[a]) && records[a].id < records[b].id
        }
        var order = Array(records.indices)
        let isSorted = zip(order, order.dropFirst()).allSatisfy { precedes($0, $1) }
        if !isSorted { order.sort(by: precedes) }
        let sorted = isSorted ? records : order.map { records[$0] }
        var hosts: [ZoneHost] = []
        var start = 0
        while start < order.count {
            let place = places[order[start]]
            var service = start
            while service < order.count, !places[order[service]].isService,
                place.isOfSameHost(as: places[order[service]])
            {
                service += 1
            }
            var end = service
            while end < order.count, place.isOfSameHost(as: places[order[end]]) { end += 1 }
            hosts.append(
                ZoneHost(key: place.key, address: start..<service, service: service..<end, of: sorted))
            start = end
        }
        self.records = sorted
        self.hosts = hosts
    }

    /// All records at a canonical name, of whatever type.
    package func records(named name: String) -> ArraySlice<DNSRecord> {
        let place = ZonePlace(name, zone: self.name)
        let found = Sorted.first(in: hosts.count) { hosts[$0].key < place.key }
        guard found < hosts.count, hosts[found].key == place.key else { return [] }
        return records[place.isService ? hosts[found].service : hosts[found].address]
    }

    /// The records of each name.
    package func forEachName(_ body: (ArraySlice<DNSRecord>) -> Void) {
        for host in hosts {
            if !host.address.isEmpty { body(records[host.address]) }
            if !host.service.isEmpty { body(records[host.service]) }
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
        if let stranger = records.first(where: { $0.name != zone && !DNSName.isBelow($0.name, zone) }) {
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
