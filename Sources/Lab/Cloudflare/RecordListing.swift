import Core
import World

/// `GET /zones/{id}/dns_records`: filters, order and pages.
struct RecordListing {
    let zone: PublicZone
    let faults: Set<CloudflareFault>
    let now: Timestamp

    private struct Filter {
        let field: String
        let test: String
        let value: String
    }

    func answer(_ request: LabRequest) throws(Refusal) -> LabAnswer {
        let number = Int(request.parameter("page") ?? "1") ?? 0
        let wanted = Int(request.parameter("per_page") ?? "100") ?? 0
        guard number >= 1, wanted >= 1 else {
            throw Refusal(400, 1004, "DNS Validation Error", chain: [(9207, "page and per_page start at 1")])
        }
        let filters = request.query.compactMap { pair -> Filter? in
            let parts = pair.name.split(separator: ".", maxSplits: 1)
            guard let field = parts.first, ["type", "name", "content", "comment", "proxied"].contains(field) else {
                return nil
            }
            return Filter(
                field: String(field), test: parts.count > 1 ? String(parts[1]) : "exact",
                value: pair.value.lowercased())
        }
        let isAny = request.parameter("match") == "any"
        var rows = zone.listed(faults, at: now)
        if !filters.isEmpty {
            rows = rows.filter { record in
                isAny
                    ? filters.contains { matches(record, $0) } : filters.allSatisfy { matches(record, $0) }
            }
        }
        sort(&rows, request)
        let page = PublicZone.page(number, of: rows, perPage: min(wanted, zone.largestPage), faults: faults)
        return .envelope(
            .array(page.records.map(RecordJSON.object)),
            info: .object([
                ("page", .int(page.number)), ("per_page", .int(page.perPage)), ("count", .int(page.count)),
                ("total_count", .int(page.totalCount)), ("total_pages", .int(page.totalPages)),
            ]))
    }

    private func matches(_ record: ZoneRecord, _ filter: Filter) -> Bool {
        let text: String?
        switch filter.field {
        case "type": text = record.type
        case "name": text = record.name
        // The content of an SRV record is never matched.
        case "content": text = record.srv == nil ? record.content : nil
        case "comment": text = record.comment
        default: text = record.isProxied ? "true" : "false"
        }
        let value = text?.lowercased()
        return switch filter.test {
        case "exact": value == filter.value
        case "contains": value.map { contains($0, filter.value) } ?? false
        case "startswith": value?.hasPrefix(filter.value) ?? false
        case "endswith": value?.hasSuffix(filter.value) ?? false
        case "absent": value == nil
        case "present": value != nil
        default: true
        }
    }

    private func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard !part.isEmpty else { return true }
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }

    private func sort(_ rows: inout [ZoneRecord], _ request: LabRequest) {
        guard let order = request.parameter("order") else { return }
        let isDescending = request.parameter("direction") == "desc"
        func isBefore(_ a: ZoneRecord, _ b: ZoneRecord) -> Bool {
            switch order {
            case "type": (a.type, a.name, a.id) < (b.type, b.name, b.id)
            case "content": (a.content, a.id) < (b.content, b.id)
            case "ttl": (a.ttl, a.name, a.id) < (b.ttl, b.name, b.id)
            case "proxied": (a.isProxied ? 1 : 0, a.name, a.id) < (b.isProxied ? 1 : 0, b.name, b.id)
            default: (a.name, a.type, a.id) < (b.name, b.type, b.id)
            }
        }
        rows.sort { isDescending ? isBefore($1, $0) : isBefore($0, $1) }
    }
}
