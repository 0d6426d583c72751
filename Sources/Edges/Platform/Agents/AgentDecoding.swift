import Core

/// An agent's `GET /status`, read leniently: unknown fields and states are normal, and what is not named here is not kept.
enum AgentDecoding {
    private struct Status: Decodable {
        var status: AgentStatus?

        private enum Key: String, CodingKey {
            case state, processRunning, ready, operationInProgress, maintenance, crashCount, lastCrashExitCode
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            let state = fields.lenientText(.state)
            let ready = fields.lenientBool(.ready)
            let processRunning = fields.lenientBool(.processRunning)
            // Some object, but not that of an agent.
            guard state != nil || ready != nil || processRunning != nil else { return }
            status = AgentStatus(
                state: state.map(AgentStatus.State.init(word:)), processRunning: processRunning, ready: ready,
                operationInProgress: fields.lenientBool(.operationInProgress),
                maintenance: fields.lenientBool(.maintenance), crashCount: fields.lenientInt(.crashCount),
                lastCrashExitCode: fields.lenientInt(.lastCrashExitCode))
        }
    }

    /// Nil when the body is not what an agent sends.
    static func status(_ body: [UInt8]) -> AgentStatus? { PlainStatus.read(body) ?? lenient(body) }

    static func lenient(_ body: [UInt8]) -> AgentStatus? {
        switch Result(catching: { try WholeJSON.decode(Status.self, body) }) {
        case .success(let decoded): decoded.status
        case .failure: nil
        }
    }

    private struct Version: Decodable {
        var version: String
    }

    /// `GET /version`, fit to be shown; nil when the body is not what an agent sends.
    static func version(_ body: [UInt8]) -> String? {
        switch Result(catching: { try WholeJSON.decode(Version.self, body) }) {
        case .success(let answer):
            let text = SafeText.clean(answer.version, limit: 40)
            return text.isEmpty ? nil : text
        case .failure: return nil
        }
    }

    /// The verdict on an answer that is not 200.
    static func fault(status: Int) -> Unknown {
        switch status {
        case 300..<400: .redirected
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 429: .rateLimited
        case 400..<500: .rejected
        case 500...: .serverError
        default: .malformed
        }
    }
}
