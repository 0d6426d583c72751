import Core
import World

/// The addresses at which agents listen: each its own of 127.0.0.0/8, all on one port, as in a real network.
enum AgentPorts {
    /// A port range in which nothing is handed out by chance: below the ephemeral ones of Linux.
    private static let candidates = 18888..<19888

    /// Opens one port for each agent that listens. An address outside of loopback is left out: nothing is ever served there.
    static func open(_ estate: Estate, respond: @escaping @Sendable (LabRequest, String) async -> LabAnswer)
        async throws
        -> (port: Int, open: [LabPort])
    {
        let addresses = Set(estate.instances.compactMap(\.address)).sorted().filter { address in
            DNSName.ipv4(address).map { $0 >> 24 == 127 } == true
                && estate.agent(at: address)?.agent.isListening == true
        }
        let rules = LabPort.Rules(serverName: nil, idleSeconds: 60, requestLimit: nil, closesOnErrors: false)
        for port in candidates {
            var opened: [LabPort] = []
            do {
                for address in addresses {
                    opened.append(
                        try await LabPort.open(rules: rules, host: address, wanted: port) { await respond($0, address) }
                    )
                }
                return (port, opened)
            } catch {
                // Somebody listens there already: another laboratory, perhaps.
                for port in opened { await port.close() }
            }
        }
        throw LabError(code: .cannotListen, message: "no port is free on all of \(addresses.count) addresses")
    }
}
