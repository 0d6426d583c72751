import Core
import World

/// The bridge inside the Velocity proxy.
struct VelocityPlane {
    let faults: Set<VelocityFault>

    func answer(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        if faults.contains(.refused) { return .nothing(.resetAtOnce) }
        if faults.contains(.timeout) { return .nothing(.never) }
        if faults.contains(.serverError) { return text("Internal Server Error", 500) }
        if faults.contains(.malformed) { return LabAnswer(status: 200, body: Array("{\"servers\":[".utf8)) }
        var hash = SHA256()
        hash.update(board.options.velocitySecret.utf8)
        if faults.contains(.unauthorized) || request.headers["x-zpack-secret"] == nil {
            return text("Unauthorized", 401)
        }
        if faults.contains(.forbidden) || request.headers["x-zpack-secret"] != hash.finish() {
            return text("Forbidden", 403)
        }
        switch (request.method, request.path) {
        case ("GET", "/zpack/status"): return .json(list(board))
        case ("POST", "/zpack/register"): return register(request, &board)
        case ("POST", "/zpack/unregister"): return unregister(request, &board)
        default: return text("Not Found", 404)
        }
    }

    private func text(_ text: String, _ status: Int) -> LabAnswer {
        LabAnswer(status: status, headers: [("content-type", "text/plain")], body: Array(text.utf8))
    }

    private func list(_ board: Board) -> JSON {
        if faults.contains(.noServers) { return .object([("status", .string("ok"))]) }
        let backends = faults.contains(.restarting) ? [] : board.estate.proxy.backends
        var rows = backends.map { backend in
            JSON.object([
                ("name", .string(backend.name)), ("address", .string(backend.address)), ("port", .int(backend.port)),
            ])
        }
        if faults.contains(.brokenEntry), let last = backends.last {
            rows[rows.count - 1] = .object([("name", .string(last.name))])
        }
        return .object([("servers", .array(rows))])
    }

    private func register(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        guard let body = JSON(parsing: request.body), let name = body["server_name"]?.string,
            let address = body["address"]?.string, let port = body["port"]?.int, DNSName.isHostLabel(name)
        else { return text("Bad Request", 400) }
        board.estate.proxy.register(name, address, port: port)
        return text("registered \(name)", 200)
    }

    private func unregister(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        guard let name = JSON(parsing: request.body)?["server_name"]?.string else { return text("Bad Request", 400) }
        return board.estate.proxy.unregister(name) ? text("unregistered \(name)", 200) : text("not registered", 404)
    }
}
