import Core

extension Configuration.Velocity {
    init?(_ map: MapReader, folder: String) {
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
    init?(_ map: MapReader, redis: Configuration.Redis?, hasRedis: Bool, folder: String) {
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
    init?(_ map: MapReader, folder: String) {
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
    init?(_ map: MapReader, folder: String) {
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
        // Brackets belong to the writing of an IPv6 address beside a port; who listens is given the address itself.
        let isBracketed = parts.host.hasPrefix("[") && parts.host.hasSuffix("]")
        host = isBracketed ? String(parts.host.dropFirst().dropLast()) : parts.host
        self.port = port
    }
}
