import Core

/// An agent's status as agents usually write it, read without Foundation, whose decoder takes longer than the request.
///
/// Nil wherever an answer is in any way unusual: a truth value that is a number, an empty state, a field twice. Then
/// ``AgentDecoding`` reads all of it leniently.
enum PlainStatus {
    /// A field that has been read may have been null: outer nil is "not yet".
    private struct Fields {
        var state: String??
        var processRunning, ready, operationInProgress, maintenance: Bool??
        var crashCount, lastCrashExitCode: Int??
    }

    static func read(_ body: [UInt8]) -> AgentStatus? {
        var json = PlainJSON(body)
        var fields = Fields()
        let isWhole: Void? = json.object { json, key in
            switch key {
            case "state": text(&json, &fields.state)
            case "processRunning": flag(&json, &fields.processRunning)
            case "ready": flag(&json, &fields.ready)
            case "operationInProgress": flag(&json, &fields.operationInProgress)
            case "maintenance": flag(&json, &fields.maintenance)
            case "crashCount": number(&json, &fields.crashCount)
            case "lastCrashExitCode": number(&json, &fields.lastCrashExitCode)
            default: json.pass()
            }
        }
        // Only with a state it is certain without another look that this is an agent's.
        guard isWhole != nil, json.isAtEnd(), let state = fields.state ?? nil else { return nil }
        return AgentStatus(
            state: AgentStatus.State(word: state), processRunning: fields.processRunning ?? nil,
            ready: fields.ready ?? nil, operationInProgress: fields.operationInProgress ?? nil,
            maintenance: fields.maintenance ?? nil, crashCount: fields.crashCount ?? nil,
            lastCrashExitCode: fields.lastCrashExitCode ?? nil)
    }

    private static func text(_ json: inout PlainJSON, _ field: inout String??) -> Void? {
        guard case nil = field, case .text(let text)? = json.value(), !text.isEmpty else { return nil }
        field = .some(text)
        return ()
    }

    private static func flag(_ json: inout PlainJSON, _ field: inout Bool??) -> Void? {
        guard case nil = field else { return nil }
        switch json.value() {
        case .truth(let value): field = .some(value)
        case .null: field = .some(nil)
        default: return nil
        }
        return ()
    }

    private static func number(_ json: inout PlainJSON, _ field: inout Int??) -> Void? {
        guard case nil = field else { return nil }
        switch json.value() {
        case .number(let digits):
            guard let number = Int(digits) else { return nil }
            field = .some(number)
        case .null: field = .some(nil)
        default: return nil
        }
        return ()
    }
}
