import Core

extension Configuration {
    /// Reads the whole file. Nil exactly when `root.problems` has something to tell.
    ///
    /// - Parameters:
    ///   - folder: the configuration file's: relative paths start there.
    ///   - hasPolicyFolder: whether `policies` exists in it.
    init?(_ root: MapReader, folder: String, hasPolicyFolder: Bool) {
        let id = root.required("id", "it names this installation in ownership marks, e.g. id: \"detroit-1\"")?
            .word("an id", limit: 64)
        let mode = root.field("mode")?.choice("a mode", of: Mode.self) ?? .dryRun
        let repair = root.field("repair")?.map().map(Repair.init) ?? .everything
        let cycle = root.field("cycle")?.span(in: .seconds(1) ... .minutes(60)) ?? .seconds(60)
        let policies: PolicyLocation
        if let field = root.field("policies") {
            policies = .directory(BoundedFile.resolve(field.text("the path of a folder") ?? "", in: folder))
        } else {
            policies = hasPolicyFolder ? .directory(BoundedFile.resolve("policies", in: folder)) : .builtIn
        }
        let events = root.field("events")?.map().map(Events.init) ?? Events(keep: Events.defaultKeep)
        let postgres = root.required("postgres", "the desired state is there, e.g. postgres: { url: … }")?.map()
            .flatMap { Postgres($0, folder: folder) }
        let redis = root.field("redis")?.map().flatMap { Redis($0, folder: folder) }
        let lock = root.field("lock")?.map().map(Lock.init) ?? Lock.defaults
        let scope = root.field("scope")?.map().map(Scope.init(reading:)) ?? .defaults
        let proxmox = root.field("proxmox")?.map().flatMap { Proxmox($0, folder: folder) }
        let agents = root.field("agents")?.map().flatMap { Agents($0, folder: folder) }
        let dns = root.field("dns")?.map().map { DNS($0, folder: folder) }
        let velocity = root.field("velocity")?.map().flatMap { Velocity($0, folder: folder) }
        let queues = root.field("queues")?.map().flatMap {
            Queues($0, redis: redis, hasRedis: root.keys.contains("redis"), folder: folder)
        }
        let discord = root.field("discord")?.map().flatMap { Discord($0, folder: folder) }
        let http = root.field("http")?.map().flatMap { HTTP($0, folder: folder) }
        root.finish()
        guard root.problems.isEmpty, let id, let postgres else { return nil }
        self.init(
            id: id, mode: mode, repair: repair, cycle: cycle, policies: policies, events: events, postgres: postgres,
            redis: redis, lock: lock, scope: scope, proxmox: proxmox, agents: agents, dns: dns, velocity: velocity,
            queues: queues, discord: discord, http: http)
    }

    static let timeouts: ClosedRange<Span> = .milliseconds(10) ... .seconds(60)
}

extension MapReader {
    fileprivate func timeout(_ default: Span) -> Span {
        field("timeout")?.span(in: Configuration.timeouts) ?? `default`
    }
}

// Each reader asks for every key first, then ends with `finish`, and only then gives up on what is missing: one run is to
// show all problems.

extension Configuration.Repair {
    fileprivate init(_ map: MapReader) {
        kinds = map.field("kinds")?.kindPatterns() ?? Self.everything.kinds
        vmids = map.field("vmids")?.vmidSelection() ?? .all
        map.finish()
    }
}

extension Configuration.Events {
    fileprivate static let defaultKeep = Span.minutes(90 * 24 * 60)

    fileprivate init(_ map: MapReader) {
        keep = map.field("keep")?.span(in: .minutes(60) ... .minutes(3650 * 24 * 60)) ?? Self.defaultKeep
        map.finish()
    }
}

extension Configuration.Lock {
    fileprivate static let defaults = Self(key: "zlh:controller:lock", ttl: .seconds(15), actDeadline: .seconds(8))

    fileprivate init(_ map: MapReader) {
        key = map.field("key")?.token("a key of Redis") ?? Self.defaults.key
        ttl = map.field("ttl")?.span(in: .seconds(1) ... .minutes(10)) ?? Self.defaults.ttl
        actDeadline =
            map.field("act_deadline")?.span(in: .milliseconds(100) ... .minutes(10)) ?? Self.defaults.actDeadline
        if actDeadline >= ttl {
            map.problem(
                at: map.keys.contains("act_deadline") ? "act_deadline" : "ttl",
                "act_deadline (\(actDeadline.text)) must be shorter than ttl (\(ttl.text)): an act has to end before the"
                    + " lease does")
        }
        map.finish()
    }
}

