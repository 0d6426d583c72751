import Core
import World

/// What a client sent for one record, checked as Cloudflare checks it.
struct RecordForm {
    let body: JSON
    /// Canonical.
    let zone: String

    /// Puts the form's values over a record. A whole form resets what it does not mention.
    func fill(_ old: ZoneRecord, isWhole: Bool) throws(Refusal) -> ZoneRecord {
        var record = old
        if isWhole {
            (record.ttl, record.comment, record.isProxied, record.tags) = (1, nil, false, [])
            (record.srv, record.priority, record.content) = (nil, nil, "")
        }
        record.type = try type(old, isWhole: isWhole)
        record.name = try name(old, isWhole: isWhole)
        if let comment = body["comment"] { record.comment = comment.string.flatMap { $0.isEmpty ? nil : $0 } }
        if let comment = record.comment, comment.count > 100 || comment.contains("\n") {
            throw .invalid(9312, "Comment is too long or has a line break: at most 100 characters.")
        }
        if let tags = body["tags"]?.array, !tags.isEmpty {
            throw .invalid(9300, "DNS record has \(tags.count) tags, exceeding the quota of 0.")
        }
        if let isProxied = body["proxied"], !isProxied.isNull { record.isProxied = isProxied.bool ?? false }
        try fillContent(&record)
        if let ttl = body["ttl"], !ttl.isNull {
            guard let seconds = ttl.int, seconds == 1 || (60...86_400).contains(seconds) else {
                throw .invalid(9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
            }
            record.ttl = seconds
        }
        if record.isProxied {
            guard RecordJSON.isProxiable(record) else {
                throw .invalid(9004, "This record type cannot be proxied.")
            }
            record.ttl = 1
        }
        return record
    }

    private func type(_ old: ZoneRecord, isWhole: Bool) throws(Refusal) -> String {
        let sent = body["type"]?.string?.uppercased()
        guard let type = sent ?? (isWhole ? nil : old.type) else {
            throw .invalid(9208, "DNS record type is missing.")
        }
        let known: Set<String> = [
            "A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "SSHFP", "TLSA", "TXT",
        ]
        guard known.contains(type) else { throw .invalid(9208, "\(type) is not a DNS record type.") }
        return type
    }

    private func name(_ old: ZoneRecord, isWhole: Bool) throws(Refusal) -> String {
        guard let sent = body["name"]?.string ?? (isWhole ? nil : old.name) else {
            throw .invalid(9000, "DNS name is invalid.")
        }
        let name = DNSName.canonical(sent)
        if name == "@" || name == zone { return zone }
        // A name that does not end with the zone is taken as one below it.
        let full = DNSName.relative(name, to: zone) == nil ? "\(name).\(zone)" : name
        let labels = full.split(separator: ".", omittingEmptySubsequences: false)
        let isGood = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { EnvelopeID.isTokenCharacter($0) || $0 == 42 }
        }
        guard isGood, full.utf8.count <= 253 else { throw .invalid(9000, "DNS name is invalid.") }
        return full
    }

    private func fillContent(_ record: inout ZoneRecord) throws(Refusal) {
        if record.type == "SRV" { return try fillSRV(&record) }
        record.srv = nil
        if let content = body["content"]?.string { record.content = content }
        guard !record.content.isEmpty else { throw .invalid(9005, "Content for \(record.type) record is missing.") }
        switch record.type {
        case "A":
            guard DNSName.ipv4(record.content) != nil else {
                throw .invalid(9005, "Content for A record must be a valid IPv4 address.")
            }
        case "CNAME", "NS": record.content = DNSName.canonical(record.content)
        case "MX":
            if let priority = body["priority"]?.int { record.priority = priority }
            guard record.priority != nil else { throw .invalid(9101, "priority is a required data field.") }
        default: break
        }
    }

    // SRV takes its parts in `data`, as whole numbers; `content` alone is not accepted.
    private func fillSRV(_ record: inout ZoneRecord) throws(Refusal) {
        let labels = record.name.split(separator: ".")
        guard labels.count >= 3, labels[0].hasPrefix("_"), labels[1].hasPrefix("_") else {
            throw .invalid(
                9101, "SRV data fields 'service', 'proto' and 'name' are no longer supported: the name must be whole.")
        }
        guard let data = body["data"], case .object = data else {
            if let srv = record.srv {
                record.content = "\(srv.weight) \(srv.port) \(srv.target)"
                return
            }
            throw .invalid(9101, "priority is a required data field.")
        }
        func number(_ key: String) throws(Refusal) -> Int {
            guard let value = data[key] else { throw .invalid(9101, "\(key) is a required data field.") }
            guard let number = value.int, (0...65_535).contains(number) else {
                throw .invalid(9101, "\(key) must be a whole number from 0 to 65535.")
            }
            return number
        }
        guard let target = data["target"]?.string, !target.isEmpty else {
            throw .invalid(9101, "target is a required data field.")
        }
        let srv = SRV(
            priority: try number("priority"), weight: try number("weight"), port: try number("port"),
            target: target == "." ? target : DNSName.canonical(target))
        record.srv = srv
        record.content = "\(srv.weight) \(srv.port) \(srv.target)"
    }
}
