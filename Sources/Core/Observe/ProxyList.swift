/// A believed list of a proxy's backends.
package struct ProxyList: Equatable, Sendable {
    package let endpoint: String
    package let observedAt: Timestamp
    /// In the order of their keys.
    package let backends: [VelocityReading.Backend]
    package let detail: String
    /// Entries that could not be understood: any of them may be the one that seems to be missing.
    package let unreadableRows: Int
    /// The key of each name.
    let keys: [HostKey]

    /// Where each backend leads, when it is the only one of its name and at the usual port; zero otherwise, and where that is
    /// not written as an IPv4 address.
    let addresses: [UInt32]

    package var evidence: Evidence { Evidence(plane: .velocity, observedAt: observedAt) }
    package var isDoubtful: Bool { unreadableRows > 0 }

    package var doubt: String? {
        isDoubtful ? "entries of the list that could not be read: \(unreadableRows); so none is called missing" : nil
    }

    /// All backends under a canonical name: none, one, or several where the bridge contradicts itself.
    package func backends(named name: String) -> ArraySlice<VelocityReading.Backend> {
        let key = HostKey(name)
        let first = Sorted.first(in: backends.count) { keys[$0] < key }
        var end = first
        while end < backends.count, keys[end] == key { end += 1 }
        return backends[first..<end]
    }

    /// Whether the backend at a place is the first and only one of its name; not so where the bridge contradicts itself.
    func isOnly(at place: Int) -> Bool { ProxyList.isOnly(place, keys) }

    private static func isOnly(_ place: Int, _ keys: [HostKey]) -> Bool {
        (place == 0 || keys[place - 1] != keys[place]) && (place + 1 == keys.count || keys[place + 1] != keys[place])
    }

    /// Judges one answer. A 200 without a list is unverifiable, never empty.
    package static func judge(_ reading: VelocityReading) -> PlaneFact<ProxyList> {
        guard let servers = reading.servers else {
            return .failed(
                .malformed,
                detail: "\(reading.endpoint): the answer has no list 'servers', so what is registered cannot be told",
                at: reading.startedAt)
        }
        return .read(ProxyList(reading, servers))
    }

    private init(_ reading: VelocityReading, _ servers: [VelocityReading.Backend]) {
        endpoint = reading.endpoint
        observedAt = reading.startedAt
        unreadableRows = reading.unreadableRows
        let keyed = servers.map { (key: HostKey($0.name), backend: $0) }.sorted { a, b in
            if a.key != b.key { return a.key < b.key }
            return (a.backend.address, a.backend.port) < (b.backend.address, b.backend.port)
        }
        var backends: [VelocityReading.Backend] = []
        var keys: [HostKey] = []
        // The same entry twice is one.
        for (key, backend) in keyed where backend != backends.last {
            backends.append(backend)
            keys.append(key)
        }
        self.backends = backends
        self.keys = keys
        addresses = backends.indices.map { place in
            guard backends[place].port == VelocityBackends.port, ProxyList.isOnly(place, keys) else { return 0 }
            return DNSName.ipv4(backends[place].address) ?? 0
        }
        let noun = backends.count == 1 ? "1 backend" : "\(backends.count) backends"
        detail = "\(noun), read from \(reading.endpoint)"
    }
}

extension VelocityReading.Backend: CustomStringConvertible {
    package var description: String { "\(address):\(port)" }
}