extension Configuration.Postgres {
    fileprivate init?(_ map: MapReader, folder: String) {
        let url = map.required("url", "where PostgreSQL is")?.postgresURL()
        password = map.field("password", nullable: true)?.secret(folder: folder)
        timeout = map.timeout(.seconds(10))
        map.finish()
        guard let url else { return nil }
        self.url = url
    }
}

extension Configuration.Redis {
    fileprivate init?(_ map: MapReader, folder: String) {
        let url = map.required("url", "where Redis is")?.redisURL()
        password = map.field("password", nullable: true)?.secret(folder: folder)
        map.finish()
        guard let url else { return nil }
        self.url = url
    }
}

extension Scope {
    fileprivate init(reading map: MapReader) {
        let game = map.field("game")?.map().flatMap { Part(reading: $0, hasGame: true) }
        let dev = map.field("dev")?.map().flatMap { Part(reading: $0, hasGame: false) }
        if map.keys.isEmpty { map.problem("names neither game nor dev; leave scope out for its defaults") }
        if let game, let dev, game.vmids.overlaps(dev.vmids) {
            map.problem(
                at: "dev",
                "VMIDs \(dev.vmids.text) overlap those of game (\(game.vmids.text)); a VMID can be of one type only")
        }
        map.finish()
        self.init(game: game, dev: dev)
    }
}

extension Scope.Part {
    fileprivate init?(reading map: MapReader, hasGame: Bool) {
        let vmids = map.required("vmids", "which VMIDs are ours, e.g. \"5000-5999\"")?.vmidRange()
        let hostnames = map.required("hostnames", "which host names are ours, e.g. [\"mc-{vmid}\"]")?
            .list(of: "host-name patterns", orEmpty: false) { $0.hostnamePattern(hasGame: hasGame) }
        map.finish()
        guard let vmids, let hostnames else { return nil }
        self.init(vmids: vmids, hostnames: hostnames)
    }
}

extension ClosedRange<Int> {
    fileprivate var text: String { "\(lowerBound)-\(upperBound)" }
}

extension Field {
    fileprivate func hostnamePattern(hasGame: Bool) -> HostnamePattern? {
        guard let text = text("a host-name pattern such as mc-{vmid}") else { return nil }
        guard let pattern = HostnamePattern(text) else {
            problem(
                "`\(shown(text))` is not a host-name pattern: lower-case letters, digits, `-`, `*`, {game}, and {vmid}"
                    + " exactly once")
            return nil
        }
        guard hasGame || !pattern.parts.contains(.game) else {
            problem("`\(shown(text))` can never match: a dev server has no game")
            return nil
        }
        return pattern
    }

    /// Patterns of which each matches some kind.
    func kindPatterns() -> [KindPattern]? {
        list(of: "kinds such as dns.public.*", orEmpty: false) { field in
            guard let text = field.text("a kind such as dns.public.*") else { return nil }
            let pattern = KindPattern(text)
            guard DriftKind.allCases.contains(where: { pattern.matches($0) }) else {
                field.problem("`\(shown(text))` matches no kind of drift" + KindNames.hint(text))
                return nil
            }
            return pattern
        }
    }
}

/// The names that may be written for kinds of drift.
enum KindNames {
    static func hint(_ text: String) -> String {
        let kinds = DriftKind.allCases.map(\.rawValue)
        guard text.hasSuffix("*") else { return Nearest.hint(text, among: kinds, else: "there are") }
        var groups: [String] = []
        for kind in kinds {
            let labels = kind.split(separator: ".").dropLast()
            for count in 1...labels.count {
                let group = labels.prefix(count).joined(separator: ".") + ".*"
                if !groups.contains(group) { groups.append(group) }
            }
        }
        return Nearest.hint(text, among: groups, else: "there are")
    }
}

