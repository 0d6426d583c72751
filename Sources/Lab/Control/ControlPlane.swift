import Core
import World

/// The laboratory's own interface: what is there, what was written, what shall break.
struct ControlPlane {
    let now: Timestamp

    func answer(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        switch (request.method, request.path) {
        case ("GET", "/estate"): return .json(summary(board))
        case ("GET", "/story"): return .json(.array(board.estate.story.map(planted)))
        case ("GET", "/writes"): return .json(writes(board))
        case ("GET", "/requests"):
            return .json(.object(board.requests.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }))
        case ("GET", "/discord"): return .json(.array(board.discord.shown.map(DiscordPlane.json)))
        case ("GET", "/faults"): return .json(.array(board.faults.map { .string("\($0)") }))
        case ("DELETE", "/faults"):
            board.faults = []
            return ok()
        case ("POST", "/fault"): return fault(request, &board)
        case ("POST", "/edit"):
            guard let body = JSON(parsing: request.body) else { return wrong("the body is not JSON") }
            if let problem = ControlEdit(body: body, now: now).apply(&board) { return wrong(problem) }
            return ok()
        default: return .json(.object([("error", .string("no such path"))]), status: 404)
        }
    }

    private func ok() -> LabAnswer { .json(.object([("ok", .bool(true))])) }
    private func wrong(_ text: String) -> LabAnswer { .json(.object([("error", .string(text))]), status: 400) }

    private func summary(_ board: Board) -> JSON {
        let estate = board.estate
        return .object([
            ("instances", .int(estate.instances.count)), ("guests", .int(estate.cluster.guests.count)),
            ("records", .int(estate.zone.records.count)), ("planted", .int(estate.story.count)),
            ("cluster", .text(estate.cluster.name)), ("quorate", .bool(estate.cluster.isQuorate)),
            (
                "nodes",
                .object(estate.cluster.nodes.map { ($0.name, .string($0.isOnline ? "online" : "offline")) })
            ),
            ("internal_records", .int(estate.internalZone.records.count)),
            ("zone", .string(estate.zone.name)), ("zone_id", .string(estate.zone.id)),
            ("faults", .int(board.faults.count)), ("writes", .int(board.writes.count)),
        ])
    }

    private func planted(_ planted: Planted) -> JSON {
        .object([
            ("vmid", planted.vmid.map { .int(Int($0.number)) } ?? .null),
            ("kind", .string(planted.kind.rawValue)),
            ("record", .text(planted.record)),
            ("queue", .text(planted.queue)), ("held_by", .text(planted.heldBy?.rawValue)),
            ("story", .string(planted.sentence)),
        ])
    }

    private func writes(_ board: Board) -> JSON {
        .object([
            ("count", .int(board.writes.count)),
            (
                "planes",
                .object(
                    LabPlane.allCases.map { plane in
                        (plane.rawValue, .int(board.writes.count { $0.plane == plane }))
                    })
            ),
            (
                "writes",
                .array(
                    board.writes.map {
                        .object([
                            ("plane", .string($0.plane.rawValue)), ("method", .string($0.method)),
                            ("path", .string($0.path)),
                        ])
                    })
            ),
        ])
    }

    private func fault(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        guard let body = JSON(parsing: request.body) else { return wrong("the body is not JSON") }
        guard let plane = body["plane"]?.string.flatMap(LabPlane.init(rawValue:)) else {
            return wrong("plane is one of \(LabPlane.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let word = body["fault"]?.string ?? ""
        let kind: ActiveFault.Kind?
        switch plane {
        case .proxmox:
            kind = ProxmoxFault(word, at: now).map { .proxmox($0) } ?? HTTPFault(word).map { .http($0) }
        case .cloudflare:
            kind = CloudflareFault(word).map { .cloudflare($0) } ?? HTTPFault(word).map { .http($0) }
        case .technitium:
            kind = TechnitiumFault(word).map { .technitium($0) } ?? HTTPFault(word).map { .http($0) }
        case .agents: kind = AgentFault(word).map { .agent($0) } ?? HTTPFault(word).map { .http($0) }
        case .velocity: kind = VelocityFault(rawValue: word).map { .velocity($0) } ?? HTTPFault(word).map { .http($0) }
        case .discord:
            kind = DiscordHouse.Fault(rawValue: word).map { .discord($0) } ?? HTTPFault(word).map { .http($0) }
        }
        let isSink = [LabPlane.cloudflare, .technitium, .velocity].contains(plane)
        guard let kind = kind ?? (isSink ? WriteFault(rawValue: word).map { .write($0) } : nil) else {
            let known =
                switch plane {
                case .proxmox: Array(ProxmoxFault.simple.keys)
                case .cloudflare: Array(CloudflareFault.simple.keys)
                case .technitium: TechnitiumFault.allCases.map(\.rawValue)
                case .agents: AgentFault.Kind.allCases.flatMap { [$0.rawValue, "\($0.rawValue):N"] }
                case .velocity: VelocityFault.allCases.map(\.rawValue)
                case .discord: DiscordHouse.Fault.allCases.map(\.rawValue)
                }
            let writes = isSink ? WriteFault.allCases.map(\.rawValue) : []
            let words = (known + writes + Array(HTTPFault.simple.keys)).sorted().joined(separator: ", ")
            let more =
                switch plane {
                case .proxmox: ", guest-hidden:N, guest-denied:N, migrating:N, node-offline:NAME"
                case .cloudflare: ", page-lost:N, late-listing:SECONDS"
                case .technitium: ""
                case .agents, .velocity, .discord: ""
                }
            return wrong("fault is one of \(words)\(more), status:CODE")
        }
        board.faults.append(
            ActiveFault(
                plane: plane, endpoint: body["endpoint"]?.int, path: body["path"]?.string, kind: kind,
                times: body["times"]?.int))
        return ok()
    }
}
