import Core
import Curl
import Platform
import Settings

/// Polling thousands of agents, each at an address of its own.
struct AgentBench {
    let laboratory: Laboratory
    let wanted = 6_000
    /// As a configuration has them that says nothing of it.
    private let timeout = Configuration.Agents.usualTimeout
    private let concurrency = Configuration.Agents.usualConcurrency

    func run(runs: Int) async throws -> [Figure] {
        let agents = Array(laboratory.livingAgents.prefix(wanted))
        guard agents.count == wanted else { throw BenchError("the laboratory has \(agents.count) agents only") }
        try await laboratory.mend()
        let raw = try RawPolls(
            agents, port: laboratory.addresses.agent_port, token: laboratory.addresses.agent_token)
        var fresh: [Poll] = []
        var kept: [Poll] = []
        var rawFresh: [Double] = []
        var rawKept: [Double] = []
        for _ in 0..<max(1, min(runs, 3)) {
            let clients = AgentClients(concurrency: concurrency)
            fresh.append(try await poll(agents, clients))
            for _ in 0..<3 { kept.append(try await poll(agents, clients)) }
            clients.shutdown()
            // In turn, so that what else the machine does is much the same for both; never at once, because the laboratory
            // would need a descriptor for each end of both.
            rawFresh.append(try cpu { try raw.fresh(batch: concurrency) })
            for _ in 0..<3 { rawKept.append(try cpu { try raw.kept(batch: concurrency) }) }
            raw.closeAll()
        }
        var figures = [
            figure("keep-alive", kept, goal: 60, floor: rawKept, opened: kept.map(\.opened).max() ?? 0),
            figure("fresh", fresh, goal: nil, floor: rawFresh, opened: 0),
        ]
        let withNone = fresh.map(\.last).sorted()[fresh.count / 2]
        for percent in [10, 30] {
            figures.append(try await lateness(agents, percent: percent, withNone: withNone))
        }
        return figures
    }

    private func cpu(_ body: () throws -> Void) rethrows -> Double {
        let before = Meter.cpu()
        try body()
        return Meter.cpu() - before
    }

    private func figure(_ how: String, _ polls: [Poll], goal: Double?, floor: [Double], opened: Int) -> Figure {
        let median = polls.sorted { $0.cpu < $1.cpu }[polls.count / 2]
        let unheard = polls.map(\.unheard).max() ?? 0
        return Figure(
            name: "CPU per poll of \(Figure.text(Double(wanted))) agents, \(how)"
                + (opened == 0 ? "" : " (\(opened) connections were new)") + Poll.note(unheard),
            value: median.cpu * 1000 / Double(wanted), unit: .microseconds, goal: goal,
            floor: floor.sorted()[floor.count / 2] * 1000 / Double(wanted),
            floorIs: "the system calls alone: no library, answers not read")
    }

    private func lateness(_ agents: [AgentTarget], percent: Int, withNone: Double) async throws -> Figure {
        // Spread over all of them, as failures are.
        let dead = agents.enumerated().filter { $0.offset % 100 < percent }.map(\.element)
        try await laboratory.hang(dead)
        let clients = AgentClients(concurrency: concurrency)
        let run = try await poll(agents, clients, dead: Set(dead.map(\.address)))
        clients.shutdown()
        try await laboratory.mend()
        return Figure(
            name: "the last living agent, when \(percent) % never answer: later by\(Poll.note(run.unheard))",
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
        /// Connections that are open after it and were not before.
        var opened: Int

        static func note(_ unheard: Int) -> String { unheard == 0 ? "" : " (\(unheard) not heard in time)" }
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
                    result = .success(try await clients.send(request, to: address, among: hosts))
                } catch {
                    result = .failure(error)
                }
                let now = (ContinuousClock.now - start).milliseconds
                if case .success = result { last.withLock { $0 = max($0, now) } }
                return result
            }, executor: clients.executor, now: { BigFleet.now })
        let sockets = OpenSockets()
        let before = Meter.cpu()
        let reading = try await observer.read(agents).get()
        let cpu = Meter.cpu() - before
        let opened = OpenSockets().new(since: sockets)
        let unheard = reading.polls.count {
            if case .status = $0.answer { false } else { !dead.contains($0.target.address) }
        }
        return Poll(cpu: cpu, last: last.withLock { $0 }, unheard: unheard, opened: opened)
    }
}