extension Configuration.Proxmox {
    fileprivate init?(_ map: MapReader, folder: String) {
        let urls = map.required("urls", "the API of each node, tried in this order")?
            .list(of: "addresses", orEmpty: false) { $0.serviceURL() }
        cluster = map.field("cluster", nullable: true)?.word("a cluster's name")
        canary = map.field("canary", nullable: true)?.vmid()
        let token = map.required("token", "an API token, USER@REALM!NAME=SECRET")?.secret(folder: folder)
        tls = map.field("tls")?.map().map { TLS($0, folder: folder) } ?? TLS(verify: true, ca: nil, fingerprint: nil)
        timeout = map.timeout(.seconds(20))
        map.finish()
        guard let urls, let token else { return nil }
        self.urls = urls
        self.token = token
    }
}

extension Configuration.Proxmox.TLS {
    fileprivate init(_ map: MapReader, folder: String) {
        verify = map.field("verify")?.bool() ?? true
        ca = map.field("ca", nullable: true)?.text("the path of a PEM file")
            .map { BoundedFile.resolve($0, in: folder) }
        fingerprint = map.field("fingerprint", nullable: true)?.fingerprint()
        map.finish()
    }
}

extension Field {
    fileprivate func fingerprint() -> String? {
        guard let text = text("a SHA-256 fingerprint") else { return nil }
        let digits = Array(text.uppercased().utf8.filter { $0 != 58 })
        guard digits.count == 64, digits.allSatisfy(\.isHexDigit), text.utf8.count == 64 || text.utf8.count == 95 else {
            problem("is not a SHA-256 fingerprint: 32 pairs of hexadecimal digits, with or without `:` between them")
            return nil
        }
        return stride(from: 0, to: 64, by: 2)
            .map { String(decoding: digits[$0..<$0 + 2], as: UTF8.self) }
            .joined(separator: ":")
    }
}

extension Configuration.Agents {
    fileprivate init?(_ map: MapReader, folder: String) {
        scheme = map.field("scheme")?.choice("a scheme", of: Scheme.self) ?? .http
        port = map.field("port")?.integer("a port", in: 1...65535) ?? 18888
        let token = map.required("token", "what the agents ask for")?.secret(folder: folder)
        let networks = map.required("networks", "the token goes only to addresses in them, e.g. [\"10.70.0.0/16\"]")?
            .list(of: "networks", orEmpty: false) { $0.ipv4Network() }
        timeout = map.timeout(.seconds(2))
        concurrency = map.field("concurrency")?.integer("a number of requests at once", in: 1...4096) ?? 256
        map.finish()
        guard let token, let networks else { return nil }
        self.token = token
        self.networks = networks
    }
}

extension Configuration.DNS {
    fileprivate init(_ map: MapReader, folder: String) {
        let isUsed = map.keys.contains("public") || map.keys.contains("internal")
        let field = isUsed ? map.required("zone", "which zone the records are in, e.g. example.net") : map.field("zone")
        zone = field?.zone()
        `public` = map.field("public")?.map().flatMap { Public($0, folder: folder) }
        `internal` = map.field("internal")?.map().flatMap { Internal($0, folder: folder) }
        map.finish()
    }

    /// What both services have.
    fileprivate struct Common {
        var url: ServiceURL
        var token: SecretSource
        var edge: String
        var formerEdges: [String]
        var ttl: Int
        var timeout: Span

        init?(_ map: MapReader, folder: String) {
            let url = map.required("url", "the API's address")?.serviceURL()
            let token = map.required("token", "the API's token")?.secret(folder: folder)
            let edge = map.required("edge", "the address that the A records hold")?.ipv4()
            formerEdges = map.field("former_edges")?.list(of: "IPv4 addresses") { $0.ipv4() } ?? []
            ttl = map.field("ttl")?.integer("a TTL in seconds", in: 1...86_400) ?? 60
            timeout = map.timeout(.seconds(10))
            if let edge, formerEdges.contains(edge) {
                map.problem(at: "former_edges", "holds the present edge \(edge); only earlier ones belong here")
            }
            guard let url, let token, let edge else { return nil }
            (self.url, self.token, self.edge) = (url, token, edge)
        }
    }
}

