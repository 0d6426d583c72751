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
    func timeout(_ default: Span) -> Span {
        field("timeout")?.span(in: Configuration.timeouts) ?? `default`
    }
}

// Each reader asks for every key first, then ends with `finish`, and only then gives up on what is missing: one run
// is to show all problems.

extension Configuration.Repair {
    init(_ map: MapReader) {
        kinds = map.field("kinds")?.kindPatterns() ?? Self.everything.kinds
        vmids = map.field("vmids")?.vmidSelection() ?? .all
        map.finish()
    }
}

extension Configuration.Events {
    static let defaultKeep = Span.minutes(90 * 24 * 60)

    init(_ map: MapReader) {
        keep = map.field("keep")?.span(in: .minutes(24 * 60) ... .minutes(3650 * 24 * 60)) ?? Self.defaultKeep
        map.finish()
    }
}

extension Configuration.Lock {
    static let defaults = Self(key: "zlh:controller:lock", ttl: .seconds(15), actDeadline: .seconds(8))

    init(_ map: MapReader) {
        key = map.field("key")?.token("a key of Redis") ?? Self.defaults.key
        ttl = map.field("ttl")?.span(in: .seconds(1) ... .minutes(10)) ?? Self.defaults.ttl
        actDeadline =
            map.field("act_deadline")?.span(in: .milliseconds(100)...LeadTimes.longestActDeadline)
            ?? Self.defaults.actDeadline
        let place = map.keys.contains("act_deadline") ? "act_deadline" : "ttl"
        if actDeadline >= ttl {
            map.problem(
                at: place,
                "act_deadline (\(actDeadline.text)) must be shorter than ttl (\(ttl.text)): an act has to end before"
                    + " the lease does")
        } else if ttl.microseconds - actDeadline.microseconds < LeadTimes.leastMargin.microseconds {
            map.problem(
                at: place,
                "act_deadline (\(actDeadline.text)) leaves less than \(LeadTimes.leastMargin.text) of ttl (\(ttl.text)):"
                    + " between a renewal and the end of the lease there would be no room for an act")
        }
        map.finish()
    }
}

extension Configuration.Postgres {
    init?(_ map: MapReader, folder: String) {
        let url = map.required("url", "where PostgreSQL is")?.postgresURL()
        password = map.field("password", nullable: true)?.secret(folder: folder)
        timeout = map.timeout(.seconds(10))
        map.finish()
        guard let url else { return nil }
        self.url = url
    }
}

extension Configuration.Redis {
    init?(_ map: MapReader, folder: String) {
        let url = map.required("url", "where Redis is")?.redisURL()
        password = map.field("password", nullable: true)?.secret(folder: folder)
        map.finish()
        guard let url else { return nil }
        self.url = url
    }
}
