import Core
import Foundation

/// A listing as Cloudflare usually writes it, read without Foundation, whose decoder takes some ten times as long.
///
/// A record that is in any way unusual is read by Foundation alone, so that one odd comment does not make the whole zone slow.
/// Whatever else is unusual, and whatever is wrong, is nil: then ``CloudflareEnvelope/lenient(_:)`` has the word.
enum PlainListing {
    static func envelope(_ body: [UInt8]) -> CloudflareEnvelope? {
        var json = PlainJSON(body)
        var isSuccess = false
        var hasErrors = false
        var records: [CloudflareRecord]?
        var info: CloudflareEnvelope.Info?
        let isWhole: Void? = json.object { json, key in
            switch key {
            case "success":
                guard !isSuccess, case .truth(true)? = json.value() else { return nil }
                isSuccess = true
                return ()
            case "errors":
                guard !hasErrors else { return nil }
                hasErrors = true
                return json.array { _ in nil }
            case "result":
                guard records == nil, let rows = PlainListing.records(&json) else { return nil }
                records = rows
                return ()
            case "result_info":
                guard info == nil, let totals = PlainListing.info(&json) else { return nil }
                info = totals
                return ()
            default: return json.pass()
            }
        }
        guard isWhole != nil, json.isAtEnd(), isSuccess else { return nil }
        return CloudflareEnvelope(success: true, errors: [], records: records, info: info)
    }

    private static func records(_ json: inout PlainJSON) -> [CloudflareRecord]? {
        var records: [CloudflareRecord] = []
        let isRead: Void? = json.array { json in
            guard let (row, bytes) = json.part({ PlainRecord(&$0) }) else { return nil }
            if let record = row.record {
                records.append(record)
                return ()
            }
            let lenient = Result { try JSONDecoder().decode(CloudflareRecord.self, from: Data(bytes)) }
            guard case .success(let record) = lenient else { return nil }
            records.append(record)
            return ()
        }
        return isRead.map { records }
    }

    private static func info(_ json: inout PlainJSON) -> CloudflareEnvelope.Info? {
        var info = CloudflareEnvelope.Info()
        func set(_ field: inout Int?, _ value: PlainJSON.Value?) -> Void? {
            guard field == nil, case .number(let digits)? = value, let number = Int(digits) else { return nil }
            field = number
            return ()
        }
        let isRead: Void? = json.object { json, key in
            switch key {
            case "page": set(&info.page, json.value())
            case "per_page": set(&info.perPage, json.value())
            case "count": set(&info.count, json.value())
            case "total_count": set(&info.totalCount, json.value())
            case "total_pages": set(&info.totalPages, json.value())
            default: json.pass()
            }
        }
        return isRead.map { info }
    }
}
