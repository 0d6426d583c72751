import Core
package import World

/// A part of the laboratory that listens.
package enum LabPlane: String, CaseIterable, Sendable {
    case proxmox, cloudflare, technitium, agents, velocity, discord
}

/// A fault that is switched on.
package struct ActiveFault: Sendable {
    package enum Kind: Hashable, Sendable {
        case proxmox(ProxmoxFault)
        case cloudflare(CloudflareFault)
        case technitium(TechnitiumFault)
        case agent(AgentFault)
        case velocity(VelocityFault)
        case discord(DiscordHouse.Fault)
        case http(HTTPFault)
        /// Hits only requests that would change something.
        case write(WriteFault)
    }

    package var plane: LabPlane
    /// Which of the plane's ports; nil is all.
    package var endpoint: Int?
    /// Only requests whose path begins so; nil is all.
    package var path: String?
    package var kind: Kind
    /// How many more requests it hits; nil is all.
    package var remaining: Int?

    package init(plane: LabPlane, endpoint: Int? = nil, path: String? = nil, kind: Kind, times: Int? = nil) {
        self.plane = plane
        self.endpoint = endpoint
        self.path = path
        self.kind = kind
        self.remaining = times
    }
}

/// A request that could change something: not a GET, and no reading call of an API that reads by POST.
package struct Write: Equatable, Sendable {
    package var plane: LabPlane
    package var method: String
    package var path: String
}

/// A task of Proxmox, ended as soon as it began: the laboratory has no slow ones.
struct LabTask: Sendable {
    var upid: String
    var node: String
    var type: String
    var vmid: VMID
    var startedAt: Timestamp
    var exitStatus: String
}

/// All that the laboratory knows: one value, so that every answer is a function of it and of a request.
struct Board: Sendable {
    var estate: Estate
    let options: LabOptions
    var faults: [ActiveFault] = []
    var writes: [Write] = []
    /// `plane METHOD path` → how often.
    var requests: [String: Int] = [:]
    /// Address of an agent → how often it was asked something.
    var agentsAsked: [String: Int] = [:]
    var tasks: [LabTask] = []
    /// When each request of the rate limit's window came.
    var window: [Timestamp] = []
    var blockedUntil: Timestamp?
    /// Whose agent each address was when its port was opened: with thousands, nobody is searched for at each poll.
    var agentHomes: [String: VMID] = [:]
    var seed: Seed
    var discord: DiscordHouse

    init(estate: Estate, options: LabOptions) {
        self.estate = estate
        self.options = options
        seed = Seed(UInt64(bitPattern: estate.drawnAt.microseconds))
        discord = DiscordHouse(webhooks: options.webhooks)
    }

    mutating func note(_ request: LabRequest, _ plane: LabPlane) {
        requests["\(plane.rawValue) \(request.method) \(request.path)", default: 0] += 1
        if Board.isWrite(request, plane) {
            writes.append(Write(plane: plane, method: request.method, path: request.path))
        }
    }

    /// Technitium takes every call as GET and as POST.
    private static func isWrite(_ request: LabRequest, _ plane: LabPlane) -> Bool {
        guard plane == .technitium else { return request.method != "GET" }
        return TechnitiumDesk.paths.contains(request.path)
            || request.method != "GET" && !TechnitiumPlane.isRead(request.path)
    }

    /// The faults that hit this request; each that counts its hits counts this one.
    mutating func strike(_ request: LabRequest, _ plane: LabPlane, _ endpoint: Int) -> [ActiveFault.Kind] {
        var hit: [ActiveFault.Kind] = []
        for index in faults.indices {
            let fault = faults[index]
            guard fault.plane == plane, fault.endpoint == nil || fault.endpoint == endpoint,
                fault.path.map({ request.path.hasPrefix($0) }) ?? true, fault.remaining != 0
            else { continue }
            if case .write = fault.kind, !Board.isWrite(request, plane) { continue }
            // One request is what the file system's hiccup lasts, and only the inventory shows it.
            if fault.kind == .proxmox(.fileSystemHiccup), request.path != "/api2/json/cluster/resources" { continue }
            hit.append(fault.kind)
            faults[index].remaining = fault.remaining.map { $0 - 1 }
        }
        faults.removeAll { $0.remaining == 0 }
        return hit
    }
}
