import Core
import World

/// The HTTP API of a Technitium DNS server, as far as zones and their records go.
///
/// Every error of the API is a 200 with a status of its own; only paths that do not exist are 404, without a body.
struct TechnitiumPlane {
    let faults: Set<TechnitiumFault>
    let now: Timestamp

    /// Calls that change nothing although they may come as POST.
    static func isRead(_ path: String) -> Bool { reads.contains(path) }

    private static let reads: Set<String> = ["/api/zones/records/get", "/api/zones/list", "/api/user/session/get"]

    func answer(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        if faults.contains(.refused) { return .nothing(.resetAtOnce) }
        if faults.contains(.timeout) { return .nothing(.never) }
        guard request.path.hasPrefix("/api/") else { return LabAnswer(status: 404) }
        let parameters = request.query + (request.method == "POST" ? request.bodyParameters ?? [] : [])
        let token = bearer(request) ?? parameters.first { $0.name == "token" }?.value
        guard token == board.options.technitiumToken, !faults.contains(.invalidToken) else {
            return TechnitiumPlane.said("invalid-token", "Invalid token or session expired.")
        }
        guard TechnitiumPlane.isRead(request.path) || TechnitiumDesk.paths.contains(request.path) else {
            return LabAnswer(status: 404)
        }
        guard request.method == "GET" || request.method == "POST" else { return LabAnswer(status: 405) }
        var answer: LabAnswer
        switch request.path {
        case _ where TechnitiumDesk.paths.contains(request.path): answer = write(request.path, parameters, &board)
        case "/api/zones/records/get": answer = records(parameters, board.estate.internalZone)
        case "/api/zones/list": answer = zones(board.estate.internalZone)
        default: answer = session(board)
        }
        if faults.contains(.malformed) { answer.body = Array(answer.body.prefix(answer.body.count / 2)) }
        return answer
    }

    // Since 15.0 the header is read, and before the parameter.
    private func bearer(_ request: LabRequest) -> String? {
        guard let header = request.headers["authorization"], header.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(header.dropFirst(7))
    }

    private func records(_ parameters: [(name: String, value: String)], _ zone: InternalZone) -> LabAnswer {
        func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
        guard let domain = parameter("domain").map(DNSName.canonical), !domain.isEmpty else {
            return failed("Parameter 'domain' missing.")
        }
        let asked = parameter("zone").map(DNSName.canonical).flatMap { $0.isEmpty ? nil : $0 } ?? domain
        // The closest zone at or above the name is taken, whatever was asked for.
        guard asked == zone.name || DNSName.relative(asked, to: zone.name) != nil, !faults.contains(.noSuchZone) else {
            return failed("No such zone was found: \(domain)")
        }
        if faults.contains(.accessDenied) { return failed("Access was denied.") }
        var view = zone.view(faults)
        if parameter("listZone")?.lowercased() != "true" { view.records.removeAll { $0.name != domain } }
        view.records.sort { ($0.name, $0.data.type) < ($1.name, $1.data.type) }
        return ok([
            ("zone", TechnitiumJSON.zone(view)),
            ("records", .array(view.records.map { TechnitiumJSON.record($0, serial: view.listedSerial) })),
        ])
    }

    private func write(
        _ path: String, _ parameters: [(name: String, value: String)], _ board: inout Board
    ) -> LabAnswer {
        if faults.contains(.accessDenied) { return failed("Access was denied.") }
        var desk = TechnitiumDesk(zone: board.estate.internalZone, parameters: parameters, now: now)
        do throws(ZoneRefusal) {
            guard !faults.contains(.noSuchZone) else { throw TechnitiumDesk.noZone(desk.domain ?? "") }
            let response = try desk.answer(path)
            board.estate.internalZone = desk.zone
            return ok([("zone", TechnitiumJSON.zone(desk.zone.view(faults)))] + response)
        } catch {
            return failed(error.message)
        }
    }

    private func zones(_ zone: InternalZone) -> LabAnswer {
        // Zones that the user may not view are left out.
        let isHidden = faults.contains(.accessDenied) || faults.contains(.noSuchZone)
        return ok([("zones", .array(isHidden ? [] : [TechnitiumJSON.zone(zone.view(faults))]))])
    }

    /// The one call of these whose answer stands at the top level. It repeats the token, as the real one does.
    private func session(_ board: Board) -> LabAnswer {
        let flags = { (view: Bool, change: Bool) in
            JSON.object([("canView", .bool(view)), ("canModify", .bool(change)), ("canDelete", .bool(change))])
        }
        return .json(
            .object([
                ("username", .string("zlh")),
                board.options.technitiumTokenName.map { ("tokenName", .string($0)) } ?? ("displayName", .string("ZLH")),
                ("token", .string(board.options.technitiumToken)),
                (
                    "info",
                    .object([
                        ("version", .string(board.options.technitiumVersion)),
                        ("uptimestamp", .string(board.estate.drawnAt.description)),
                        ("dnsServerDomain", .string(TechnitiumJSON.server)), ("defaultRecordTtl", .int(3600)),
                        (
                            "permissions",
                            .object([
                                ("Zones", flags(true, false)),
                                (
                                    "Administration",
                                    flags(
                                        board.options.technitiumTokenAdministers,
                                        board.options.technitiumTokenAdministers)
                                ),
                            ])
                        ),
                    ])
                ),
                ("server", .string(TechnitiumJSON.server)), ("status", .string("ok")),
            ]))
    }

    private func ok(_ response: [(String, JSON)]) -> LabAnswer {
        .json(
            .object([
                ("response", .object(response)), ("server", .string(TechnitiumJSON.server)), ("status", .string("ok")),
            ]))
    }

    private func failed(_ text: String) -> LabAnswer { TechnitiumPlane.said("error", text) }

    static func said(_ status: String, _ text: String) -> LabAnswer {
        .json(
            .object([
                ("server", .string(TechnitiumJSON.server)), ("status", .string(status)),
                ("errorMessage", .string(text)),
            ]))
    }
}
