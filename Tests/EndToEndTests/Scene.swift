import Core
import Lab
import Platform
import Postgres
import Runtime
import Settings
import TestSupport
import World

/// One estate for real: a database of its own on a real PostgreSQL, a Redis of its own, the laboratory behind real ports, and a
/// configuration as an operator would write it.
struct Scene {
    let house: LabHouse
    let database: String
    let url: String
    let redis: PrivateRedis
    static let redisPassword = "queue-reader-password"

    init(_ estate: Estate = .demo(), endpoints: Int = 1, options: LabOptions = LabOptions()) async throws {
        var options = options
        options.proxmoxEndpoints = endpoints
        house = LabHouse(estate: estate, options: options)
        try await house.start()
        let server = try PrivatePostgres.shared.get()
        database = try server.createDatabase()
        url = server.url(user: "zlh_audit", database: database)
        let connection = try PostgresConnection(PostgresTarget(url: server.url(database: database)))
        _ = try await Migrator.run(on: connection)
        await connection.close()
        _ = try server.run(estate.sql(), database: database)
        redis = try await PrivateRedis()
        try await loadQueues()
    }

    /// Fills the Redis, which forgets all of it with a restart, and lets the controller read it.
    func loadQueues() async throws {
        let estate = await house.estate
        try await redis.load(estate.redisCommands())
        try await redis.addReader("zlh", password: Self.redisPassword, queues: estate.queueHouse.queues.map(\.name))
    }

    func configuration(_ change: (String) -> String = { $0 }) async throws -> Configuration {
        try Configuration.read(
            Array(change(await yaml()).utf8), file: "scene.yaml", folder: "/nonexistent", hasPolicyFolder: false)
    }

    /// The configuration as an operator would write it.
    func yaml() async -> String {
        let estate = await house.estate
        let urls = await house.proxmoxURLs.map { "\"\($0)\"" }.joined(separator: ", ")
        let cluster = estate.cluster.name.map { "\"\($0)\"" } ?? "null"
        let canary = estate.settings.proxmox?.canary.map(\.description) ?? "null"
        let dns = estate.settings.publicDNS
        let internalDNS = estate.settings.internalDNS
        let internalZone = """

              internal:
                provider: technitium
                url: "\(await house.technitiumURL ?? "")"
                token: { value: "\(await house.technitiumToken)" }
                edge: "\(internalDNS?.edge ?? "")"
                former_edges: [\((internalDNS?.formerEdges ?? []).map { "\"\($0)\"" }.joined(separator: ", "))]
                timeout: 2s
            """
        let hosts = """

            agents:
              port: \(await house.agentPort ?? 1)
              token: { value: "\(await house.agentToken)" }
              networks: ["127.70.0.0/16"]
            velocity:
              url: "\(await house.velocityURL ?? "")"
              secret: { value: "\(await house.velocitySecret)" }
            queues:
              url: "redis://zlh@127.0.0.1:\(redis.port)/0"
              password: { value: "\(Self.redisPassword)" }
            """
        return """
            id: "\(estate.settings.id)"
            postgres: { url: "\(url)", timeout: 10s }
            proxmox:
              urls: [\(urls)]
              cluster: \(cluster)
              canary: \(canary)
              timeout: 2s
              token: { value: "\(await house.proxmoxToken)" }
            dns:
              zone: "\(estate.zone.name)"
              public:
                provider: cloudflare
                url: "\(await house.cloudflareURL ?? "")"
                zone_id: "\(estate.zone.id)"
                token: { value: "\(await house.cloudflareToken)" }
                edge: "\(dns?.edge ?? "")"
                former_edges: [\((dns?.formerEdges ?? []).map { "\"\($0)\"" }.joined(separator: ", "))]
                timeout: 2s
            """ + (internalDNS == nil ? "" : internalZone) + hosts + "\n"
    }

    /// One audit, as the command does it.
    func audit(_ configuration: Configuration? = nil) async throws -> (outcome: Outcome, recorder: Recorder) {
        let configuration = if let configuration { configuration } else { try await self.configuration() }
        let installation = try Installation(configuration, now: WallClock.now)
        let recorder = Recorder(LiveObservers(installation))
        let controller = Controller(
            settings: configuration.pipelineSettings(), policies: try configuration.loadPolicies())
        let outcome = await AuditRun(observers: recorder, clock: WallClock()).run(controller)
        await installation.close()
        return (outcome, recorder)
    }

    /// One explanation, as the command does it.
    func explain(_ vmid: VMID) async throws -> Explanation? {
        let configuration = try await configuration()
        let installation = try Installation(configuration, now: WallClock.now)
        let controller = Controller(
            settings: configuration.pipelineSettings(), policies: try configuration.loadPolicies())
        let outcome = await AuditRun(observers: LiveObservers(installation), clock: WallClock())
            .run(controller, .explain(vmid))
        await installation.close()
        guard case .report(let report) = outcome else { return nil }
        return report.explanation
    }

    func report() async throws -> Report? {
        if case .report(let report) = try await audit().outcome { report } else { nil }
    }

    /// One value of its database.
    func sql(_ text: String) throws -> String { try PrivatePostgres.shared.get().run(text, database: database) }

    func end() async { await house.stop() }
}
