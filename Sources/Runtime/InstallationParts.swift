import Core
import Curl
import Platform
import Redis
import Settings

// Each plane's clients, from its part of the configuration. Nil for a plane that is not configured.

extension Installation {
    struct ProxmoxParts {
        let observer: ProxmoxObserver
        let client: HTTPClient
    }

    /// A zone or the proxy: who looks at it, and who writes there.
    struct EdgeParts<Observer, Writer> {
        let observer: Observer
        let writer: Writer
        let client: HTTPClient
    }

    static func proxmox(
        _ proxmox: Configuration.Proxmox?, _ clocks: ServiceClocks?, now: @escaping Now
    ) throws(SetupError) -> ProxmoxParts? {
        guard let proxmox else { return nil }
        let token = try secret(proxmox.token, "proxmox.token")
        guard ProxmoxTokenForm.accepts(token) else {
            throw SetupError(description: "proxmox.token (\(proxmox.token)) \(ProxmoxTokenForm.words)")
        }
        let client = HTTPClient(trust: try trust(proxmox.tls), clocks: clocks)
        return ProxmoxParts(
            observer: ProxmoxObserver(
                urls: proxmox.urls.map(\.text), token: token, timeout: proxmox.timeout, client: client, now: now),
            client: client)
    }

    /// - Parameter sparesQuota: whether looks and writes are counted against the shares of Cloudflare's quota that a daemon may use.
    static func publicZone(
        _ dns: Configuration.DNS?, _ clocks: ServiceClocks?, sparesQuota: Bool, now: @escaping Now
    ) throws(SetupError) -> EdgeParts<CloudflareObserver, CloudflareWriter>? {
        guard let dns, let zone = dns.zone, let part = dns.public else { return nil }
        let token = try secret(part.token, "dns.public.token")
        let client = HTTPClient(clocks: clocks)
        let circuit = CloudflareCircuit()
        return EdgeParts(
            observer: CloudflareObserver(
                url: part.url.text, zoneID: part.zoneID, zone: zone, token: token, timeout: part.timeout,
                client: client, allowance: sparesQuota ? .cloudflare() : nil, circuit: circuit, now: now),
            writer: CloudflareWriter(
                url: part.url.text, zoneID: part.zoneID, zone: zone, token: token, client: client,
                allowance: sparesQuota ? .cloudflareRepairs() : nil, circuit: circuit),
            client: client)
    }

    static func internalZone(
        _ dns: Configuration.DNS?, _ clocks: ServiceClocks?, now: @escaping Now
    ) throws(SetupError) -> EdgeParts<TechnitiumObserver, TechnitiumWriter>? {
        guard let dns, let zone = dns.zone, let part = dns.internal else { return nil }
        let token = try secret(part.token, "dns.internal.token")
        let client = HTTPClient(clocks: clocks)
        return EdgeParts(
            observer: TechnitiumObserver(
                url: part.url.text, zone: zone, token: token, timeout: part.timeout, client: client, now: now),
            writer: TechnitiumWriter(url: part.url.text, zone: zone, token: token, client: client), client: client)
    }

    static func velocity(
        _ proxy: Configuration.Velocity?, _ clocks: ServiceClocks?, now: @escaping Now
    ) throws(SetupError) -> EdgeParts<VelocityObserver, VelocityWriter>? {
        guard let proxy else { return nil }
        let secret = try Self.secret(proxy.secret, "velocity.secret")
        let client = HTTPClient(clocks: clocks)
        return EdgeParts(
            observer: VelocityObserver(
                url: proxy.url.text, secret: secret, timeout: proxy.timeout, client: client, now: now),
            writer: VelocityWriter(url: proxy.url.text, secret: secret, client: client), client: client)
    }

    static func agents(
        _ configuration: Configuration, _ clients: AgentClients?, now: @escaping Now
    ) throws(SetupError) -> AgentObserver? {
        guard let agents = configuration.agents, let clients else { return nil }
        let networks = agents.networks
        return AgentObserver(
            scheme: agents.scheme.rawValue, port: agents.port, token: try secret(agents.token, "agents.token"),
            mayAsk: { address in networks.contains { $0.contains(address) } }, timeout: agents.timeout,
            concurrency: agents.concurrency, clients: clients, now: now)
    }

    static func queues(
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

    static func secret(_ source: SecretSource, _ key: String) throws(SetupError) -> Secret<String> {
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
