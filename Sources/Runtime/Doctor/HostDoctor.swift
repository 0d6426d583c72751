import Core
import Platform
import Postgres
import Settings

/// The part of `doctor` that asks the agents and the proxy.
struct HostDoctor: Sendable {
    private let installation: Installation
    private let settings: PipelineSettings

    init(_ installation: Installation, _ settings: PipelineSettings) {
        self.installation = installation
        self.settings = settings
    }

    func run() async -> [Finding] {
        async let agents = agents()
        async let proxy = proxy()
        return await agents + proxy
    }

    private func agents() async -> [Finding] {
        guard let observer = installation.agents else { return [] }
        switch await DesiredStateReader(installation.database).read(
            timeout: installation.configuration.postgres.timeout, now: installation.now)
        {
        case .failure:
            return [
                Finding(
                    .agents, .warn, "whom to ask is not known while the database cannot be read",
                    why: "without rows there is no address to ask at",
                    remedy: "mend the database first")
            ]
        case .success(let desired):
            let targets = desired.agentTargets(settings)
            guard !targets.isEmpty else {
                return [
                    Finding(
                        .agents, .warn, "no running instance has an address, so no agent can be asked",
                        remedy: "the platform writes the address into the column ip of the instance's row")
                ]
            }
            let reading = await observer.read(targets)
            return told(reading) + (await versions(reading, observer))
        }
    }

    private func told(_ result: Result<AgentReading, ReadFailure>) -> [Finding] {
        switch result {
        case .failure(let failure):
            return [Finding(.agents, .fail, failure.detail, remedy: Remedy.agents(failure.code))]
        case .success(let reading):
            if case .failed(let code, let detail, _) = Agents.judge(reading) {
                return [Finding(.agents, .fail, detail, remedy: Remedy.agents(code))]
            }
            var failures: [Unknown: [VMID]] = [:]
            for poll in reading.polls {
                if case .failed(let reason) = poll.answer { failures[reason, default: []].append(poll.target.key.vmid) }
            }
            let failed = failures.values.reduce(0) { $0 + $1.count }
            let reasons = failures.sorted { $0.key.rawValue < $1.key.rawValue }
            let isNone = failed == reading.polls.count
            var findings = [
                Finding(
                    .agents, isNone ? .fail : .ok,
                    "\(reading.polls.count - failed) of \(reading.polls.count) agents answered",
                    remedy: isNone ? reasons.first.map { Remedy.agents($0.key) } : nil)
            ]
            for (reason, vmids) in reasons {
                findings.append(
                    Finding(
                        .agents, .warn, "\(Words.unknown(reason)): \(VMIDList.text(vmids))",
                        remedy: Remedy.agents(reason)))
            }
            return findings
        }
    }

    /// Which versions answer, and whether they say all that a decision needs. There is no oldest version: what an agent says
    /// counts, and the fields came one by one.
    private func versions(_ result: Result<AgentReading, ReadFailure>, _ observer: AgentObserver) async -> [Finding] {
        guard case .success(let reading) = result else { return [] }
        var answered: [(target: AgentTarget, status: AgentStatus)] = []
        for poll in reading.polls {
            if case .status(let status) = poll.answer { answered.append((poll.target, status)) }
        }
        if answered.isEmpty { return [] }
        var versions: [String: Int] = [:]
        var failures: [Unknown: [VMID]] = [:]
        let told = await observer.versions(answered.map(\.target))
        for (target, version) in told {
            switch version {
            case .success(let text): versions[text, default: 0] += 1
            case .failure(let failure): failures[failure.code, default: []].append(target.key.vmid)
            }
        }
        var findings: [Finding] = []
        if !versions.isEmpty {
            let list = versions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) (\($0.value))" }
            findings.append(Finding(.agents, .ok, "versions of agents: \(list.joined(separator: ", "))"))
        }
        for (reason, vmids) in failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            findings.append(
                Finding(
                    .agents, .warn, "do not tell their version: \(VMIDList.text(vmids)): \(Words.unknown(reason))",
                    why: "whether such an agent is an old one is not known",
                    remedy: "look at GET /version of one of them"))
        }
        if told.count < answered.count {
            findings.append(
                Finding(
                    .agents, .warn,
                    "not asked for their version: \(answered.count - told.count) of \(answered.count), since others took too long",
                    why: "whether such an agent is an old one is not known",
                    remedy: "run doctor again when the agents answer quickly"))
        }
        func lacking(_ what: String, _ why: String, _ lacks: (AgentStatus) -> Bool) {
            let vmids = answered.filter { lacks($0.status) }.map(\.target.key.vmid)
            if vmids.isEmpty { return }
            findings.append(
                Finding(
                    .agents, .warn, "do not say \(what): \(VMIDList.text(vmids))", why: why,
                    remedy: "update the agent in those containers"))
        }
        lacking("whether they work on an operation", "no repair can wait for what such an agent does (agent_busy)") {
            $0.operationInProgress == nil
        }
        lacking("whether the workload is ready", "no backend is registered for a server of which that is not known") {
            $0.ready == nil
        }
        return findings
    }

    private func proxy() async -> [Finding] {
        guard let observer = installation.velocity else { return [] }
        switch await observer.read() {
        case .failure(let failure):
            return [Finding(.velocity, .fail, failure.detail, remedy: Remedy.velocity(failure.code))]
        case .success(let reading):
            switch ProxyList.judge(reading) {
            case .notConfigured: return []
            case .failed(let code, let detail, _):
                return [Finding(.velocity, .fail, detail, remedy: Remedy.velocity(code))]
            case .read(let list):
                return [
                    list.doubt.map { Finding(.velocity, .warn, $0, remedy: "look at the bridge's log") }
                        ?? Finding(.velocity, .ok, list.detail)
                ]
            }
        }
    }
}

extension Remedy {
    static func agents(_ code: Unknown) -> String {
        switch code {
        case .unauthorized, .forbidden: "agents.token is not the ZLH_AGENT_TOKEN of those containers"
        case .cutOff: "can this machine reach agents.networks at all, on agents.port?"
        case .outsideNetworks: "widen agents.networks if these addresses are yours: the token goes nowhere else"
        case .configuration: "correct the configuration"
        case .notRead: "raise agents.concurrency: not all could be asked in the time of one reading"
        case .internalFault:
            "this process lacked a socket or memory: raise its limit of open files (LimitNOFILE, ulimit -n)"
        default: "look at the agent's log in those containers"
        }
    }

    static func velocity(_ code: Unknown) -> String {
        switch code {
        case .unauthorized, .forbidden: "velocity.secret has to be the secret that the bridge was started with"
        case .notFound, .malformed:
            "velocity.url has to be the bridge's own port (8081), with a plugin that has /zpack/status"
        case .configuration: "correct the configuration"
        default: "is the proxy running, and is the bridge switched on by its secret?"
        }
    }
}
