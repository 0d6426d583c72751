package import Core
import Curl
import Platform
package import Postgres
import Redis
package import Settings

/// The edges of one installation, built from its configuration. Secrets are read here, once, and go no further than the clients
/// that send them.
package struct Installation: Sendable {
    package let configuration: Configuration
    let now: Now
    /// What each plane's services say of the time; empty unless somebody wants to know.
    let clocks: [Plane: ServiceClocks]
    let database: PostgresConnection
    let proxmox: ProxmoxObserver?
    let publicZone: CloudflareObserver?
    let internalZone: TechnitiumObserver?
    let agents: AgentObserver?
    let velocity: VelocityObserver?
    private let agentClients: AgentClients?
    let queues: QueueObserver?
    private let redis: RedisConnection?
    /// For all webhooks: whoever else is slow must not keep a message waiting.
    let webhookClient: HTTPClient?
    /// What `edge_republish` looks and writes with.
    package let edgeHands: EdgeHands
    private let clients: [HTTPClient]

    /// Why an installation cannot be reached at all: a secret that cannot be had, an address that makes no sense.
    package struct SetupError: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - looksOften: whether it is a daemon's, which spares Cloudflare's quota.
    ///   - readsClocks: whether it is taken down what time the services say it is.
    package init(
        _ configuration: Configuration, looksOften: Bool = false, readsClocks: Bool = false, now: @escaping Now
    ) throws(SetupError) {
        try self.init(
            configuration, database: try Installation.database(configuration.postgres), looksOften: looksOften,
            readsClocks: readsClocks, now: now)
    }

    private init(
        _ configuration: Configuration, database: PostgresConnection, looksOften: Bool, readsClocks: Bool,
        now: @escaping Now
    ) throws(SetupError) {
        self.configuration = configuration
        self.now = now
        let spoken: [Plane] = readsClocks ? [.proxmox, .agents, .publicDNS, .internalDNS, .velocity] : []
        let clocks = Dictionary(uniqueKeysWithValues: spoken.map { ($0, ServiceClocks(now: now)) })
        self.clocks = clocks
        self.database = database
        webhookClient = configuration.discord == nil ? nil : HTTPClient()
        let proxmox = try Installation.proxmox(configuration.proxmox, clocks[.proxmox], now: now)
        let publicZone = try Installation.publicZone(
            configuration.dns, clocks[.publicDNS], sparesQuota: looksOften, now: now)
        let internalZone = try Installation.internalZone(configuration.dns, clocks[.internalDNS], now: now)
        let velocity = try Installation.velocity(configuration.velocity, clocks[.velocity], now: now)
        self.proxmox = proxmox?.observer
        self.publicZone = publicZone?.observer
        self.internalZone = internalZone?.observer
        self.velocity = velocity?.observer
        edgeHands = EdgeHands(
            publicZone: publicZone?.writer, internalZone: internalZone?.writer, velocity: velocity?.writer)
        clients = [proxmox?.client, publicZone?.client, internalZone?.client, velocity?.client].compactMap(\.self)
        agentClients = configuration.agents.map {
            AgentClients(concurrency: $0.concurrency, clocks: clocks[.agents])
        }
        agents = try Installation.agents(configuration, agentClients, now: now)
        (redis, queues) = try Installation.queues(configuration.queues, now: now)
    }

    /// An installation with the clock that its rounds go by.
    package static func timed(
        _ configuration: Configuration, looksOften: Bool = false,
        clocks: @escaping DatabaseClock.Clocks = DatabaseClock.ofThisMachine
    ) throws(SetupError) -> (clock: DatabaseClock, installation: Installation) {
        let database = try Installation.database(configuration.postgres)
        let clock = DatabaseClock(
            DesiredStateReader(database), patience: configuration.postgres.timeout, clocks: clocks)
        let installation = try Installation(
            configuration, database: database, looksOften: looksOften, readsClocks: false, now: clock.now)
        return (clock, installation)
    }

    /// Where a job is at this moment.
    func place(of job: JobReference) async -> Observed<[QueueReading.Place]> {
        await queues?.place(of: job) ?? .unknown(.notRead)
    }

    /// Closes what is open.
    package func close() async {
        await database.close()
        await redis?.close()
        clients.forEach { $0.shutdown() }
        agentClients?.shutdown()
        webhookClient?.shutdown()
    }

    package static func database(_ postgres: Configuration.Postgres) throws(SetupError) -> PostgresConnection {
        var password: Secret<String>?
        if let source = postgres.password { password = try secret(source, "postgres.password") }
        do throws(PostgresError) {
            return try PostgresConnection(PostgresTarget(url: postgres.url), password: password)
        } catch {
            throw SetupError(description: "postgres.url: \(error)")
        }
    }
}
