import Core
import World

/// The writes of the record API, on a copy of the zone: the caller keeps it only when all went well.
struct RecordDesk {
    var zone: PublicZone
    var seed: Seed
    let now: Timestamp
    /// Whether the plan takes no further record.
    var isFull = false

    /// The result of the envelope; nil when there is no such path.
    mutating func answer(_ path: [String], _ request: LabRequest) throws(Refusal) -> JSON? {
        switch (path.count, request.method) {
        case (0, "POST"): return RecordJSON.object(try create(try body(request)))
        case (1, "POST") where path[0] == "batch": return try batch(try body(request))
        case (1, "PUT"): return RecordJSON.object(try change(path[0], try body(request), isWhole: true))
        case (1, "PATCH"): return RecordJSON.object(try change(path[0], try body(request), isWhole: false))
        case (1, "DELETE"):
            let record = try remove(path[0])
            return .object([("id", .string(record.id))])
        default: return nil
        }
    }

    private func body(_ request: LabRequest) throws(Refusal) -> JSON {
        guard let json = JSON(parsing: request.body), case .object = json else {
            throw Refusal(400, 6007, "Malformed JSON in request body")
        }
        return json
    }

    private mutating func create(_ body: JSON) throws(Refusal) -> ZoneRecord {
        guard zone.records.count < zone.quota, !isFull else { throw Refusal(.quota) }
        let blank = ZoneRecord(id: seed.hex(32), name: "", type: "", content: "", ttl: 1, createdAt: now)
        let record = try RecordForm(body: body, zone: zone.name).fill(blank, isWhole: true)
        try taking { zone throws(ZoneRefusal) in try zone.create(record) }
        return record
    }

    private mutating func change(_ id: String, _ body: JSON, isWhole: Bool) throws(Refusal) -> ZoneRecord {
        guard let old = zone.records.first(where: { $0.id == id }) else { throw Refusal.noRecord }
        var record = try RecordForm(body: body, zone: zone.name).fill(old, isWhole: isWhole)
        record.modifiedAt = now
        let changed = record
        try taking { zone throws(ZoneRefusal) in try zone.correct(changed) }
        return changed
    }

    private mutating func remove(_ id: String) throws(Refusal) -> ZoneRecord {
        try taking { zone throws(ZoneRefusal) in try zone.delete(id: id) }
    }

    private mutating func taking<Result>(
        _ body: (inout PublicZone) throws(ZoneRefusal) -> Result
    ) throws(Refusal) -> Result {
        do {
            return try body(&zone)
        } catch {
            throw Refusal(error)
        }
    }

    // Deletes, patches, puts, posts, in this order whatever the order of the body; all or nothing.
    private mutating func batch(_ body: JSON) throws(Refusal) -> JSON {
        var results: [(String, JSON)] = []
        func items(_ key: String) -> [JSON] { body[key]?.array ?? [] }
        let operations = ["deletes", "patches", "puts", "posts"].reduce(0) { $0 + items($1).count }
        guard operations <= 200 else { throw Refusal(400, 1004, "too many operations in one batch: at most 200") }
        for key in ["deletes", "patches", "puts", "posts"] {
            var rows: [JSON] = []
            for item in items(key) {
                let id = item["id"]?.string ?? ""
                switch key {
                case "deletes": rows.append(RecordJSON.object(try remove(id)))
                case "posts": rows.append(RecordJSON.object(try create(item)))
                default: rows.append(RecordJSON.object(try change(id, item, isWhole: key == "puts")))
                }
            }
            results.append((key, .array(rows)))
        }
        return .object(results)
    }
}
