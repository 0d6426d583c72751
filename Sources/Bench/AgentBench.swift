import Core
import Curl
import Platform

/// Polling thousands of agents, each at an address of its own.
struct AgentBench {
    let laboratory: Laboratory
    let wanted = 6_000
    private let timeout = Span.seconds(3)
    private let concurrency = 200

    func run() async throws -> [Figure] {
        let agents = Array(laboratory.livingAgents.prefix(wanted))
        guard agents.count == wanted else { throw BenchError("the laboratory has \(agents.count) agents only") }
        try await laboratory.mend()
        let clients = AgentClients()
        let fresh = try await poll(agents, clients)
        let kept = try await poll(agents, clients)
        clients.shutdown()
        let others = (0..<6).map { _ in HTTPClient() }
        let bareFresh = try await bare(agents, others)
        let bareKept = try await bare(agents, others)
        others.forEach { $0.shutdown() }
        var figures = [
            figure("keep-alive", kept, goal: 60, floor: bareKept), figure("fresh", fresh, goal: nil, floor: bareFresh),
        ]
        for percent in [10, 30] {
            figures.append(try await lateness(agents, percent: percent, withNone: fresh.last))
        }
        return figures
    }

    private func figure(_ how: String, _ poll: Poll, goal: Double?, floor: Double) -> Figure {
        Figure(
            name: "CPU per poll of \(Figure.text(Double(wanted))) agents, \(how)\(poll.note)",
            value: poll.cpu * 1000 / Double(wanted),
            unit: .microseconds, goal: goal, floor: floor * 1000 / Double(wanted),
            floorIs: "the same requests through libcurl, answers dropped")
    }

    private func lateness(_ agents: [AgentTarget], percent: Int, withNone: Double) async throws -> Figure {
        // Spread over all of them, as failures are.
        let dead = agents.enumerated().filter { $0.offset % 100 < percent }.map(\.element)
        try await laboratory.hang(dead)
        let clients = AgentClients()
        let run = try await poll(agents, clients, dead: Set(dead.map(\.address)))
        clients.shutdown()
        try await laboratory.mend()
        return Figure(
            name: "the last living agent, when \(percent) % never answer: later by\(run.note)",
            value: max(0, run.last - withNone) / 1000, unit: .seconds, goal: 1, floor: withNone / 1000,
            floorIs: "when the last one answers with none dead")
    }

    private struct Poll {
        /// Of this process, in milliseconds.
        var cpu: Double
        /// When the last living agent had answered, in milliseconds after the start.
        var last: Double
        /// Living agents that were not heard in time: the machine, or the laboratory, has too much to do.
        var unheard: Int

        var note: String { unheard == 0 ? "" : " (\(unheard) not heard in time)" }
    }

    private func poll(_ agents: [AgentTarget], _ clients: AgentClients, dead: Set<String> = []) async throws -> Poll {
        let last = Locked(0.0)
        let start = ContinuousClock.now
        let observer = AgentObserver(
            scheme: "http", port: laboratory.addresses.agent_port, token: Secret(laboratory.addresses.agent_token),
            mayAsk: { $0.hasPrefix("127.70.") }, timeout: timeout, budget: .seconds(60), concurrency: concurrency,
            send: { request, address, hosts in
                let result: Result<HTTPResponse, HTTPFailure>
                do throws(HTTPFailure) {
                    result = .success(try await clients.client(for: address, among: hosts).send(request))
                } catch {
                    result = .failure(error)
                }
                let now = (ContinuousClock.now - start).milliseconds
                if case .success = result { last.withLock { $0 = max($0, now) } }
                return result
            }, now: { BigFleet.now })
        let before = Meter.cpu()
        let reading = try await observer.read(agents).get()
        let cpu = Meter.cpu() - before
        let unheard = reading.polls.count {
            if case .status = $0.answer { false } else { !dead.contains($0.target.address) }
        }
        return Poll(cpu: cpu, last: last.withLock { $0 }, unheard: unheard)
    }

    /// The CPU, in milliseconds, of asking each and dropping the answer.
    private func bare(_ agents: [AgentTarget], _ clients: [HTTPClient]) async throws -> Double {
        let port = laboratory.addresses.agent_port
        let token = Secret("Bearer \(laboratory.addresses.agent_token)")
        let before = Meter.cpu()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, agent) in agents.enumerated() {
                if index >= concurrency { try await group.next() }
                let client = clients[index % clients.count]
                group.addTask {
                    let answer = try await client.send(
                        HTTPRequest(
                            .get, "http://\(agent.address):\(port)/status", headers: [.init("Authorization", token)],
                            timeout: .seconds(10), maxBody: 64 << 10))
                    guard answer.status == 200 else { throw BenchError("an agent answered \(answer.status)") }
                }
            }
            try await group.waitForAll()
        }
        return Meter.cpu() - before
    }
}
