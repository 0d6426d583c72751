import Core
import World

/// A change of the internal zone through the control port: `delete-internal-record` and `add-internal-record`.
struct InternalEdit {
    let body: JSON
    let now: Timestamp

    static let operations: Set<String> = ["add-internal-record", "delete-internal-record"]

    /// Nil when it was done, else what is wrong with it.
    func apply(_ operation: String, _ zone: inout InternalZone) -> String? {
        let name = DNSName.canonical(body["name"]?.string ?? "")
        let type = body["type"]?.string ?? ""
        guard operation == "add-internal-record" else {
            let count = zone.remove { $0.name == name && $0.data.type == type }
            return count == 0 ? "no \(type) record at '\(name)' in the internal zone" : nil
        }
        guard DNSName.relative(name, to: zone.name) != nil else { return "name is not in zone '\(zone.name)'" }
        let data: InternalRecord.Data
        switch type {
        case "A":
            guard let content = body["content"]?.string, DNSName.ipv4(content) != nil else {
                return "content is an IPv4 address"
            }
            data = .a(content)
        case "CNAME":
            guard let content = body["content"]?.string else { return "content is a name" }
            data = .cname(DNSName.canonical(content))
        case "SRV":
            guard let port = body["port"]?.int, (0...65_535).contains(port), let target = body["target"]?.string else {
                return "port is a number, target a name"
            }
            data = .srv(SRV(priority: 0, weight: 0, port: port, target: DNSName.canonical(target)))
        default: return "type is one of A, CNAME, SRV"
        }
        zone.add(
            InternalRecord(
                name: name, data: data, ttl: body["ttl"]?.int ?? 60, comment: body["comment"]?.string, modifiedAt: now))
        return nil
    }
}
