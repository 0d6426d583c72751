package import Core
package import World

/// How the laboratory behaves where installations differ.
package struct LabOptions: Sendable {
    /// How Proxmox writes its errors: the text went into the body with 8.4.
    package enum Dialect: String, CaseIterable, Sendable {
        case v8_3 = "8.3"
        case v9_1 = "9.1"
    }

    /// How many nodes listen, the first ones of the cluster first.
    package var proxmoxEndpoints = 1
    package var dialect = Dialect.v9_1
    /// What `GET /version` says; nil is what goes with the dialect.
    package var proxmoxVersion: String?
    /// How long every 401 of Proxmox takes; 3 s in reality.
    package var unauthorizedDelay: Duration = .zero
    /// After how many seconds Proxmox closes an idle connection; 5 in reality.
    package var idleSeconds: Int64 = 5
    /// After how many requests Proxmox closes a connection.
    package var requestsPerConnection = 100
    /// Cloudflare's limit: requests per five minutes.
    package var requestsPerWindow = 1200
    package var sendsRateLimitHeaders = true
    package var cloudflareToken = "lab-cloudflare-token-0123456789abcdefghi"
    package var technitiumToken = "lab-technitium-token-0123456789abcdef"
    package var technitiumVersion = "15.2"
    /// Nil makes it the token of a login.
    package var technitiumTokenName: String? = "controller"
    package var technitiumTokenAdministers = false
    package var agentVersion = "1.9.2"
    /// Agents of before they told what they work on.
    package var agentsAreOld = false
    package var agentToken = "lab-agent-token-0123456789abcdefghijklmn"
    /// What the bridge and whoever asks it share.
    package var velocitySecret = "lab-velocity-secret"
    package var webhooks = [
        DiscordHouse.Webhook(id: "1200000000000000001", token: "lab-webhook-token-0123456789", name: "alerts")
    ]
    /// What time it is.
    package var now: Now = LabClock.now

    package init() {}
}
