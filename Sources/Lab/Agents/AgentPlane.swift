import Core
import World

/// The agent in each container: `GET /status` behind a token, `/health` and `/version` without.
struct AgentPlane {
    let address: String
    let faults: Set<AgentFault>

    func answer(_ request: LabRequest, _ board: Board) -> LabAnswer {
        // A container that stopped since its port was opened is no host any more: nothing comes back.
        guard let (vmid, agent) = found(board), agent.isListening else { return .nothing(.never) }
        var isSlow = false
        for fault in faults where fault.vmid == nil || fault.vmid == vmid {
            switch fault.kind {
            case .refused: return .nothing(.resetAtOnce)
            case .timeout: return .nothing(.never)
            case .unauthorized: return unauthorized
            case .serverError: return .json(.object([("error", .string("internal error"))]), status: 500)
            case .malformed: return LabAnswer(status: 200, body: Array("{\"state\":".utf8))
            case .slow: isSlow = true
            }
        }
        var answer = route(request, vmid, agent, board)
        if isSlow { answer.delay = .milliseconds(700) }
        return answer
    }

    private func found(_ board: Board) -> (VMID, Agent)? {
        if let vmid = board.agentHomes[address], let guest = board.estate.guest(vmid), board.estate.cluster.isUp(guest),
            guest.address == address, let agent = board.estate.agents[vmid]
        {
            return (vmid, agent)
        }
        return board.estate.agent(at: address)
    }

    private var unauthorized: LabAnswer { .json(.object([("error", .string("unauthorized"))]), status: 401) }

    private func route(_ request: LabRequest, _ vmid: VMID, _ agent: Agent, _ board: Board) -> LabAnswer {
        switch (request.method, request.path) {
        case ("GET", "/health"): return .json(.object([("status", .string("ok"))]))
        case ("GET", "/version"): return .json(.object([("version", .string(board.options.agentVersion))]))
        default: break
        }
        guard request.headers["authorization"] == "Bearer \(board.options.agentToken)" else { return unauthorized }
        switch (request.method, request.path) {
        case ("GET", "/status"): return .json(status(vmid, agent, board))
        case ("GET", "/ready"): return .json(.object([("ready", .bool(agent.isReady))]))
        // The controller never starts or stops a workload; whoever tries is written down and gets nothing done.
        case ("POST", "/start"), ("POST", "/stop"), ("POST", "/restart"):
            return .json(.object([("error", .string("not in this laboratory"))]), status: 501)
        default: return .json(.object([("error", .string("not found"))]), status: 404)
        }
    }

    private func status(_ vmid: VMID, _ agent: Agent, _ board: Board) -> JSON {
        let news: [(String, JSON)] = [
            ("operationInProgress", .bool(agent.operation != nil)), ("operationType", .text(agent.operation)),
            ("maintenance", .bool(agent.isInMaintenance)),
        ]
        return .object(
            [
                ("state", .string(agent.state)), ("processRunning", .bool(agent.isProcessRunning)),
                ("ready", .bool(agent.isReady)), ("readySource", .string("ping")), ("readyError", .null),
                ("installStep", .null), ("crashCount", .int(agent.crashCount)),
                ("lastCrashExitCode", agent.lastExitCode.map(JSON.int) ?? .null),
                ("lastCrashLogTail", .array(agent.crashCount > 0 ? [.string("java.lang.OutOfMemoryError")] : [])),
                ("error", .null),
                // The real agent echoes its payload, credentials and all.
                ("config", JSON(parsing: Array((board.estate.payloads[vmid] ?? "{}").utf8)) ?? .null),
            ] + (board.options.agentsAreOld ? [] : news))
    }
}
