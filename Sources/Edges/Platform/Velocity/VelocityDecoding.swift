import Core

/// `GET /zpack/status` of the bridge.
enum VelocityDecoding {
    struct List: Decodable {
        /// Nil when there is no list: unverifiable, never empty.
        var servers: [Entry]?

        func reading(endpoint: String, at startedAt: Timestamp) -> VelocityReading {
            VelocityReading(
                endpoint: endpoint, servers: servers.map { $0.compactMap(\.backend) },
                unreadableRows: servers?.count { $0.backend == nil } ?? 0, startedAt: startedAt)
        }
    }

    struct Entry: Decodable {
        /// Nil when it could not be understood.
        var backend: VelocityReading.Backend?

        private enum Key: String, CodingKey { case name, address, port }

        init(from decoder: any Decoder) throws {
            guard case .success(let fields) = Result(catching: { try decoder.container(keyedBy: Key.self) }),
                let name = fields.lenientText(.name), var address = fields.lenientText(.address),
                let port = fields.lenientInt(.port), (1...65_535).contains(port)
            else { return }
            // Java writes an address without a name as "/10.0.0.5".
            if address.hasPrefix("/") { address.removeFirst() }
            backend = VelocityReading.Backend(name: name, address: DNSName.canonical(address), port: port)
        }
    }

    /// Throws when the body is no object, or when `servers` is something else than a list.
    static func list(_ body: [UInt8]) throws -> List { try WholeJSON.decode(List.self, body) }
}
