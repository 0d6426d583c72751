import Core

extension Configuration.DNS {
    init(_ map: MapReader, folder: String) {
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
    init?(_ map: MapReader, folder: String) {
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
    init?(_ map: MapReader, folder: String) {
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
