import Core
import Curl

/// The pages of one zone, read in sequence.
struct CloudflareListing {
    var access: CloudflareAccess
    var deadline: ContinuousClock.Instant
    var allowance: CallAllowance?
    /// From one listing of the whole zone to the next; nil where it is not the whole zone that is listed.
    var size: ZoneSize?
    /// Canonical; nil is the whole zone.
    var name: String?
    var perPage: Int
    private(set) var requests = 0
    private let mostBytes: Int
    /// Of the listing that is being read.
    private var bytes = 0

    /// Of records and of pages, as an answer may count them: sums of what lies within cannot overflow.
    private static let totals = 0...(1 << 40)
    /// The most that is documented to work. A zone that fits is one consistent answer; a service that allows less
    /// says so in `total_pages`.
    static let perPage = 5000
    private static let maxPages = 1000
    /// Bytes, of one page and of all pages of a listing: they are held together. The two records of each of a hundred thousand
    /// instances are some 80 MB.
    private static let maxBody = 64 << 20
    static let maxBodies = 512 << 20
    /// For one page.
    private static let maxTries = 3

    init(
        _ access: CloudflareAccess, name: String? = nil, perPage: Int = CloudflareListing.perPage,
        deadline: ContinuousClock.Instant, allowance: CallAllowance? = nil, size: ZoneSize? = nil,
        mostBytes: Int = CloudflareListing.maxBodies
    ) {
        self.mostBytes = mostBytes
        self.access = access
        self.allowance = allowance
        self.size = size
        self.name = name
        self.perPage = perPage
        self.deadline = deadline
    }

    /// One listing; it ends early when two of its pages contradict each other.
    ///
    /// A part of a listing is of no use to anybody. Where the allowance has no room for all of it in time, nothing is asked: the
    /// places that its first pages would take are those that the next listing waits for.
    mutating func pages() async throws(CloudflareFault) -> [ZoneReading.Page] {
        bytes = 0
        // Never more than as many as ever may: an answer that named too many pages has to be asked again one day.
        if let allowance, allowance.room(for: size?.pages ?? 1) >= deadline {
            throw allowance.refusal(of: "the zone was")
        }
        var pages = [try await page(1)]
        if let totalPages = pages.first?.totalPages {
            size?.note(pages: totalPages)
            if totalPages > 1 { try makeSure(ofRoomFor: totalPages - 1, "its pages after the first were") }
        }
        while let last = pages.last, last.number < last.totalPages {
            guard last.totalPages <= CloudflareListing.maxPages else {
                throw CloudflareFault(.oversize, "the zone has more than \(CloudflareListing.maxPages) pages")
            }
            let next = try await page(last.number + 1)
            pages.append(next)
            if next.totalCount != last.totalCount || next.totalPages != last.totalPages { break }
        }
        return pages
    }

    private func makeSure(ofRoomFor calls: Int, _ words: String) throws(CloudflareFault) {
        guard let allowance, !allowance.hasRoom(for: calls, until: deadline) else { return }
        throw allowance.refusal(of: words)
    }

    /// The first page alone.
    mutating func first() async throws(CloudflareFault) -> ZoneReading.Page { try await page(1) }

    /// Whether the pages can be one state of the zone: equal totals, and as many different records as promised.
    static func addsUp(_ pages: [ZoneReading.Page]) -> Bool {
        guard let last = pages.last, last.number == last.totalPages || (pages.count == 1 && last.totalPages == 0) else {
            return false
        }
        var ids: Set<String> = []
        for page in pages {
            guard page.totalCount == last.totalCount, page.totalPages == last.totalPages,
                page.count == page.records.count
            else { return false }
            ids.formUnion(page.records.map(\.id))
        }
        return ids.count == last.totalCount
    }

    private mutating func page(_ number: Int) async throws(CloudflareFault) -> ZoneReading.Page {
        var tries = 0
        while true {
            let fault: CloudflareFault
            do throws(CloudflareFault) {
                return try await fetch(number)
            } catch {
                fault = error
            }
            tries += 1
            guard fault.isTransient, tries < CloudflareListing.maxTries else { throw fault }
            let pause = max(fault.retryAfter ?? .zero, .milliseconds(200 << tries))
            // A wait that ends after the deadline is no wait: better say now what is wrong.
            guard ContinuousClock.now + pause < deadline else { throw fault }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw CloudflareFault(.notRead, "the reading was cancelled")
            }
        }
    }

    private mutating func fetch(_ number: Int) async throws(CloudflareFault) -> ZoneReading.Page {
        // Other tools of the same user need the rest of the quota.
        try await allowance?.pass("page \(number) was", until: deadline)
        let left = deadline - ContinuousClock.now
        guard left > .zero else { throw CloudflareFault(.timeout, "no time was left for page \(number)") }
        requests += 1
        // Names are not unique, so ties may still change places between two pages; the count of different ids shows it.
        var query = "?page=\(number)&per_page=\(perPage)&order=name&direction=asc"
        if let name { query += "&name=" + FormText.encoded(name) }
        let response: HTTPResponse
        do {
            response = try await access.send(
                .get, query, timeout: Span(left), maxBody: min(CloudflareListing.maxBody, mostBytes - bytes))
        } catch {
            throw CloudflareFault(error)
        }
        bytes += response.body.count
        return try CloudflareListing.page(number, response, zoneID: access.zoneID, hiding: access.secrets)
    }

    /// What one answer says of the page that was asked for.
    static func page(
        _ number: Int, _ response: HTTPResponse, zoneID: String, hiding secrets: [String]
    ) throws(CloudflareFault) -> ZoneReading.Page {
        let decoded = CloudflareEnvelope.decode(response.body)
        guard case .success(let envelope) = decoded, envelope.success, response.status == 200 else {
            let envelope: CloudflareEnvelope? = if case .success(let envelope) = decoded { envelope } else { nil }
            throw CloudflareFault(response, envelope?.errors, zoneID: zoneID, hiding: secrets)
        }
        guard let records = envelope.records, let info = envelope.info, let totalCount = info.totalCount,
            totals.contains(totalCount), let totalPages = info.totalPages ?? info.pages(of: totalCount),
            totals.contains(totalPages)
        else { throw CloudflareFault(.malformed, "page \(number) lacks its records or its totals") }
        guard (info.page ?? number) == number else {
            throw CloudflareFault(.malformed, "page \(number) was asked for, another one came")
        }
        return ZoneReading.Page(
            number: number, totalPages: totalPages, totalCount: totalCount, count: info.count ?? records.count,
            records: records.map(\.record))
    }
}

extension CloudflareEnvelope.Info {
    /// What the pages come to where the service does not say it.
    fileprivate func pages(of totalCount: Int) -> Int? {
        guard let perPage, perPage > 0 else { return nil }
        let (whole, rest) = totalCount.quotientAndRemainder(dividingBy: perPage)
        return max(1, whole + (rest > 0 ? 1 : 0))
    }
}
