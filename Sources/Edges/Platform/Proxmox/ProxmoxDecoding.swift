package import Core

/// The three answers of a Proxmox reading, decoded leniently in their fields and strictly in their frame.
package enum ProxmoxDecoding {
    package struct Inventory: Equatable {
        package var resources: [ProxmoxReading.Resource]
        var unreadableRows: Int

        var nodes: Set<String> {
            Set(resources.compactMap { if case .node(let row) = $0 { row.name } else { nil } })
        }
    }

    /// `GET /cluster/resources`. Throws when the answer is not `{"data":[…]}`; `null` is not an empty list.
    package static func inventory(_ body: [UInt8]) throws -> Inventory {
        if let resources = PlainInventory.resources(body) {
            return Inventory(resources: resources, unreadableRows: 0)
        }
        return try lenientInventory(body)
    }

    /// The same by Foundation, for an answer that is in any way unusual.
    static func lenientInventory(_ body: [UInt8]) throws -> Inventory {
        let rows = try WholeJSON.decode(Answer<[ResourceRow]>.self, body).data
        var inventory = Inventory(resources: [], unreadableRows: 0)
        inventory.resources.reserveCapacity(rows.count)
        for row in rows {
            switch row {
            case .resource(let resource): inventory.resources.append(resource)
            case .unreadable: inventory.unreadableRows += 1
            case .ignored: break
            }
        }
        return inventory
    }

    /// `GET /cluster/status`. Throws when a row that matters cannot be read: half a status is none.
    static func status(_ body: [UInt8]) throws -> ProxmoxReading.ClusterStatus {
        let rows = try WholeJSON.decode(Answer<[StatusRow]>.self, body).data
        var status = ProxmoxReading.ClusterStatus(name: nil, isQuorate: nil, nodes: [])
        for row in rows {
            switch row {
            case .cluster(let name, let isQuorate):
                guard status.name == nil else { throw Malformed("cluster status with two clusters") }
                status.name = name
                status.isQuorate = isQuorate
            case .node(let name): status.nodes.append(name)
            case .ignored: break
            }
        }
        // The node that answers lists itself at least.
        guard !status.nodes.isEmpty else { throw Malformed("cluster status without a node") }
        return status
    }

    /// `GET /access/permissions`: path → privilege → propagates.
    static func permissions(_ body: [UInt8]) throws -> [String: [String: Bool]] {
        let paths = try WholeJSON.decode(Answer<PerlMap<PerlMap<LenientBool>>>.self, body).data
        // A privilege that is listed is granted; a flag that makes no sense grants nothing below the path.
        return paths.values.mapValues { $0.values.mapValues { $0.value ?? false } }
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}

private struct Answer<Content: Decodable>: Decodable {
    let data: Content
}

/// A map; Perl writes an empty one as `{}` or as `[]`.
private struct PerlMap<Value: Decodable>: Decodable {
    let values: [String: Value]

    init(from decoder: any Decoder) throws {
        if case .success = Result(catching: { try EmptyArray(from: decoder) }) {
            values = [:]
        } else {
            values = try decoder.singleValueContainer().decode([String: Value].self)
        }
    }
}

private enum ResourceRow: Decodable {
    case resource(ProxmoxReading.Resource)
    case ignored
    case unreadable

    private enum Key: String, CodingKey {
        case type, vmid, node, status, name, template, lock, hastate, pool, maxcpu
    }

    init(from decoder: any Decoder) throws {
        guard case .success(let row) = Result(catching: { try decoder.container(keyedBy: Key.self) }),
            let type = row.lenientText(.type)
        else {
            // It could be a guest.
            self = .unreadable
            return
        }
        switch type {
        case "node":
            guard let name = row.lenientText(.node) else {
                self = .unreadable
                return
            }
            self = .resource(.node(.init(name: name, status: row.lenientText(.status) ?? "unknown")))
        case "pool":
            guard let name = row.lenientText(.pool) else {
                self = .unreadable
                return
            }
            self = .resource(.pool(name: name, runningCPUs: row.lenientDouble(.maxcpu) ?? 0))
        case "storage", "sdn", "network":
            self = .ignored
        default:
            self = ResourceRow.guest(type, row)
        }
    }

    private static func guest(_ type: String, _ row: KeyedDecodingContainer<Key>) -> ResourceRow {
        guard row.contains(.vmid) else {
            // Without a number it is no guest, unless it says that it is one.
            return ["lxc", "qemu", "openvz"].contains(type) ? .unreadable : .ignored
        }
        guard let vmid = row.lenientInt(.vmid).flatMap({ VMID($0) }), let node = row.lenientText(.node) else {
            return .unreadable
        }
        return .resource(
            .guest(
                .init(
                    vmid: vmid, type: type, node: node, status: row.lenientText(.status) ?? "unknown",
                    name: row.lenientText(.name), isTemplate: row.lenientBool(.template) ?? false,
                    lock: row.lenientText(.lock), haState: row.lenientText(.hastate), pool: row.lenientText(.pool))))
    }
}

private enum StatusRow: Decodable {
    case cluster(name: String, isQuorate: Bool)
    case node(name: String)
    case ignored

    private enum Key: String, CodingKey { case type, name, quorate }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: Key.self)
        switch row.lenientText(.type) {
        case "cluster":
            guard let name = row.lenientText(.name), let isQuorate = row.lenientBool(.quorate) else {
                throw ProxmoxDecoding.Malformed("cluster row without name or quorate")
            }
            self = .cluster(name: name, isQuorate: isQuorate)
        case "node":
            guard let name = row.lenientText(.name) else { throw ProxmoxDecoding.Malformed("node row without name") }
            self = .node(name: name)
        case nil: throw ProxmoxDecoding.Malformed("row without type")
        default: self = .ignored
        }
    }
}
