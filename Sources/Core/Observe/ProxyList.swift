/// A believed list of a proxy's backends.
package struct ProxyList: Equatable, Sendable {
    package let endpoint: String
    package let observedAt: Timestamp
    /// Sorted.
    package let backends: [VelocityReading.Backend]
    package let detail: String
    /// Entries that could not be understood: any of them may be the one that seems to be missing.
    package let unreadableRows: Int
    private let byName: [String: [VelocityReading.Backend]]

    package var evidence: Evidence { Evidence(plane: .velocity, observedAt: observedAt) }
    package var isDoubtful: Bool { unreadableRows > 0 }

    package var doubt: String? {
        isDoubtful ? "entries of the list that could not be read: \(unreadableRows); so none is called missing" : nil
    }

    /// All backends under a canonical name: none, one, or several where the bridge contradicts itself.
    package func backends(named name: String) -> [VelocityReading.Backend] { byName[name] ?? [] }

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
        backends = Set(servers).sorted { ($0.name, $0.address, $0.port) < ($1.name, $1.address, $1.port) }
        byName = Dictionary(grouping: backends, by: \.name)
        let noun = backends.count == 1 ? "1 backend" : "\(backends.count) backends"
        detail = "\(noun), read from \(reading.endpoint)"
    }
}

extension VelocityReading.Backend: CustomStringConvertible {
    package var description: String { "\(address):\(port)" }
}
