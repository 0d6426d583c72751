import Core

/// The IPv4 addresses on one guest's interfaces.
struct AddressesForm: Codable {
    var ipv4: [String]
    /// False where an older Proxmox showed only the last one.
    var whole: Bool?
    /// True where none of them lies in `agents.networks`.
    var outside: Bool?

    init(_ addresses: GuestAddresses) {
        ipv4 = addresses.ipv4
        whole = addresses.isWhole ? nil : false
        outside = addresses.isOutside ? true : nil
    }

    static func byVMID(_ forms: [String: AddressesForm]) throws -> [VMID: GuestAddresses] {
        var found: [VMID: GuestAddresses] = [:]
        for (text, form) in forms {
            guard let vmid = VMID(text) else { throw FormError(message: "addresses: '\(text)' is no VMID") }
            found[vmid] = GuestAddresses(
                ipv4: form.ipv4, isWhole: form.whole ?? true, isOutside: form.outside ?? false)
        }
        return found
    }
}

/// What the agents answered.
struct AgentsForm: Codable {
    var readAt: String
    var polls: [Poll]

    struct Poll: Codable {
        var vmid: Int
        var externalId: String
        var ip: String
        /// Why there is no answer.
        var failed: String?
        var state: String?
        var processRunning: Bool?
        var ready: Bool?
        var operationInProgress: Bool?
        var maintenance: Bool?
        var crashCount: Int?
        var lastCrashExitCode: Int?
    }

    init(_ reading: AgentReading) {
        readAt = reading.startedAt.exact
        polls = reading.polls.map(Poll.init)
    }

    func reading() throws -> AgentReading {
        AgentReading(polls: try polls.map { try $0.poll() }, startedAt: try Timestamp(exact: readAt))
    }
}

extension AgentsForm.Poll {
    init(_ poll: AgentReading.Poll) {
        vmid = Int(poll.target.key.vmid.number)
        externalId = poll.target.key.externalID.description
        ip = poll.target.address
        switch poll.answer {
        case .failed(let reason): failed = reason.rawValue
        case .status(let status):
            state = status.state?.word
            processRunning = status.processRunning
            ready = status.ready
            operationInProgress = status.operationInProgress
            maintenance = status.maintenance
            crashCount = status.crashCount
            lastCrashExitCode = status.lastCrashExitCode
        }
    }

    func poll() throws -> AgentReading.Poll {
        let key = InstanceKey(vmid: try VMID(form: vmid), externalID: try ExternalID(form: externalId))
        let answer: AgentReading.Answer =
            if let failed {
                .failed(try Unknown(word: failed))
            } else {
                .status(
                    AgentStatus(
                        state: state.map(AgentStatus.State.init(word:)), processRunning: processRunning, ready: ready,
                        operationInProgress: operationInProgress, maintenance: maintenance, crashCount: crashCount,
                        lastCrashExitCode: lastCrashExitCode))
            }
        return AgentReading.Poll(target: AgentTarget(key: key, address: ip), answer: answer)
    }
}

/// What the proxy's bridge answered.
struct VelocityForm: Codable {
    var endpoint: String
    var readAt: String
    /// Left out where the answer had no list.
    var servers: [Server]?
    var unreadableRows: Int?

    struct Server: Codable {
        var name: String
        var address: String
        var port: Int
    }

    init(_ reading: VelocityReading) {
        endpoint = reading.endpoint
        readAt = reading.startedAt.exact
        servers = reading.servers?.map { Server(name: $0.name, address: $0.address, port: $0.port) }
        unreadableRows = reading.unreadableRows == 0 ? nil : reading.unreadableRows
    }

    func reading() throws -> VelocityReading {
        VelocityReading(
            endpoint: endpoint,
            servers: servers?.map { VelocityReading.Backend(name: $0.name, address: $0.address, port: $0.port) },
            unreadableRows: unreadableRows ?? 0, startedAt: try Timestamp(exact: readAt))
    }
}
