import Core
package import World

/// The laboratory: one estate behind real ports on loopback.
///
/// All of its state is the actor's own. Faults and edits take effect with the next request.
package actor LabHouse {
    private var board: Board
    private var proxmoxPorts: [LabPort] = []
    private var cloudflarePort: LabPort?
    private var technitiumPort: LabPort?
    private var controlPort: LabPort?
    private var velocityPort: LabPort?
    private var discordPort: LabPort?
    private var agentPorts: (port: Int, open: [LabPort])?

    package init(estate: Estate, options: LabOptions = LabOptions()) {
        board = Board(estate: estate, options: options)
    }

    // MARK: Life

    /// Opens all ports and returns when they listen.
    package func start() async throws {
        let options = board.options
        for index in 0..<max(1, min(options.proxmoxEndpoints, board.estate.cluster.nodes.count)) {
            let rules = LabPort.Rules(
                serverName: "pve-api-daemon/3.0", idleSeconds: options.idleSeconds,
                requestLimit: options.requestsPerConnection, closesOnErrors: true)
            proxmoxPorts.append(
                try await LabPort.open(rules: rules) { await self.answer($0, .proxmox, endpoint: index) })
        }
        let rules = LabPort.Rules(serverName: "cloudflare", idleSeconds: nil, requestLimit: nil, closesOnErrors: false)
        cloudflarePort = try await LabPort.open(rules: rules) { await self.answer($0, .cloudflare, endpoint: 0) }
        let plain = LabPort.Rules(serverName: nil, idleSeconds: nil, requestLimit: nil, closesOnErrors: false)
        technitiumPort = try await LabPort.open(rules: plain) { await self.answer($0, .technitium, endpoint: 0) }
        velocityPort = try await LabPort.open(rules: plain) { await self.answer($0, .velocity, endpoint: 0) }
        discordPort = try await LabPort.open(rules: plain) { await self.answer($0, .discord, endpoint: 0) }
        for guest in board.estate.cluster.guests.values where guest.isRunning && board.estate.agents[guest.vmid] != nil
        {
            guard let address = guest.address else { continue }
            board.agentHomes[address] = min(board.agentHomes[address] ?? guest.vmid, guest.vmid)
        }
        agentPorts = try await AgentPorts.open(board.estate) { await self.answerAgent($0, at: $1) }
        controlPort = try await LabPort.open(rules: plain) { await self.control($0) }
    }

    /// Cuts all connections and closes all ports.
    package func stop() async {
        let single = [cloudflarePort, technitiumPort, controlPort, velocityPort, discordPort].compactMap { $0 }
        for port in proxmoxPorts + single + (agentPorts?.open ?? []) { await port.close() }
        (proxmoxPorts, cloudflarePort, technitiumPort) = ([], nil, nil)
        (controlPort, velocityPort, discordPort, agentPorts) = (nil, nil, nil, nil)
    }

    /// Closes one port of Proxmox for good: connections to it are refused from then on.
    package func stopListening(proxmoxEndpoint index: Int) async {
        if proxmoxPorts.indices.contains(index) { await proxmoxPorts[index].close() }
    }

    // MARK: Addresses

    /// `http://127.0.0.1:PORT`, one for each listening node.
    package var proxmoxURLs: [String] { proxmoxPorts.map { "http://127.0.0.1:\($0.port)" } }
    /// With `/client/v4`; nil while stopped.
    package var cloudflareURL: String? { cloudflarePort.map { "http://127.0.0.1:\($0.port)/client/v4" } }
    /// With `/api`; nil while stopped.
    package var technitiumURL: String? { technitiumPort.map { "http://127.0.0.1:\($0.port)/api" } }
    /// Without a path; nil while stopped.
    package var velocityURL: String? { velocityPort.map { "http://127.0.0.1:\($0.port)" } }
    /// A webhook's URL as Discord gives it out; nil while stopped.
    package func webhookURL(_ index: Int = 0) -> String? {
        let hook = board.discord.webhooks[index]
        return discordPort.map { "http://127.0.0.1:\($0.port)/api/webhooks/\(hook.id)/\(hook.token)" }
    }
    /// The one port of all agents, each at the address of its row; nil while stopped.
    package var agentPort: Int? { agentPorts?.port }
    package var agentToken: String { board.options.agentToken }
    package var velocitySecret: String { board.options.velocitySecret }
    package var controlURL: String? { controlPort.map { "http://127.0.0.1:\($0.port)" } }
    /// `USER@REALM!NAME=SECRET`.
    package var proxmoxToken: String { "\(board.estate.cluster.token.id)=\(board.estate.cluster.token.secret)" }
    package var cloudflareToken: String { board.options.cloudflareToken }
    package var technitiumToken: String { board.options.technitiumToken }

    // MARK: The estate and its faults

    package var estate: Estate { board.estate }

    @discardableResult
    package func edit<Result: Sendable>(_ body: @Sendable (inout Estate) throws -> Result) rethrows -> Result {
        try body(&board.estate)
    }

    /// Every request that could have changed something, on any plane, refused ones among them.
    package var writes: [Write] { board.writes }
    /// `plane METHOD path` → how often.
    package var requests: [String: Int] { board.requests }
    /// Address → how often.
    package var agentsAsked: [String: Int] { board.agentsAsked }

    package func inject(_ fault: ActiveFault) { board.faults.append(fault) }
    package func inject(_ fault: ProxmoxFault, endpoint: Int? = nil, times: Int? = nil) {
        inject(ActiveFault(plane: .proxmox, endpoint: endpoint, kind: .proxmox(fault), times: times))
    }
    package func inject(_ fault: CloudflareFault, times: Int? = nil) {
        inject(ActiveFault(plane: .cloudflare, kind: .cloudflare(fault), times: times))
    }
    package func inject(_ fault: TechnitiumFault, times: Int? = nil) {
        inject(ActiveFault(plane: .technitium, kind: .technitium(fault), times: times))
    }
    package func inject(_ fault: AgentFault, times: Int? = nil) {
        inject(ActiveFault(plane: .agents, kind: .agent(fault), times: times))
    }
    package func inject(_ fault: VelocityFault, times: Int? = nil) {
        inject(ActiveFault(plane: .velocity, kind: .velocity(fault), times: times))
    }
    package func inject(_ fault: WriteFault, on plane: LabPlane, path: String? = nil, times: Int? = nil) {
        inject(ActiveFault(plane: plane, path: path, kind: .write(fault), times: times))
    }
    package func inject(
        _ fault: HTTPFault, on plane: LabPlane, endpoint: Int? = nil, path: String? = nil, times: Int? = nil
    ) {
        inject(ActiveFault(plane: plane, endpoint: endpoint, path: path, kind: .http(fault), times: times))
    }
    package func inject(_ fault: DiscordHouse.Fault, times: Int? = nil) {
        inject(ActiveFault(plane: .discord, kind: .discord(fault), times: times))
    }
    package var discord: DiscordHouse { board.discord }
    package func editDiscord(_ body: @Sendable (inout DiscordHouse) -> Void) { body(&board.discord) }
    package func clearFaults() { board.faults = [] }
    /// Whether a fault is left that has not hit as often as it should.
    package var hasFaults: Bool { board.faults.contains { $0.remaining != 0 } }

    // MARK: Answering

    private func answer(_ request: LabRequest, _ plane: LabPlane, endpoint: Int) -> LabAnswer {
        let now = board.options.now()
        board.note(request, plane)
        let hit = board.strike(request, plane, endpoint)
        let transport = hit.compactMap { if case .http(let fault) = $0 { fault } else { nil } }
        if let fault = transport.first(where: \.happensBefore) { return fault.spoil(LabAnswer(status: 200)) }
        let write = hit.lazy.compactMap { if case .write(let fault) = $0 { fault } else { nil } }.first
        if let write, let answer = WriteSpoiling(fault: write, plane: plane).instead { return answer }
        var answer: LabAnswer
        switch plane {
        case .proxmox:
            let faults = hit.compactMap { if case .proxmox(let fault) = $0 { fault } else { nil } }
            answer = ProxmoxPlane(endpoint: endpoint, faults: Set(faults), now: now).answer(request, &board)
        case .cloudflare:
            let faults = hit.compactMap { if case .cloudflare(let fault) = $0 { fault } else { nil } }
            answer = CloudflarePlane(faults: Set(faults), isFull: write == .overQuota, now: now)
                .answer(request, &board)
        case .technitium:
            let faults = hit.compactMap { if case .technitium(let fault) = $0 { fault } else { nil } }
            answer = TechnitiumPlane(faults: Set(faults), now: now).answer(request, &board)
        case .velocity:
            let faults = hit.compactMap { if case .velocity(let fault) = $0 { fault } else { nil } }
            answer = VelocityPlane(faults: Set(faults)).answer(request, &board)
        case .discord:
            let faults = hit.compactMap { if case .discord(let fault) = $0 { fault } else { nil } }
            answer = DiscordPlane(fault: faults.first, now: now).answer(request, &board)
        case .agents: answer = LabAnswer(status: 404)
        }
        if let write { answer = WriteSpoiling(fault: write, plane: plane).spoil(answer) }
        return transport.reduce(answer) { $1.spoil($0) }
    }

    private func answerAgent(_ request: LabRequest, at address: String) -> LabAnswer {
        board.note(request, .agents)
        board.agentsAsked[address, default: 0] += 1
        let hit = board.strike(request, .agents, 0)
        let transport = hit.compactMap { if case .http(let fault) = $0 { fault } else { nil } }
        if let fault = transport.first(where: \.happensBefore) { return fault.spoil(LabAnswer(status: 200)) }
        let faults = hit.compactMap { if case .agent(let fault) = $0 { fault } else { nil } }
        let answer = AgentPlane(address: address, faults: Set(faults)).answer(request, board)
        return transport.reduce(answer) { $1.spoil($0) }
    }

    private func control(_ request: LabRequest) -> LabAnswer {
        ControlPlane(now: board.options.now()).answer(request, &board)
    }
}