extension Configuration.DNS.Public {
    fileprivate init?(_ map: MapReader, folder: String) {
        let provider = map.required("provider", "cloudflare")?
            .choice("a provider of public DNS", of: Configuration.DNS.PublicProvider.self)
        let zoneID = map.required("zone_id", "Cloudflare's id of the zone")?.word("a zone's id")
        let common = Configuration.DNS.Common(map, folder: folder)
        map.finish()
        guard let provider, let zoneID, let common else { return nil }
        self.init(
            provider: provider, url: common.url, zoneID: zoneID, token: common.token, edge: common.edge,
            formerEdges: common.formerEdges, ttl: common.ttl, timeout: common.timeout)
    }
}

extension Configuration.DNS.Internal {
    fileprivate init?(_ map: MapReader, folder: String) {
        let provider = map.required("provider", "technitium")?
            .choice("a provider of internal DNS", of: Configuration.DNS.InternalProvider.self)
        let common = Configuration.DNS.Common(map, folder: folder)
        map.finish()
        guard let provider, let common else { return nil }
        self.init(
            provider: provider, url: common.url, token: common.token, edge: common.edge,
            formerEdges: common.formerEdges, ttl: common.ttl, timeout: common.timeout)
    }
}

extension Configuration.Velocity {
    fileprivate init?(_ map: MapReader, folder: String) {
        let url = map.required("url", "the address of the proxy's bridge")?.serviceURL()
        let secret = map.required("secret", "what the bridge asks for")?.secret(folder: folder)
        timeout = map.timeout(.seconds(5))
        map.finish()
        guard let url, let secret else { return nil }
        self.url = url
        self.secret = secret
    }
}

extension Configuration.Queues {
    fileprivate init?(_ map: MapReader, redis: Configuration.Redis?, hasRedis: Bool, folder: String) {
        let field = map.field("url", nullable: true)
        let own = field?.redisURL()
        let ownPassword = map.field("password", nullable: true)?.secret(folder: folder)
        prefix = map.field("prefix")?.token("a prefix of keys") ?? "bull"
        names =
            map.field("names")?.list(of: "queue names", orEmpty: false) { $0.token("a queue's name") }
            ?? ["provisioning", "repair", "billing_enforcement"]
        timeout = map.timeout(.seconds(5))
        map.finish()
        if let own {
            url = own
            password = ownPassword
        } else if field == nil, let redis {
            url = redis.url
            password = ownPassword ?? redis.password
        } else {
            // A bad `redis` has already been told; only its absence is news.
            if field == nil, !hasRedis {
                map.problem("has no url, and there is no redis to use instead; give queues.url or redis")
            }
            return nil
        }
    }
}

extension Configuration.Discord {
    fileprivate init?(_ map: MapReader, folder: String) {
        let field = map.required("webhooks", "where messages go, e.g. { alerts: { file: … } }")
        var webhooks: [String: SecretSource] = [:]
        if let names = field?.map(of: "a map of names to secrets") {
            for name in names.keys {
                let secret = names.field(name)?.secret(folder: folder)
                if let secret { webhooks[name] = secret }
            }
            if names.keys.isEmpty { names.problem("names no webhook; give one or leave discord out") }
        }
        map.finish()
        self.webhooks = webhooks
    }
}

extension Configuration.HTTP {
    fileprivate init?(_ map: MapReader, folder: String) {
        let bind = map.required("bind", "the address to listen on, e.g. \"127.0.0.1:9180\"")
        let text = bind?.token("an address such as 127.0.0.1:9180")
        token = map.field("token", nullable: true)?.secret(folder: folder)
        let hasToken = map.keys.contains("token") && token != nil
        map.finish()
        guard let bind, let text else { return nil }
        guard let parts = URLParts("tcp://" + text), parts.hostIsValid, parts.path.isEmpty, parts.user == nil,
            parts.query == nil, !parts.hasFragment, let port = parts.port.flatMap(URLParts.port)
        else {
            bind.problem("`\(shown(text))` is not an address to listen on; write it as 127.0.0.1:9180")
            return nil
        }
        let isLoopback =
            parts.host == "localhost" || parts.host == "[::1]"
            || DNSName.ipv4(parts.host).map { $0 >> 24 == 127 } == true
        if !isLoopback, !hasToken {
            map.problem("listens beyond this machine, so it needs a token: token: { file: … }")
        }
        host = parts.host
        self.port = port
    }
}
