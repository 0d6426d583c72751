package import Core

/// One page of a listing, its faults included. The simulation and the laboratory both read it.
package struct ZonePage: Sendable {
    package let number: Int
    package let perPage: Int
    package let totalPages: Int
    package let totalCount: Int
    /// What the service says is on the page; faults make it differ from `records.count`.
    package let count: Int
    package let records: [ZoneRecord]
}

extension PublicZone {
    /// The records that a listing is made of, before it is cut into pages.
    package func listed(_ faults: Set<CloudflareFault>, at now: Timestamp) -> [ZoneRecord] {
        if faults.contains(.empty) { return [] }
        var source = faults.contains(.staleCopy) ? staleRecords : records
        for case .lateListing(let seconds) in faults {
            source.removeAll { now < $0.createdAt + .seconds(Int64(seconds)) }
        }
        guard faults.contains(.wrongZone) else { return source }
        return source.map { record in
            var record = record
            let short = DNSName.relative(record.name, to: name)
            record.name = short.map { "\($0).another.example" } ?? "another.example"
            return record
        }
    }

    /// Cuts one page out of `all`, which may be filtered and sorted already.
    package static func page(
        _ number: Int, of all: [ZoneRecord], perPage: Int, faults: Set<CloudflareFault>
    ) -> ZonePage {
        var start = min((number - 1) * perPage, all.count)
        let nominal = max(0, min(perPage, all.count - start))
        if number > 1 && faults.contains(.duplicateAcrossPages) && nominal > 0 { start -= 1 }
        var records = Array(all[start..<(start + nominal)])
        var count = nominal
        if faults.contains(.pageLost(number)) { (records, count) = ([], 0) }
        if faults.contains(.truncated) { records.removeLast(min(2, records.count)) }
        let grown = number > 1 && faults.contains(.countChanges) ? 1 : 0
        return ZonePage(
            number: number, perPage: perPage, totalPages: max(1, (all.count + perPage - 1) / perPage),
            totalCount: all.count + grown, count: count, records: records)
    }
}

extension Estate {
    /// Why no answer of Cloudflare comes, or none that can be read; nil when one does.
    func cloudflareFailure(
        endpoint: String, faults: Set<CloudflareFault>, at now: Timestamp
    ) -> ReadFailure? {
        func failure(_ code: Unknown, _ detail: String) -> ReadFailure {
            ReadFailure(code, "\(endpoint): \(detail)", at: now)
        }
        if faults.contains(.refused) { return failure(.refused, "connection refused") }
        if faults.contains(.timeout) { return failure(.timeout, "no answer in time") }
        if faults.contains(.serverError) { return failure(.serverError, "GET dns_records answered 502") }
        if faults.contains(.unauthorized) { return failure(.unauthorized, "GET dns_records answered code 10000") }
        if faults.contains(.rateLimited) { return failure(.rateLimited, "GET dns_records answered 429") }
        if faults.contains(.malformed) { return failure(.malformed, "GET dns_records is not JSON") }
        return nil
    }

    /// What a controller reads of the public zone: every page of the whole listing, or of that of one name.
    package func zoneReading(
        endpoint: String, perPage: Int = 1000, faults: Set<CloudflareFault> = [], name: String? = nil,
        at now: Timestamp
    ) -> Result<ZoneReading, ReadFailure> {
        if let failure = cloudflareFailure(endpoint: endpoint, faults: faults, at: now) { return .failure(failure) }
        let all = zone.listed(faults, at: now).filter { name == nil || $0.name == name }
        let size = max(1, min(perPage, zone.largestPage))
        let total = max(1, (all.count + size - 1) / size)
        let pages = (1...total).map { number in
            let page = PublicZone.page(number, of: all, perPage: size, faults: faults)
            return ZoneReading.Page(
                number: number, totalPages: page.totalPages, totalCount: page.totalCount, count: page.count,
                records: page.records.map(\.decoded))
        }
        return .success(ZoneReading(endpoint: endpoint, pages: pages, startedAt: now))
    }
}
