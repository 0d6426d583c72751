import Core

extension ProxmoxSession {
    /// A node that does not answer holds such a call for half a minute; the reading itself is complete by then.
    private static let interfacesTimeout = Span.seconds(2)

    /// The addresses on the interfaces of a guest that runs.
    func addresses(of vmid: VMID, on node: String) async throws(ProxmoxFault) -> GuestAddresses {
        try await get(
            "/nodes/\(node)/lxc/\(vmid)/interfaces", within: Self.interfacesTimeout,
            atMost: Self.maxAnswer, ProxmoxInterfaces.decode)
    }
}

/// `GET /nodes/{node}/lxc/{vmid}/interfaces`.
enum ProxmoxInterfaces {
    private struct Answer: Decodable {
        var data: [Row]
    }

    private struct Row: Decodable {
        var name: String
        var inet: String?
        var list: [Entry]?

        private enum Key: String, CodingKey {
            case name, inet
            case list = "ip-addresses"
        }

        init(from decoder: any Decoder) throws {
            let row = try decoder.container(keyedBy: Key.self)
            name = try row.decode(String.self, forKey: .name)
            inet = row.lenientText(.inet)
            list = try row.decodeIfPresent([Entry].self, forKey: .list)
        }
    }

    private struct Entry: Decodable {
        var address: String

        private enum Key: String, CodingKey {
            case address = "ip-address"
        }

        init(from decoder: any Decoder) throws {
            address = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .address)
        }
    }

    /// Throws for `{"data":null}`, which is what a container that does not run gets.
    static func decode(_ body: [UInt8]) throws -> GuestAddresses {
        let rows = try WholeJSON.decode(Answer.self, body).data
        var addresses = GuestAddresses(ipv4: [], isWhole: true)
        // By name and not by address: an address of 127.0.0.0/8 on eth0 is as good as any.
        for row in rows where row.name != "lo" {
            if let list = row.list {
                addresses.ipv4 += list.map(\.address).filter { DNSName.ipv4($0) != nil }
            } else if let inet = row.inet {
                addresses.isWhole = false
                addresses.ipv4 += [String(inet.prefix { $0 != "/" })].filter { DNSName.ipv4($0) != nil }
            }
        }
        return addresses
    }
}
