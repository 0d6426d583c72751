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
        self.configuration = configuration
        self.now = now
        let spoken: [Plane] = readsClocks ? [.proxmox, .agents, .publicDNS, .internalDNS, .velocity] : []
        let clocks = Dictionary(uniqueKeysWithValues: spoken.map { ($0, ServiceClocks(now: now)) })
        self.clocks = clocks
        database = try Installation.database(configuration.postgres)
        webhookClient = configuration.discord == nil ? nil : HTTPClient()
        var clients: [HTTPClient] = []
        let publicHand: CloudflareWriter?
        let internalHand: TechnitiumWriter?
        let proxyHand: VelocityWriter?
        if let proxmox = configuration.proxmox {
            let client = HTTPClient(trust: try Installation.trust(proxmox.tls), clocks: clocks[.proxmox])
            clients.append(client)
            let token = try Installation.secret(proxmox.token, "proxmox.token")
            guard ProxmoxTokenForm.accepts(token) else {
                throw SetupError(description: "proxmox.token (\(proxmox.token)) \(ProxmoxTokenForm.words)")
            }
            self.proxmox = ProxmoxObserver(
                urls: proxmox.urls.map(\.text), token: token,
                timeout: proxmox.timeout, client: client, now: now)
        } else {
            proxmox = nil
        }
        if let dns = configuration.dns, let zone = dns.zone, let part = dns.public {
            let client = HTTPClient(clocks: clocks[.publicDNS])
            clients.append(client)
            let token = try Installation.secret(part.token, "dns.public.token")
            let looking: CallAllowance? = looksOften ? .cloudflare() : nil
            let mending: CallAllowance? = looksOften ? .cloudflareRepairs() : nil
            let circuit = CloudflareCircuit()
            publicZone = CloudflareObserver(
                url: part.url.text, zoneID: part.zoneID, zone: zone, token: token, timeout: part.timeout,
                client: client, allowance: looking, circuit: circuit, now: now)
            publicHand = CloudflareWriter(
                url: part.url.text, zoneID: part.zoneID, zone: zone, token: token, client: client,
                allowance: mending, circuit: circuit)
        } else {
            (publicZone, publicHand) = (nil, nil)
        }
        if let dns = configuration.dns, let zone = dns.zone, let part = dns.internal {
            let client = HTTPClient(clocks: clocks[.internalDNS])
            clients.append(client)
            let token = try Installation.secret(part.token, "dns.internal.token")
            internalZone = TechnitiumObserver(
                url: part.url.text, zone: zone, token: token, timeout: part.timeout, client: client, now: now)
            internalHand = TechnitiumWriter(url: part.url.text, zone: zone, token: token, client: client)
        } else {
            (internalZone, internalHand) = (nil, nil)
        }
        agentClients = configuration.agents.map {
            AgentClients(concurrency: $0.concurrency, clocks: clocks[.agents])
        }
        agents = try Installation.agents(configuration, agentClients, now: now)
        if let proxy = configuration.velocity {
            let client = HTTPClient(clocks: clocks[.velocity])
            clients.append(client)
            let secret = try Installation.secret(proxy.secret, "velocity.secret")
            velocity = VelocityObserver(
                url: proxy.url.text, secret: secret, timeout: proxy.timeout, client: client, now: now)
            proxyHand = VelocityWriter(url: proxy.url.text, secret: secret, client: client)
        } else {
            (velocity, proxyHand) = (nil, nil)
        }
        edgeHands = EdgeHands(publicZone: publicHand, internalZone: internalHand, velocity: proxyHand)
        (redis, queues) = try Installation.queues(configuration.queues, now: now)
        self.clients = clients
    }

    private static func agents(
        _ configuration: Configuration, _ clients: AgentClients?, now: @escaping Now
    ) throws(SetupError) -> AgentObserver? {
        guard let agents = configuration.agents, let clients else { return nil }
        let networks = agents.networks
        return AgentObserver(
            scheme: agents.scheme.rawValue, port: agents.port, token: try secret(agents.token, "agents.token"),
            mayAsk: { address in networks.contains { $0.contains(address) } }, timeout: agents.timeout,
            concurrency: agents.concurrency, clients: clients, now: now)
    }

    private static func queues(
        _ queues: Configuration.Queues?, now: @escaping Now
    ) throws(SetupError) -> (RedisConnection?, QueueObserver?) {
        guard let queues else { return (nil, nil) }
        var password: Secret<String>?
        if let source = queues.password { password = try secret(source, "queues.password") }
        let target = RedisTarget(
            host: queues.url.host, port: queues.url.port, database: queues.url.database, user: queues.url.user)
        do throws(RedisError) {
            let connection = try RedisConnection(target, password: password)
            return (
                connection,
                QueueObserver(
                    connection: connection, prefix: queues.prefix, names: queues.names, timeout: queues.timeout,
                    now: now)
            )
        } catch {
            throw SetupError(description: "queues: \(error)")
        }
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

    private static func secret(_ source: SecretSource, _ key: String) throws(SetupError) -> Secret<String> {
        do throws(SecretError) {
            return try source.resolve()
        } catch {
            throw SetupError(description: "\(key): \(error)")
        }
    }

    private static func trust(_ tls: Configuration.Proxmox.TLS) throws(SetupError) -> HTTPTrust {
        guard let text = tls.fingerprint else { return HTTPTrust(verify: tls.verify, ca: tls.ca, fingerprint: nil) }
        guard let fingerprint = CertificateFingerprint(text) else {
            throw SetupError(description: "proxmox.tls.fingerprint is no SHA-256 fingerprint such as AA:BB:…")
        }
        return HTTPTrust(verify: tls.verify, ca: tls.ca, fingerprint: fingerprint)
    }
}
