/// A believed list of a proxy's backends.
package struct ProxyList: Equatable, Sendable {
    package let endpoint: String
    package let observedAt: Timestamp
    /// In the order of ``HostOrder``.
    package let backends: [VelocityReading.Backend]
    package let detail: String
    /// Entries that could not be understood: any of them may be the one that seems to be missing.
    package let unreadableRows: Int
    /// The number in the name of each.
    let numbers: [UInt64]

    package var evidence: Evidence { Evidence(plane: .velocity, observedAt: observedAt) }
    package var isDoubtful: Bool { unreadableRows > 0 }

    package var doubt: String? {
        isDoubtful ? "entries of the list that could not be read: \(unreadableRows); so none is called missing" : nil
    }

    /// All backends under a canonical name: none, one, or several where the bridge contradicts itself.
    package func backends(named name: String) -> ArraySlice<VelocityReading.Backend> {
        let number = HostOrder.number(in: name)
        let first = HostOrder.first(in: backends.count) { isBefore($0, number, name) }
        return backends[first..<end(of: first, name)]
    }

    /// The only backend of its name at a place; nil where the bridge contradicts itself.
    package func only(at place: Int) -> VelocityReading.Backend? {
        let next = place + 1
        let isOnly =
            next == backends.count || numbers[next] != numbers[place] || backends[next].name != backends[place].name
        return isOnly ? backends[place] : nil
    }

    /// Whether the backend at a place comes before a name.
    package func isBefore(_ place: Int, _ number: UInt64, _ name: String) -> Bool {
        numbers[place] != number ? numbers[place] < number : backends[place].name < name
    }

    private func end(of first: Int, _ name: String) -> Int {
        var end = first
        while end < backends.count, backends[end].name == name { end += 1 }
        return end
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
        let numbered = servers.map { (number: HostOrder.number(in: $0.name), backend: $0) }.sorted { a, b in
            if a.number != b.number { return a.number < b.number }
            let (left, right) = (a.backend, b.backend)
            return (left.name, left.address, left.port) < (right.name, right.address, right.port)
        }
        var backends: [VelocityReading.Backend] = []
        var numbers: [UInt64] = []
        // The same entry twice is one.
        for (number, backend) in numbered where backend != backends.last {
            backends.append(backend)
            numbers.append(number)
        }
        self.backends = backends
        self.numbers = numbers
        let noun = backends.count == 1 ? "1 backend" : "\(backends.count) backends"
        detail = "\(noun), read from \(reading.endpoint)"
    }
}

extension VelocityReading.Backend: CustomStringConvertible {
    package var description: String { "\(address):\(port)" }
}
