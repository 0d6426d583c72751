import Core
import Curl
import World

/// A laboratory in a process of its own, and the estate that it serves: the same seed and size give the same here.
struct Laboratory {
    let addresses: LabAddresses
    let estate: Estate

    init(portFile: String, seed: UInt64, instances: Int) throws {
        addresses = try LabAddresses(portFile: portFile)
        estate = Estate.random(seed: seed, instances: instances, at: BigFleet.now)
    }

    /// The addresses at which an agent listens, each with a row.
    var livingAgents: [AgentTarget] {
        estate.instances.compactMap { row in
            guard let address = row.address, let (vmid, agent) = estate.agent(at: address), agent.isListening,
                vmid == row.vmid
            else { return nil }
            return AgentTarget(key: row.key, address: address)
        }
    }

    /// Lets agents accept and never answer.
    func hang(_ agents: [AgentTarget]) async throws {
        let client = HTTPClient()
        defer { client.shutdown() }
        for agent in agents {
            let body = #"{"plane":"agents","fault":"timeout:\#(agent.key.vmid)"}"#
            let answer = try await client.send(
                HTTPRequest(.post, "\(addresses.control_url)/fault", body: Array(body.utf8), timeout: .seconds(10)))
            guard answer.status == 200 else { throw BenchError("the laboratory refused a fault: \(answer.status)") }
        }
    }

    func mend() async throws {
        let client = HTTPClient()
        defer { client.shutdown() }
        _ = try await client.send(
            HTTPRequest(.delete, "\(addresses.control_url)/faults", timeout: .seconds(10)))
    }
}
