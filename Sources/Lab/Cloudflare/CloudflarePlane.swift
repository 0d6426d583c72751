import Core
import World

/// Version 4 of Cloudflare's API, as far as zones and their records go.
struct CloudflarePlane {
    let faults: Set<CloudflareFault>
    /// Whether the plan takes no further record.
    var isFull = false
    let now: Timestamp

    func answer(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        if faults.contains(.refused) { return .nothing(.resetAtOnce) }
        if faults.contains(.timeout) { return .nothing(.never) }
        if faults.contains(.serverError) {
            let page =
                "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
                + "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n"
                + "</body>\r\n</html>\r\n"
            return LabAnswer(
                status: 502, headers: [("content-type", "text/html")], body: Array(page.utf8))
        }
        if let refusal = throttle(&board) { return refusal }
        var answer = checked(request, &board)
        if faults.contains(.malformed) { answer.body = Array(answer.body.prefix(answer.body.count / 2)) }
        answer.headers.append(("api-version", "2025-08-27"))
        answer.headers.append(("cf-auditlog-id", EnvelopeID.uuid(&board.seed)))
        answer.headers.append(("cf-ray", "\(board.seed.hex(16))-LAB"))
        if board.options.sendsRateLimitHeaders {
            let left = max(0, board.options.requestsPerWindow - board.window.count)
            answer.headers.append(("ratelimit", "\"default\";r=\(left);t=300"))
            answer.headers.append(("ratelimit-policy", "\"default\";q=\(board.options.requestsPerWindow);w=300"))
        }
        return answer
    }

    // Over the limit every call is blocked for the next five minutes.
    private func throttle(_ board: inout Board) -> LabAnswer? {
        let span = Span.seconds(300)
        board.window.removeAll { now - $0 >= span }
        if let until = board.blockedUntil, now < until {
            return tooMany(until)
        }
        board.blockedUntil = nil
        board.window.append(now)
        if board.window.count > board.options.requestsPerWindow { board.blockedUntil = now + span }
        if let until = board.blockedUntil { return tooMany(until) }
        return faults.contains(.rateLimited) ? tooMany(now + .seconds(1)) : nil
    }

    private func tooMany(_ until: Timestamp) -> LabAnswer {
        CloudflarePlane.tooMany(for: until - now)
    }

    static func tooMany(for span: Span) -> LabAnswer {
        var answer = LabAnswer.refusal(
            .init(429, 971, "Please wait and consider throttling your request speed"))
        let seconds = max(1, (span.microseconds + 999_999) / 1_000_000)
        answer.headers.append(("retry-after", "\(seconds)"))
        return answer
    }

    private func checked(_ request: LabRequest, _ board: inout Board) -> LabAnswer {
        guard let header = request.headers["authorization"] else {
            return .refusal(
                .init(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers"))
        }
        guard header.hasPrefix("Bearer "), header.dropFirst(7).utf8.allSatisfy(EnvelopeID.isTokenCharacter) else {
            return .refusal(
                .init(
                    400, 6003, "Invalid request headers",
                    chain: [(6111, "Invalid format for Authorization header")]))
        }
        guard header.dropFirst(7) == board.options.cloudflareToken else {
            return .refusal(.init(403, 9109, "Invalid access token"))
        }
        if faults.contains(.unauthorized) { return .refusal(.init(403, 10000, "Authentication error")) }
        guard request.segments.prefix(2) == ["client", "v4"] else { return noRoute(request) }
        return route(Array(request.segments.dropFirst(2)), request, &board)
    }

    private func noRoute(_ request: LabRequest) -> LabAnswer {
        .refusal(
            .init(
                404, 7003, "Could not route to \(request.path), perhaps your object identifier is invalid?",
                others: [(7000, "No route for that URI")]))
    }

    private func route(_ path: [String], _ request: LabRequest, _ board: inout Board) -> LabAnswer {
        if path == ["user", "tokens", "verify"], request.method == "GET" {
            return .envelope(
                .object([("id", .string(String(board.estate.zone.id.reversed()))), ("status", .string("active"))]),
                messages: [(10000, "This API Token is valid and active")])
        }
        guard path.first == "zones" else { return noRoute(request) }
        if path.count == 1, request.method == "GET" { return zones(request, board) }
        guard path.count >= 2, path[1] == board.estate.zone.id else { return noRoute(request) }
        switch (path.count, request.method) {
        case (2, "GET"): return .envelope(zoneObject(board.estate.zone))
        // What a zone has besides records: nothing here.
        case (3, "GET") where ["pagerules", "rulesets"].contains(path[2]): return .envelope(.array([]))
        case (3..., _) where path[2] == "dns_records":
            return records(Array(path.dropFirst(3)), request, &board)
        default: return noRoute(request)
        }
    }

    private func records(_ path: [String], _ request: LabRequest, _ board: inout Board) -> LabAnswer {
        let listing = RecordListing(zone: board.estate.zone, faults: faults, now: now)
        do throws(Refusal) {
            switch (path.count, request.method) {
            case (0, "GET"): return try listing.answer(request)
            case (1, "GET"):
                guard let record = board.estate.zone.records.first(where: { $0.id == path[0] }) else {
                    throw Refusal.noRecord
                }
                return .envelope(RecordJSON.object(record))
            default: break
            }
            var desk = RecordDesk(zone: board.estate.zone, seed: board.seed, now: now, isFull: isFull)
            let result = try desk.answer(path, request)
            guard let result else { return noRoute(request) }
            board.estate.zone = desk.zone
            board.seed = desk.seed
            return .envelope(result)
        } catch {
            return .refusal(error)
        }
    }

    private func zones(_ request: LabRequest, _ board: Board) -> LabAnswer {
        let zone = board.estate.zone
        let isAsked = request.parameter("name").map { DNSName.canonical($0) == zone.name } ?? true
        let page = Int(request.parameter("page") ?? "1") ?? 1
        let rows = isAsked && page == 1 ? [zoneObject(zone)] : []
        return .envelope(
            .array(rows),
            info: .object([
                ("page", .int(page)), ("per_page", .int(Int(request.parameter("per_page") ?? "20") ?? 20)),
                ("count", .int(rows.count)), ("total_count", .int(isAsked ? 1 : 0)), ("total_pages", .int(1)),
            ]))
    }

    private func zoneObject(_ zone: PublicZone) -> JSON {
        .object([
            ("id", .string(zone.id)), ("name", .string(zone.name)), ("status", .string("active")),
            ("paused", .bool(false)), ("type", .string("full")),
            ("name_servers", .array([.string("ada.ns.cloudflare.com"), .string("bob.ns.cloudflare.com")])),
            ("plan", .object([("legacy_id", .string("free")), ("name", .string("Free Website"))])),
        ])
    }
}
