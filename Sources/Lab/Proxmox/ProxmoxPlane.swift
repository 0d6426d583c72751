import Core
import World

/// One endpoint of the Proxmox VE API, as a function of the board and a request.
struct ProxmoxPlane {
    let endpoint: Int
    let faults: Set<ProxmoxFault>
    let now: Timestamp

    func answer(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        let dialect = board.options.dialect
        if faults.contains(.refused) { return .nothing(.resetAtOnce) }
        if faults.contains(.timeout) { return .nothing(.never) }
        if let refusal = refusesShape(request, dialect) { return refusal }
        guard isAuthorized(request, board.estate.cluster.token), !faults.contains(.unauthorized) else {
            let reason = request.headers["authorization"] == nil ? "No ticket" : "Authentication failed!"
            var answer = LabAnswer(status: 401, reason: reason)
            answer.delay = board.options.unauthorizedDelay
            return answer
        }
        if faults.contains(.serverError) { return .failure(500, "got timeout", dialect) }
        if faults.contains(.malformed) {
            return LabAnswer(
                status: 200, headers: [("content-type", "application/json;charset=UTF-8")],
                body: Array(#"{"data":[{"id":"lxc/50"#.utf8))
        }
        let names = board.estate.cluster.nodes.map(\.name)
        let view = ClusterView(
            board.estate.cluster, node: names.isEmpty ? nil : names[endpoint % names.count], faults: faults, at: now)
        let reads = ProxmoxReads(view: view, dialect: dialect, now: now)
        let segments = Array(request.segments.dropFirst(2))
        let found =
            request.segments.prefix(2) == ["api2", "json"]
            ? request.method == "GET"
                ? reads.answer(segments, request, board)
                : ProxmoxWrites(view: view, reads: reads, dialect: dialect, now: now).answer(segments, request, &board)
            : nil
        return found
            ?? .failure(501, "Method '\(request.method) \(methodPath(request))' not implemented", dialect)
    }

    private func methodPath(_ request: LabRequest) -> String {
        request.path.hasPrefix("/api2/json") ? String(request.path.dropFirst(10)) : request.path
    }

    private func isAuthorized(_ request: LabRequest, _ token: Token) -> Bool {
        guard let header = request.headers["authorization"], header.hasPrefix("PVEAPIToken") else { return false }
        let rest = header.dropFirst(11)
        guard let separator = rest.first, separator == "=" || separator == " " else { return false }
        return rest.dropFirst() == "\(token.id)=\(token.secret)"
    }

    // What the HTTP server refuses before it looks at the path.
    private func refusesShape(_ request: LabRequest, _ dialect: LabOptions.Dialect) -> LabAnswer? {
        switch request.method {
        case "GET", "DELETE":
            if !request.body.isEmpty || (request.headers["content-length"].flatMap { Int($0) } ?? 0) > 0 {
                return .failure(501, "Unexpected content for method '\(request.method)'", dialect)
            }
        case "POST", "PUT":
            if request.headers["transfer-encoding"] != nil {
                return .failure(501, "chunked transfer encoding not supported", dialect)
            }
            let type = request.headers["content-type"] ?? ""
            let isJSON = type.hasPrefix("application/json")
            if isJSON && request.body.isEmpty { return .failure(500, "malformed JSON string", dialect) }
            if !request.body.isEmpty && !isJSON && !type.hasPrefix("application/x-www-form-urlencoded") {
                return .failure(506, "upload content type not supported", dialect)
            }
        default:
            // No body: an answer to HEAD has none.
            return LabAnswer(status: 501, reason: "Method '\(request.method)' not implemented")
        }
        return nil
    }
}

extension LabAnswer {
    static func data(_ value: JSON) -> LabAnswer {
        LabAnswer(
            status: 200, headers: [("content-type", "application/json;charset=UTF-8"), ("cache-control", "max-age=0")],
            body: JSON.object([("data", value)]).bytes)
    }

    /// An error of Proxmox: the text is on the status line, and since 8.4 in the body as well.
    static func failure(
        _ status: Int, _ text: String, _ dialect: LabOptions.Dialect, errors: [(String, String)] = []
    ) -> LabAnswer {
        var members: [(String, JSON)] = [("data", .null)]
        if !errors.isEmpty { members.append(("errors", .object(errors.map { ($0.0, .string($0.1)) }))) }
        if dialect == .v9_1 { members.append(("message", .string("\(text)\n"))) }
        return LabAnswer(
            status: status, reason: text, headers: [("content-type", "application/json;charset=UTF-8")],
            body: JSON.object(members).bytes)
    }

    static func parameterError(_ name: String, _ text: String, _ dialect: LabOptions.Dialect) -> LabAnswer {
        failure(400, "Parameter verification failed.", dialect, errors: [(name, text)])
    }
}
