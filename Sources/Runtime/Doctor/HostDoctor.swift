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
            timeout: installation.configuration.postgres.timeout, now: WallClock.now)
        {
        case .failure:
            return [
                Finding(
                    .agents, .warning, "whom to ask is not known while the database cannot be read",
                    remedy: "mend the database first")
            ]
        case .success(let desired):
            let targets = desired.agentTargets(settings)
            guard !targets.isEmpty else {
                return [
                    Finding(
                        .agents, .warning, "no running instance has an address, so no agent can be asked",
                        remedy: "the platform writes the address into the column ip of the instance's row")
                ]
            }
            return told(await observer.read(targets))
        }
    }

    private func told(_ result: Result<AgentReading, ReadFailure>) -> [Finding] {
        switch result {
        case .failure(let failure):
            return [Finding(.agents, .bad, failure.detail, remedy: Remedy.agents(failure.code))]
        case .success(let reading):
            if case .failed(let code, let detail, _) = Agents.judge(reading) {
                return [Finding(.agents, .bad, detail, remedy: Remedy.agents(code))]
            }
            var failures: [Unknown: [VMID]] = [:]
            for poll in reading.polls {
                if case .failed(let reason) = poll.answer { failures[reason, default: []].append(poll.target.key.vmid) }
            }
            let failed = failures.values.reduce(0) { $0 + $1.count }
            var findings = [
                Finding(
                    .agents, failed == reading.polls.count ? .bad : .good,
                    "\(reading.polls.count - failed) of \(reading.polls.count) agents answered")
            ]
            for (reason, vmids) in failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                findings.append(
                    Finding(
                        .agents, .warning, "\(Words.unknown(reason)): \(VMIDList.text(vmids))",
                        remedy: Remedy.agents(reason)))
            }
            return findings
        }
    }

    private func proxy() async -> [Finding] {
        guard let observer = installation.velocity else { return [] }
        switch await observer.read() {
        case .failure(let failure):
            return [Finding(.velocity, .bad, failure.detail, remedy: Remedy.velocity(failure.code))]
        case .success(let reading):
            switch ProxyList.judge(reading) {
            case .notConfigured: return []
            case .failed(let code, let detail, _):
                return [Finding(.velocity, .bad, detail, remedy: Remedy.velocity(code))]
            case .read(let list):
                return [
                    list.doubt.map { Finding(.velocity, .warning, $0, remedy: "look at the bridge's log") }
                        ?? Finding(.velocity, .good, list.detail)
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
