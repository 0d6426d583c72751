import Core

/// The inventory as Proxmox usually writes it, read without Foundation, whose decoder takes some thirty times as long.
///
/// Nil wherever an answer is in any way unusual: a number that is a text, a field twice, a guest without its number. Then
/// ``ProxmoxDecoding`` reads all of it leniently.
enum PlainInventory {
    static func resources(_ body: [UInt8]) -> [ProxmoxReading.Resource]? {
        var json = PlainJSON(body)
        var resources: [ProxmoxReading.Resource]?
        let isWhole: Void? = json.object { json, key in
            guard key == "data" else { return json.pass() }
            guard resources == nil else { return nil }
            var rows: [ProxmoxReading.Resource] = []
            let isRead: Void? = json.array { json in
                guard let row = Row(&json) else { return nil }
                guard let isKept = row.add(to: &rows) else { return nil }
                return isKept
            }
            resources = rows
            return isRead
        }
        guard isWhole != nil, json.isAtEnd() else { return nil }
        return resources
    }

    /// The fields of one row that are asked for, in their usual types.
    private struct Row {
        var vmid: Int?
        var type, node, status, name, lock, haState, pool: String?
        var isTemplate: Bool?
        var cpus: Double?

        /// Nil when a field is of an unusual type, or there twice.
        init?(_ json: inout PlainJSON) {
            var row = Row()
            let isRead: Void? = json.object { json, key in
                switch key {
                case "type": return Row.set(&row.type, json.value())
                case "node": return Row.set(&row.node, json.value())
                case "status": return Row.set(&row.status, json.value())
                case "name": return Row.set(&row.name, json.value())
                case "lock": return Row.set(&row.lock, json.value())
                case "hastate": return Row.set(&row.haState, json.value())
                case "pool": return Row.set(&row.pool, json.value())
                case "vmid":
                    guard case .number(let digits)? = json.value(), row.vmid == nil, let number = Int(digits) else {
                        return nil
                    }
                    row.vmid = number
                case "template":
                    guard case .number(let digits)? = json.value(), row.isTemplate == nil, ["0", "1"].contains(digits)
                    else { return nil }
                    row.isTemplate = digits == "1"
                case "maxcpu":
                    guard case .number(let digits)? = json.value(), row.cpus == nil, let number = Double(digits),
                        number.isFinite
                    else { return nil }
                    row.cpus = number
                default: return json.pass()
                }
                return ()
            }
            guard isRead != nil else { return nil }
            self = row
        }

        private init() {}

        private static func set(_ field: inout String?, _ value: PlainJSON.Value?) -> Void? {
            guard case .text(let text)? = value, field == nil, !text.isEmpty else { return nil }
            field = text
            return ()
        }

        /// Nil when the row would be unreadable.
        func add(to rows: inout [ProxmoxReading.Resource]) -> Void? {
            switch type {
            case nil: return nil
            case "node":
                guard let node else { return nil }
                rows.append(.node(.init(name: node, status: status ?? "unknown")))
            case "pool":
                guard let pool else { return nil }
                rows.append(.pool(name: pool, runningCPUs: cpus ?? 0))
            case "storage", "sdn", "network": break
            case let type?:
                guard let vmid = vmid.flatMap({ VMID($0) }), let node else { return nil }
                rows.append(
                    .guest(
                        .init(
                            vmid: vmid, type: type, node: node, status: status ?? "unknown", name: name,
                            isTemplate: isTemplate ?? false, lock: lock, haState: haState, pool: pool)))
            }
            return ()
        }
    }
}
